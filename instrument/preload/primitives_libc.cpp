// libc's own functions for interlock's primitives, which tell the recorder themselves; and conditions, whose waits are told here.
#include "instrument/preload/condition_steps.hpp"
#include "instrument/recorder/declared.hpp"

namespace interlock::preload {
namespace {

using format::event_kind;

/// Every other wait of a thread is spurious, where that is asked for.
constinit thread_local bool woken_spuriously = false;

/// `mutex`: what the waiter holds for it; nullptr: the lock it acquired last.
bool wakes_spuriously(interlock_object* object, pthread_mutex_t* mutex, const call_point& from) noexcept {
    if (__builtin_expect(!recorder::process.settings.spurious_wakeups, 1)) return false;
    woken_spuriously = !woken_spuriously;
    if (!woken_spuriously) return false;
    note(from, [&](agent& self) {
        const object_id id = recorder::identify(self, *object, from);
        if (id == object_id::none) return;
        const format::access_payload place{recorder::process.objects[id].address, 0,
                                           recorder::capture_stack(self, from)};
        const std::uint32_t held = self.held_count();
        const object_id guard = mutex != nullptr ? recorder::known(mutex)
                                : held == 0      ? object_id::none
                                                 : format::hold_object(self.hold(held - 1).lead);
        recorder::write_wide(self, event_kind::spurious_wake, 0, recorder::find_site(self, from).id, format::number(id),
                             format::number(guard), format::encode(place));
    });
    return true;
}

int wait_real(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock, const timespec* until) {
    if (until == nullptr) return real().pthread_cond_wait(condition, mutex);
    return real().pthread_cond_clockwait(condition, mutex, clock, until);
}

}  // namespace

INTERLOCK_HOOK int interlock_v1_condition_wait(interlock_object* object, pthread_cond_t* condition,
                                               pthread_mutex_t* mutex, clockid_t clock, const timespec* until) {
    const call_point from = here();
    const std::uint8_t flags = until == nullptr ? std::uint8_t{0} : std::uint8_t{format::lock_flags::timed};
    auto identify = [&](agent& self) { return recorder::identify(self, *object, from); };
    return wait_on_condition(identify, mutex, flags, from, [&] { return wait_real(condition, mutex, clock, until); });
}

INTERLOCK_HOOK int interlock_v1_condition_wait_any(interlock_object* object, pthread_cond_t* condition,
                                                   pthread_mutex_t* mutex, clockid_t clock, const timespec* until) {
    const call_point from = here();
    object_id id{};
    note(from, [&](agent& self) {
        id = recorder::identify(self, *object, from);
        if (id != object_id::none) begin_bare_wait(self, id, until != nullptr, from);
    });
    const int result = wait_real(condition, mutex, clock, until);
    if (id != object_id::none) note(from, [&](agent& self) { end_bare_wait(self, id, result, from); });
    return result;
}

INTERLOCK_HOOK bool interlock_v1_condition_wakes_spuriously(interlock_object* object, pthread_mutex_t* mutex) {
    return wakes_spuriously(object, mutex, here());
}

INTERLOCK_HOOK void interlock_v1_condition_notify(interlock_object* object, pthread_cond_t* condition, bool all) {
    const call_point from = here();
    note(from, [&](agent& self) {
        const object_id id = recorder::identify(self, *object, from);
        if (id != object_id::none) tell_notify(self, id, all ? event_kind::notify_all : event_kind::notify_one, from);
    });
    if (all)
        real().pthread_cond_broadcast(condition);
    else
        real().pthread_cond_signal(condition);
}

INTERLOCK_HOOK int interlock_v1_condition_destroy(pthread_cond_t* condition) {
    return real().pthread_cond_destroy(condition);
}

INTERLOCK_HOOK int interlock_v1_mutex_lock(pthread_mutex_t* mutex) { return real().pthread_mutex_lock(mutex); }

INTERLOCK_HOOK int interlock_v1_mutex_trylock(pthread_mutex_t* mutex) { return real().pthread_mutex_trylock(mutex); }

INTERLOCK_HOOK int interlock_v1_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock, const timespec* until) {
    return real().pthread_mutex_clocklock(mutex, clock, until);
}

INTERLOCK_HOOK int interlock_v1_mutex_unlock(pthread_mutex_t* mutex) { return real().pthread_mutex_unlock(mutex); }

INTERLOCK_HOOK int interlock_v1_rwlock_rdlock(pthread_rwlock_t* lock) { return real().pthread_rwlock_rdlock(lock); }

INTERLOCK_HOOK int interlock_v1_rwlock_tryrdlock(pthread_rwlock_t* lock) {
    return real().pthread_rwlock_tryrdlock(lock);
}

INTERLOCK_HOOK int interlock_v1_rwlock_clockrdlock(pthread_rwlock_t* lock, clockid_t clock, const timespec* until) {
    return real().pthread_rwlock_clockrdlock(lock, clock, until);
}

INTERLOCK_HOOK int interlock_v1_rwlock_wrlock(pthread_rwlock_t* lock) { return real().pthread_rwlock_wrlock(lock); }

INTERLOCK_HOOK int interlock_v1_rwlock_trywrlock(pthread_rwlock_t* lock) {
    return real().pthread_rwlock_trywrlock(lock);
}

INTERLOCK_HOOK int interlock_v1_rwlock_clockwrlock(pthread_rwlock_t* lock, clockid_t clock, const timespec* until) {
    return real().pthread_rwlock_clockwrlock(lock, clock, until);
}

INTERLOCK_HOOK int interlock_v1_rwlock_unlock(pthread_rwlock_t* lock) { return real().pthread_rwlock_unlock(lock); }

}  // namespace interlock::preload
