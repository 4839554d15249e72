// A condition wait, for pthread_cond_t and the C11 cnd_t: it releases its mutex and acquires it again without ever calling the
// functions that do so. Both are noted here, around the real wait.
#pragma once

#include "instrument/preload/cancellation.hpp"
#include "instrument/preload/mutex_steps.hpp"

namespace interlock::preload {

/// What a wait keeps from its beginning to its end.
struct condition_wait {
    object_id condition{};
    object_id mutex{};
    bool released = false;      // the hold below was taken out of the book
    format::held_entry hold{};  // as it was, with its depth
};

object_id identify_condition(agent& self, const volatile void* condition, const call_point& from) noexcept;

/// Before the real wait: condition_wait, the release of the mutex, the dependency of its coming re-acquisition, the want.
void begin_condition_wait(agent& self, condition_wait& wait, pthread_mutex_t* mutex, std::uint8_t flags,
                          const call_point& from) noexcept;

/// After it: the mutex is held again unless `error` is ENOTRECOVERABLE. ETIMEDOUT, or ECANCELED for a cancelled wait: gave up.
void end_condition_wait(agent& self, const condition_wait& wait, pthread_mutex_t* mutex, int error,
                        const call_point& from) noexcept;

/// `identify(self)` gives the condition's object, `real_wait()` returns 0 or an error number.
template <typename Identify, typename Real>
__attribute__((always_inline)) inline int wait_on_condition(Identify identify, pthread_mutex_t* mutex,
                                                            std::uint8_t flags, const call_point& from,
                                                            Real real_wait) {
    condition_wait wait;
    note(from, [&](agent& self) {
        wait.condition = identify(self);
        begin_condition_wait(self, wait, mutex, flags, from);
    });
    if (wait.condition == object_id::none) return real_wait();
    auto end = [&](int error) { note(from, [&](agent& self) { end_condition_wait(self, wait, mutex, error, from); }); };
    auto cancelled = [&] { end(ECANCELED); };
    const int result = wait_cancellable(real_wait, cancelled);
    end(result);
    return result;
}

/// A pthread_cond_t or a cnd_t.
template <typename Real>
__attribute__((always_inline)) inline int wait_on_condition_at(const volatile void* condition, pthread_mutex_t* mutex,
                                                               std::uint8_t flags, const call_point& from,
                                                               Real real_wait) {
    auto identify = [&](agent& self) {
        note_sharing(static_cast<const pthread_cond_t*>(const_cast<const void*>(condition)));  // a cnd_t is one inside
        return identify_condition(self, condition, from);
    };
    return wait_on_condition(identify, mutex, flags, from, real_wait);
}

/// A wait whose mutex is not known: only that it waits, and that it was woken (`error` 0) or gave up.
void begin_bare_wait(agent& self, object_id condition, bool timed, const call_point& from) noexcept;
void end_bare_wait(agent& self, object_id condition, int error, const call_point& from) noexcept;

/// A notification, before it takes effect.
void tell_notify(agent& self, object_id condition, format::event_kind kind, const call_point& from) noexcept;

/// notify_one or notify_all, before the real call.
void note_notify(const volatile void* condition, format::event_kind kind, const call_point& from) noexcept;

}  // namespace interlock::preload
