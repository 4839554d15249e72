// pthread_cond_*: what std::condition_variable comes to.
#include "instrument/preload/condition_steps.hpp"

#include "instrument/recorder/waits.hpp"

namespace interlock::preload {

using namespace format::lock_flags;
using format::event_kind;

object_id identify_condition(agent& self, const volatile void* condition, const call_point& from) noexcept {
    return recorder::identify(self, condition, format::object_type::condition, from);
}

namespace {

std::uint32_t draw_unowned(const agent& self, object_id id) noexcept {
    return self.full ? recorder::draw(recorder::process.objects[id]) : 0;
}

/// Takes the hold out of the book whatever its depth: a wait releases a recursive mutex only at depth one, but glibc lets it.
void release_for_wait(agent& self, condition_wait& wait, pthread_mutex_t* mutex,
                      const recorder::site_entry& site) noexcept {
    const std::uint32_t index = recorder::find_hold(self, wait.mutex);
    if (index == recorder::none_held) return;
    recorder::notify_observer(recorder::observation::releasing, self, wait.mutex, by_condition);
    const std::uint32_t sequence = mutex_kind::draw(self, mutex, wait.mutex);
    wait.hold = self.hold(index);
    wait.released = true;
    recorder::remove_hold(self, index);
    if (self.full)
        recorder::write(self, event_kind::release, by_condition, site.id, format::number(wait.mutex), sequence);
}

}  // namespace

void begin_condition_wait(agent& self, condition_wait& wait, pthread_mutex_t* mutex, std::uint8_t flags,
                          const call_point& from) noexcept {
    wait.mutex = recorder::identify(self, mutex, from);
    if (wait.mutex == object_id::none) wait.condition = object_id::none;
    if (wait.condition == object_id::none) return;
    const recorder::site_entry& site = recorder::find_site(self, from);
    if (self.full) {
        const format::wait_payload payload{wait.mutex, flags};
        recorder::write_wide(self, event_kind::condition_wait, flags, site.id, format::number(wait.condition),
                             draw_unowned(self, wait.condition), format::encode(payload));
    }
    release_for_wait(self, wait, mutex, site);
    // A timed wait gives up waiting for the condition, never for its mutex.
    if (wait.released) recorder::note_dependency(self, wait.mutex, by_condition, from, site);
    self.page->want_mutex = wait.released ? format::hold_word(wait.mutex, 0, 1) : 0;
    recorder::set_blocking_want(self, wait.condition, flags, event_kind::condition_wait, from);
}

void end_condition_wait(agent& self, const condition_wait& wait, pthread_mutex_t* mutex, int error,
                        const call_point& from) noexcept {
    const recorder::site_entry& site = recorder::find_site(self, from);
    if (self.full) {
        const bool woken = error == 0 || error == EOWNERDEAD;
        recorder::write(self, woken ? event_kind::condition_wake : event_kind::condition_timed_out, 0, site.id,
                        format::number(wait.condition), draw_unowned(self, wait.condition));
    }
    recorder::notify_observer(recorder::observation::signalled, self, wait.condition, 0);
    if (wait.released && error != ENOTRECOVERABLE) {
        recorder::restore_hold(self, wait.hold);
        if (self.full)
            recorder::write(self, event_kind::acquire, by_condition, site.id, format::number(wait.mutex),
                            mutex_kind::draw(self, mutex, wait.mutex));
        recorder::notify_observer(recorder::observation::acquired, self, wait.mutex, by_condition);
    }
    recorder::clear_want(self);
    if (error == EOWNERDEAD) recorder::write(self, event_kind::owner_died, 0, {}, format::number(wait.mutex), 0);
}

void begin_bare_wait(agent& self, object_id condition, bool timed_wait, const call_point& from) noexcept {
    const std::uint8_t flags = timed_wait ? timed : std::uint8_t{0};
    if (self.full)
        recorder::write_wide(self, event_kind::condition_wait, flags, recorder::find_site(self, from).id,
                             format::number(condition), draw_unowned(self, condition),
                             format::encode(format::wait_payload{object_id::none, flags}));
    self.page->want_mutex = 0;
    recorder::set_blocking_want(self, condition, flags, event_kind::condition_wait, from);
}

void end_bare_wait(agent& self, object_id condition, int error, const call_point& from) noexcept {
    if (self.full)
        recorder::write(self, error == 0 ? event_kind::condition_wake : event_kind::condition_timed_out, 0,
                        recorder::find_site(self, from).id, format::number(condition), draw_unowned(self, condition));
    recorder::notify_observer(recorder::observation::signalled, self, condition, 0);
    recorder::clear_want(self);
}

void tell_notify(agent& self, object_id condition, event_kind kind, const call_point& from) noexcept {
    recorder::notify_observer(recorder::observation::signalling, self, condition, 0, from.site);
    if (self.full)
        recorder::write(self, kind, 0, recorder::find_site(self, from).id, format::number(condition),
                        draw_unowned(self, condition));
}

void note_notify(const volatile void* condition, event_kind kind, const call_point& from) noexcept {
    note(from, [&](agent& self) {
        if (!self.full && recorder::observer.load(std::memory_order_relaxed) == nullptr) return;
        const object_id id = identify_condition(self, condition, from);
        if (id != object_id::none) tell_notify(self, id, kind, from);
    });
}

INTERLOCK_HOOK int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
    return wait_on_condition_at(condition, mutex, 0, here(),
                                [&] { return real().pthread_cond_wait(condition, mutex); });
}

INTERLOCK_HOOK int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until) {
    return wait_on_condition_at(condition, mutex, timed, here(),
                                [&] { return real().pthread_cond_timedwait(condition, mutex, until); });
}

INTERLOCK_HOOK int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                                          const timespec* until) {
    return wait_on_condition_at(condition, mutex, timed, here(),
                                [&] { return real().pthread_cond_clockwait(condition, mutex, clock, until); });
}

INTERLOCK_HOOK int pthread_cond_signal(pthread_cond_t* condition) {
    note_notify(condition, event_kind::notify_one, here());
    return real().pthread_cond_signal(condition);
}

INTERLOCK_HOOK int pthread_cond_broadcast(pthread_cond_t* condition) {
    note_notify(condition, event_kind::notify_all, here());
    return real().pthread_cond_broadcast(condition);
}

INTERLOCK_HOOK int pthread_cond_init(pthread_cond_t* condition, const pthread_condattr_t* attributes) {
    const call_point from = here();
    const int result = real().pthread_cond_init(condition, attributes);
    if (result == 0)
        note(from, [&](agent& self) { recorder::begin_life(self, condition, format::object_type::condition, from); });
    return result;
}

INTERLOCK_HOOK int pthread_cond_destroy(pthread_cond_t* condition) {
    const call_point from = here();
    // Before the real call, which may wait for waiters to leave; afterwards the memory may be another thread's.
    note(from, [&](agent& self) { recorder::end_life(self, recorder::known(condition), condition, from); });
    return real().pthread_cond_destroy(condition);
}

}  // namespace interlock::preload
