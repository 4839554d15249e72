// What each operation on a mutex notes, for pthread_mutex_t and for the C11 mtx_t, which is one inside.
#pragma once

#include "instrument/preload/lock_steps.hpp"

namespace interlock::preload {

/// What lock_steps.hpp asks of a kind of lock.
struct mutex_kind {
    using type = pthread_mutex_t;

    /// Free, and not robust, process-shared, eliding or with a priority: a plain one of any type.
    static bool looks_free(const pthread_mutex_t* mutex, std::uint8_t) noexcept {
        constexpr int type_or_no_elision = 3 | 512;  // glibc's PTHREAD_MUTEX_NO_ELISION_NP
        return (mutex->__data.__kind & ~type_or_no_elision) == 0 &&
               __atomic_load_n(&mutex->__data.__lock, __ATOMIC_RELAXED) == 0;
    }
    static int try_acquire(pthread_mutex_t* mutex, std::uint8_t) { return real_table.pthread_mutex_trylock(mutex); }
    static bool identify_at_once(agent&, pthread_mutex_t* mutex, object_id& id) noexcept {
        const auto* stash = reinterpret_cast<recorder::mutex_stash*>(&mutex->__data.__list);
        const std::uint64_t word = __atomic_load_n(&stash->word, __ATOMIC_RELAXED);
        id = object_id{static_cast<std::uint32_t>(word)};
        return recorder::is_stash_of(word, reinterpret_cast<std::uint64_t>(mutex));
    }
    static object_id identify(agent& self, pthread_mutex_t* mutex, const call_point& from) noexcept {
        return recorder::identify(self, mutex, from);
    }
    /// Precondition: the mutex is held.
    static std::uint32_t draw(const agent& self, pthread_mutex_t* mutex, object_id id) noexcept {
        if (!self.full) return 0;
        recorder::mutex_stash* stash = recorder::stash_of(mutex);
        return stash != nullptr ? recorder::draw(*stash) : recorder::draw(recorder::process.objects[id]);
    }
    static std::uint32_t draw_at_once(pthread_mutex_t* mutex, object_id) noexcept {
        return recorder::draw(*reinterpret_cast<recorder::mutex_stash*>(&mutex->__data.__list));
    }
    /// Normal and adaptive ones; all the others refuse who is not the owner.
    static bool releases_unasked(const pthread_mutex_t* mutex) noexcept {
        const int kind = mutex->__data.__kind & 0x7f;
        return kind == 0 || kind == 3;
    }
    static std::uint8_t busy_flag(const pthread_mutex_t* mutex, std::uint8_t) noexcept {
        return __atomic_load_n(&mutex->__data.__lock, __ATOMIC_RELAXED) != 0 ? format::lock_flags::contended
                                                                             : std::uint8_t{0};
    }
    static bool is_held_by_right(const pthread_mutex_t* mutex, bool) noexcept {
        return __atomic_load_n(&mutex->__data.__owner, __ATOMIC_RELAXED) == recorder::current_thread_id();
    }
};

/// `real_init()` returns 0 for success.
template <typename Real>
__attribute__((always_inline)) inline int init_mutex(pthread_mutex_t* mutex, const call_point& from, Real real_init) {
    note(from, [&](agent& self) { recorder::about_to_init(self, recorder::known(mutex), from); });
    const int result = real_init();
    if (result == 0) note(from, [&](agent& self) { recorder::begin_life(self, mutex, from); });
    return result;
}

/// `real_destroy()` returns 0 for success.
template <typename Real>
__attribute__((always_inline)) inline int destroy_mutex(pthread_mutex_t* mutex, const call_point& from,
                                                        Real real_destroy) {
    object_id id{};
    note(from, [&](agent& self) {
        id = recorder::known(mutex);
        if (mutex_kind::busy_flag(mutex, 0) != 0) recorder::about_to_destroy(self, id, from);
    });
    const int result = real_destroy();
    if (result == 0) note(from, [&](agent& self) { recorder::end_life(self, id, mutex, from); });
    return result;
}

}  // namespace interlock::preload
