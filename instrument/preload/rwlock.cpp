// pthread_rwlock_*: what std::shared_mutex and std::shared_timed_mutex come to.
#include "instrument/preload/lock_steps.hpp"

namespace interlock::preload {
namespace {

using namespace format::lock_flags;

// glibc's `__readers`: bit 0 the phase, bit 1 a writer has it or is next, from bit 3 on the number of readers.
constexpr unsigned writer_bit = 2;
constexpr unsigned readers_shift = 3;

std::uint8_t busy_flag(const pthread_rwlock_t* lock, std::uint8_t mode) noexcept {
    const unsigned word = __atomic_load_n(&lock->__data.__readers, __ATOMIC_RELAXED);
    const bool busy = (word & writer_bit) != 0 || ((mode & shared) == 0 && word >> readers_shift != 0);
    return busy ? contended : std::uint8_t{0};
}

/// A blocking request of the exclusive mode by an agent that has the shared one can never be granted.
void note_upgrade(agent& self, object_id id, std::uint8_t flags, const call_point& from) noexcept {
    if ((flags & (shared | attempt)) != 0 || self.held_count() == 0) return;
    const std::uint32_t index = recorder::find_hold(self, id);
    if (index == recorder::none_held || (format::hold_flags(self.hold(index).lead) & shared) == 0) return;
    recorder::write(self, format::event_kind::upgrade_request, flags, recorder::find_site(self, from).id,
                    format::number(id), 0);
}

template <typename Real>
__attribute__((always_inline)) inline int lock(pthread_rwlock_t* lock, std::uint8_t flags, const call_point& from,
                                               Real real_lock) {
    return acquire(
        flags, from,
        [&](agent& self) {
            const object_id id = recorder::identify(self, lock, from);
            if (id != object_id::none) note_upgrade(self, id, flags, from);
            return id;
        },
        [&] { return busy_flag(lock, flags); }, real_lock);
}

}  // namespace

INTERLOCK_HOOK int pthread_rwlock_rdlock(pthread_rwlock_t* rwlock) {
    return lock(rwlock, shared, here(), [&] { return real().pthread_rwlock_rdlock(rwlock); });
}

INTERLOCK_HOOK int pthread_rwlock_tryrdlock(pthread_rwlock_t* rwlock) {
    return lock(rwlock, shared | attempt, here(), [&] { return real().pthread_rwlock_tryrdlock(rwlock); });
}

INTERLOCK_HOOK int pthread_rwlock_timedrdlock(pthread_rwlock_t* rwlock, const timespec* until) {
    return lock(rwlock, shared | timed, here(), [&] { return real().pthread_rwlock_timedrdlock(rwlock, until); });
}

INTERLOCK_HOOK int pthread_rwlock_clockrdlock(pthread_rwlock_t* rwlock, clockid_t clock, const timespec* until) {
    return lock(rwlock, shared | timed, here(),
                [&] { return real().pthread_rwlock_clockrdlock(rwlock, clock, until); });
}

INTERLOCK_HOOK int pthread_rwlock_wrlock(pthread_rwlock_t* rwlock) {
    return lock(rwlock, 0, here(), [&] { return real().pthread_rwlock_wrlock(rwlock); });
}

INTERLOCK_HOOK int pthread_rwlock_trywrlock(pthread_rwlock_t* rwlock) {
    return lock(rwlock, attempt, here(), [&] { return real().pthread_rwlock_trywrlock(rwlock); });
}

INTERLOCK_HOOK int pthread_rwlock_timedwrlock(pthread_rwlock_t* rwlock, const timespec* until) {
    return lock(rwlock, timed, here(), [&] { return real().pthread_rwlock_timedwrlock(rwlock, until); });
}

INTERLOCK_HOOK int pthread_rwlock_clockwrlock(pthread_rwlock_t* rwlock, clockid_t clock, const timespec* until) {
    return lock(rwlock, timed, here(), [&] { return real().pthread_rwlock_clockwrlock(rwlock, clock, until); });
}

INTERLOCK_HOOK int pthread_rwlock_unlock(pthread_rwlock_t* rwlock) {
    const call_point from = here();
    return release(
        from, [&](agent& self) { return recorder::identify(self, rwlock, from); },
        [&] { return real().pthread_rwlock_unlock(rwlock); });
}

INTERLOCK_HOOK int pthread_rwlock_init(pthread_rwlock_t* rwlock, const pthread_rwlockattr_t* attributes) {
    const call_point from = here();
    note(from, [&](agent& self) { recorder::about_to_init(self, recorder::known(rwlock), from); });
    const int result = real().pthread_rwlock_init(rwlock, attributes);
    if (result == 0) note(from, [&](agent& self) { recorder::begin_life(self, rwlock, from); });
    return result;
}

INTERLOCK_HOOK int pthread_rwlock_destroy(pthread_rwlock_t* rwlock) {
    const call_point from = here();
    object_id id{};
    note(from, [&](agent& self) {
        id = recorder::known(rwlock);
        if (busy_flag(rwlock, 0) != 0) recorder::about_to_destroy(self, id, from);
    });
    const int result = real().pthread_rwlock_destroy(rwlock);
    if (result == 0) note(from, [&](agent& self) { recorder::end_life(self, id, rwlock, from); });
    return result;
}

}  // namespace interlock::preload
