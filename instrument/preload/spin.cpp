// pthread_spin_*. A spin lock has no byte to spare: its identity is its address in the side table, a new life with each init.
#include "instrument/preload/lock_steps.hpp"

namespace interlock::preload {
namespace {

using namespace format::lock_flags;

const volatile void* key_of(pthread_spinlock_t* lock) noexcept { return const_cast<const int*>(lock); }

/// On x86-64 a free spin lock is 1.
std::uint8_t busy_flag(const pthread_spinlock_t* lock) noexcept {
    return __atomic_load_n(lock, __ATOMIC_RELAXED) != 1 ? contended : std::uint8_t{0};
}

template <typename Real>
__attribute__((always_inline)) inline int lock(pthread_spinlock_t* lock, std::uint8_t flags, const call_point& from,
                                               Real real_lock) {
    return acquire(
        flags, from,
        [&](agent& self) { return recorder::identify(self, key_of(lock), format::object_type::spinlock, from); },
        [&] { return busy_flag(lock); }, real_lock);
}

}  // namespace

INTERLOCK_HOOK int pthread_spin_lock(pthread_spinlock_t* spinlock) {
    return lock(spinlock, 0, here(), [&] { return real().pthread_spin_lock(spinlock); });
}

INTERLOCK_HOOK int pthread_spin_trylock(pthread_spinlock_t* spinlock) {
    return lock(spinlock, attempt, here(), [&] { return real().pthread_spin_trylock(spinlock); });
}

INTERLOCK_HOOK int pthread_spin_unlock(pthread_spinlock_t* spinlock) {
    const call_point from = here();
    return release(
        from,
        [&](agent& self) { return recorder::identify(self, key_of(spinlock), format::object_type::spinlock, from); },
        [&] { return real().pthread_spin_unlock(spinlock); });
}

INTERLOCK_HOOK int pthread_spin_init(pthread_spinlock_t* spinlock, int shared_between_processes) {
    const call_point from = here();
    note(from, [&](agent& self) { recorder::about_to_init(self, recorder::known(key_of(spinlock)), from); });
    const int result = real().pthread_spin_init(spinlock, shared_between_processes);
    if (result == 0)
        note(from,
             [&](agent& self) { recorder::begin_life(self, key_of(spinlock), format::object_type::spinlock, from); });
    return result;
}

INTERLOCK_HOOK int pthread_spin_destroy(pthread_spinlock_t* spinlock) {
    const call_point from = here();
    object_id id{};
    note(from, [&](agent& self) {
        id = recorder::known(key_of(spinlock));
        if (busy_flag(spinlock) != 0) recorder::about_to_destroy(self, id, from);
    });
    const int result = real().pthread_spin_destroy(spinlock);
    if (result == 0) note(from, [&](agent& self) { recorder::end_life(self, id, key_of(spinlock), from); });
    return result;
}

}  // namespace interlock::preload
