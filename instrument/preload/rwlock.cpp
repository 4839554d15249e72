// pthread_rwlock_*: what std::shared_mutex and std::shared_timed_mutex come to.
#include "instrument/preload/lock_steps.hpp"

namespace interlock::preload {
namespace {

using namespace format::lock_flags;

// glibc's `__readers`: bit 0 the phase, bit 1 a writer has it or is next, from bit 3 on the number of readers.
constexpr unsigned writer_bit = 2;
constexpr unsigned readers_shift = 3;

constexpr unsigned readers_waiting_bit = 4;

unsigned state_of(const pthread_rwlock_t* lock) noexcept {
    return __atomic_load_n(&lock->__data.__readers, __ATOMIC_RELAXED);
}

std::uint8_t busy_flag(const pthread_rwlock_t* lock, std::uint8_t mode) noexcept {
    const unsigned word = state_of(lock);
    const bool busy = (word & writer_bit) != 0 || ((mode & shared) == 0 && word >> readers_shift != 0);
    return busy ? contended : std::uint8_t{0};
}

/// What lock_steps.hpp asks of a kind of lock.
struct rwlock_kind {
    using type = pthread_rwlock_t;

    static bool looks_free(const pthread_rwlock_t* lock, std::uint8_t flags) noexcept {
        const unsigned word = state_of(lock);
        return (flags & shared) != 0 ? (word & (writer_bit | readers_waiting_bit)) == 0 : word <= 1;
    }
    static int try_acquire(pthread_rwlock_t* lock, std::uint8_t flags) {
        return (flags & shared) != 0 ? real().pthread_rwlock_tryrdlock(lock) : real().pthread_rwlock_trywrlock(lock);
    }
    /// Among several readers may be this agent, a second time.
    static bool identify_at_once(agent&, const pthread_rwlock_t* lock, object_id& id) noexcept {
        const std::uint64_t word = __atomic_load_n(&lock->__data.__pad2, __ATOMIC_RELAXED);
        id = object_id{static_cast<std::uint32_t>(word)};
        return recorder::is_stash_of(word, reinterpret_cast<std::uint64_t>(lock)) &&
               state_of(lock) >> readers_shift <= 1;
    }
    static object_id identify(agent& self, pthread_rwlock_t* lock, const call_point& from) noexcept {
        return recorder::identify(self, lock, from);
    }
    static std::uint32_t draw(const agent& self, pthread_rwlock_t*, object_id id) noexcept { return draw_of(self, id); }
    static std::uint32_t draw_at_once(pthread_rwlock_t*, object_id id) noexcept {
        return recorder::draw(recorder::process.objects[id]);
    }
    static bool releases_unasked(const pthread_rwlock_t*) noexcept { return true; }
    static std::uint8_t busy_flag(const pthread_rwlock_t* lock, std::uint8_t flags) noexcept {
        return preload::busy_flag(lock, flags);
    }
    static bool is_held_by_right(const pthread_rwlock_t* lock, bool known) noexcept {
        const int writer = __atomic_load_n(&lock->__data.__cur_writer, __ATOMIC_RELAXED);
        return writer != 0 ? writer == recorder::current_thread_id() : !known && state_of(lock) >> readers_shift != 0;
    }
};

}  // namespace

INTERLOCK_HOOK int pthread_rwlock_rdlock(pthread_rwlock_t* rwlock) {
    return lock<rwlock_kind, shared>(rwlock, [](pthread_rwlock_t* l) { return real().pthread_rwlock_rdlock(l); });
}

INTERLOCK_HOOK int pthread_rwlock_tryrdlock(pthread_rwlock_t* rwlock) {
    return lock<rwlock_kind, shared | attempt>(rwlock,
                                               [](pthread_rwlock_t* l) { return real().pthread_rwlock_tryrdlock(l); });
}

INTERLOCK_HOOK int pthread_rwlock_timedrdlock(pthread_rwlock_t* rwlock, const timespec* until) {
    return lock<rwlock_kind, shared | timed>(
        rwlock, [=](pthread_rwlock_t* l) { return real().pthread_rwlock_timedrdlock(l, until); });
}

INTERLOCK_HOOK int pthread_rwlock_clockrdlock(pthread_rwlock_t* rwlock, clockid_t clock, const timespec* until) {
    return lock<rwlock_kind, shared | timed>(
        rwlock, [=](pthread_rwlock_t* l) { return real().pthread_rwlock_clockrdlock(l, clock, until); });
}

INTERLOCK_HOOK int pthread_rwlock_wrlock(pthread_rwlock_t* rwlock) {
    return lock<rwlock_kind, 0>(rwlock, [](pthread_rwlock_t* l) { return real().pthread_rwlock_wrlock(l); });
}

INTERLOCK_HOOK int pthread_rwlock_trywrlock(pthread_rwlock_t* rwlock) {
    return lock<rwlock_kind, attempt>(rwlock, [](pthread_rwlock_t* l) { return real().pthread_rwlock_trywrlock(l); });
}

INTERLOCK_HOOK int pthread_rwlock_timedwrlock(pthread_rwlock_t* rwlock, const timespec* until) {
    return lock<rwlock_kind, timed>(rwlock,
                                    [=](pthread_rwlock_t* l) { return real().pthread_rwlock_timedwrlock(l, until); });
}

INTERLOCK_HOOK int pthread_rwlock_clockwrlock(pthread_rwlock_t* rwlock, clockid_t clock, const timespec* until) {
    return lock<rwlock_kind, timed>(
        rwlock, [=](pthread_rwlock_t* l) { return real().pthread_rwlock_clockwrlock(l, clock, until); });
}

INTERLOCK_HOOK int pthread_rwlock_unlock(pthread_rwlock_t* rwlock) {
    return unlock<rwlock_kind>(rwlock, [](pthread_rwlock_t* l) { return real().pthread_rwlock_unlock(l); });
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
