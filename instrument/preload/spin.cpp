// pthread_spin_*. A spin lock has no byte to spare: its identity is its address in the side table, a new life with each init.
#include <type_traits>

#include "instrument/preload/lock_steps.hpp"

namespace interlock::preload {
namespace {

using namespace format::lock_flags;

const volatile void* key_of(pthread_spinlock_t* lock) noexcept { return const_cast<const int*>(lock); }

/// On x86-64 a free spin lock is 1.
std::uint8_t busy_flag(const pthread_spinlock_t* lock) noexcept {
    return __atomic_load_n(lock, __ATOMIC_RELAXED) != 1 ? contended : std::uint8_t{0};
}

/// What lock_steps.hpp asks of a kind of lock.
struct spin_kind {
    using type = volatile int;
    static_assert(std::is_same_v<pthread_spinlock_t, type>);

    static bool looks_free(const pthread_spinlock_t* lock, std::uint8_t) noexcept {
        return preload::busy_flag(lock) == 0;
    }
    static int try_acquire(pthread_spinlock_t* lock, std::uint8_t) { return real().pthread_spin_trylock(lock); }
    static bool identify_at_once(agent& self, pthread_spinlock_t* lock, object_id& id) noexcept {
        id = recorder::known_aside(self, key_of(lock));
        return id != object_id::none;
    }
    static object_id identify(agent& self, pthread_spinlock_t* lock, const call_point& from) noexcept {
        return recorder::identify(self, key_of(lock), format::object_type::spinlock, from);
    }
    static std::uint32_t draw(const agent& self, pthread_spinlock_t*, object_id id) noexcept {
        return draw_of(self, id);
    }
    static std::uint32_t draw_at_once(pthread_spinlock_t*, object_id id) noexcept {
        return recorder::draw(recorder::process.objects[id]);
    }
    static bool releases_unasked(const pthread_spinlock_t*) noexcept { return true; }
    static std::uint8_t busy_flag(const pthread_spinlock_t* lock, std::uint8_t) noexcept {
        return preload::busy_flag(lock);
    }
    static bool is_held_by_right(const pthread_spinlock_t* lock, bool known) noexcept {
        return !known && preload::busy_flag(lock) != 0;
    }
};

}  // namespace

INTERLOCK_HOOK int pthread_spin_lock(pthread_spinlock_t* spinlock) {
    return lock<spin_kind, 0>(spinlock, [](pthread_spinlock_t* l) { return real().pthread_spin_lock(l); });
}

INTERLOCK_HOOK int pthread_spin_trylock(pthread_spinlock_t* spinlock) {
    return lock<spin_kind, attempt>(spinlock, [](pthread_spinlock_t* l) { return real().pthread_spin_trylock(l); });
}

INTERLOCK_HOOK int pthread_spin_unlock(pthread_spinlock_t* spinlock) {
    return unlock<spin_kind>(spinlock, [](pthread_spinlock_t* l) { return real().pthread_spin_unlock(l); });
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
