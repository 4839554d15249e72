// What other tools must be told of locks that they do not know: ThreadSanitizer, where the code is compiled for it; Helgrind and DRD, where
// it runs under Valgrind. Elsewhere nothing, but for one test of a constant of the process.
#pragma once

#include <interlock/config.hpp>

#include <cstddef>
#include <cstdint>

#if INTERLOCK_TSAN
// compiler-rt, sanitizer/tsan_interface.h
extern "C" {
void __tsan_mutex_create(void* lock, unsigned flags);
void __tsan_mutex_destroy(void* lock, unsigned flags);
void __tsan_mutex_pre_lock(void* lock, unsigned flags);
void __tsan_mutex_post_lock(void* lock, unsigned flags, int recursion);
int __tsan_mutex_pre_unlock(void* lock, unsigned flags);
void __tsan_mutex_post_unlock(void* lock, unsigned flags);
void __tsan_acquire(void* address);
void __tsan_release(void* address);
void* __tsan_get_current_fiber(void);
void* __tsan_create_fiber(unsigned flags);
void __tsan_destroy_fiber(void* fiber);
void __tsan_switch_to_fiber(void* fiber, unsigned flags);
}
#endif

namespace interlock::tools {

/// Valgrind runs this process. Set before any constructor of the program.
extern const bool on_valgrind;

// By Valgrind's client requests. `size`: the lock's own bytes, in which unordered accesses are its business.
void valgrind_acquired(const void* lock, std::size_t size, bool exclusive) noexcept;
void valgrind_released(const void* lock, bool exclusive) noexcept;
void valgrind_gone(const void* lock, std::size_t size) noexcept;
void valgrind_mutex_gone(const void* mutex) noexcept;                 // a pthread_mutex_t, which it knows
void valgrind_before(const void* at) noexcept;                        // what this thread did so far happens before
void valgrind_after(const void* at) noexcept;                         // what this one does after it
unsigned valgrind_stack(const void* low, std::size_t size) noexcept;  // memory that is a stack; its number
void valgrind_stack_gone(unsigned stack) noexcept;

/// How a lock of ours is acquired or released.
struct lock_use {
    const void* lock;  // its address, which names it
    std::size_t size =
        0;  // bytes of it in which unordered accesses are its own business; 0: Valgrind knows this lock by itself
    bool shared = false;
    bool attempt = false;
    bool reentrant = false;
};

/// Runs `acquire()`, which returns 0 when it has the lock.
template <typename Acquire>
__attribute__((always_inline)) inline int acquire(const lock_use& use, Acquire acquire) {
#if INTERLOCK_TSAN
    constexpr unsigned reentrant = 1u << 1, read = 1u << 3, attempt = 1u << 4, failed = 1u << 5;
    const unsigned flags =
        (use.shared ? read : 0) | (use.attempt ? attempt : 0) | (use.reentrant && !use.shared ? reentrant : 0);
    __tsan_mutex_pre_lock(const_cast<void*>(use.lock), flags);
    const int result = acquire();
    __tsan_mutex_post_lock(const_cast<void*>(use.lock), flags | (result != 0 ? attempt | failed : 0), 0);
#else
    const int result = acquire();
#endif
    if (__builtin_expect(on_valgrind, 0) && use.size != 0 && result == 0)
        valgrind_acquired(use.lock, use.size, !use.shared);
    return result;
}

/// Runs `release()`, which returns 0 or an error number.
template <typename Release>
__attribute__((always_inline)) inline int release(const lock_use& use, Release release) {
    if (__builtin_expect(on_valgrind, 0) && use.size != 0) valgrind_released(use.lock, !use.shared);
#if INTERLOCK_TSAN
    constexpr unsigned read = 1u << 3;
    __tsan_mutex_pre_unlock(const_cast<void*>(use.lock), use.shared ? read : 0);
    const int result = release();
    __tsan_mutex_post_unlock(const_cast<void*>(use.lock), use.shared ? read : 0);
    return result;
#else
    return release();
#endif
}

/// Its end.
inline void gone(const lock_use& use) noexcept {
    if (__builtin_expect(on_valgrind, 0) && use.size != 0) valgrind_gone(use.lock, use.size);
#if INTERLOCK_TSAN
    constexpr unsigned from_static = 1u << 0;
    __tsan_mutex_destroy(const_cast<void*>(use.lock), from_static);
#endif
}

/// What this thread did so far happens before what a thread does that calls happens_after() with the same address later. The word there is a
/// primitive's own: Helgrind, which knows no atomic operations, looks at it no more.
__attribute__((always_inline)) inline void happens_before([[maybe_unused]] const void* at) noexcept {
    if (__builtin_expect(on_valgrind, 0)) valgrind_before(at);
#if INTERLOCK_TSAN
    __tsan_release(const_cast<void*>(at));
#endif
}
__attribute__((always_inline)) inline void happens_after([[maybe_unused]] const void* at) noexcept {
    if (__builtin_expect(on_valgrind, 0)) valgrind_after(at);
#if INTERLOCK_TSAN
    __tsan_acquire(const_cast<void*>(at));
#endif
}

/// A fiber as other tools know it.
struct fiber {
    void* handle = nullptr;  // ThreadSanitizer's
    unsigned stack = 0;      // Valgrind's
    bool has_stack = false;
};
/// `low` nullptr: its stack is not known.
inline fiber make_fiber([[maybe_unused]] const void* low, [[maybe_unused]] std::size_t size) noexcept {
    fiber made;
    if (__builtin_expect(on_valgrind, 0) && low != nullptr) {
        made.stack = valgrind_stack(low, size);
        made.has_stack = true;
    }
#if INTERLOCK_TSAN
    made.handle = __tsan_create_fiber(0);
#endif
    return made;
}
inline void end_fiber(const fiber& ended) noexcept {
    if (__builtin_expect(on_valgrind, 0) && ended.has_stack) valgrind_stack_gone(ended.stack);
#if INTERLOCK_TSAN
    __tsan_destroy_fiber(ended.handle);
#endif
}
/// Who runs now.
inline fiber this_fiber() noexcept {
    fiber made;
#if INTERLOCK_TSAN
    made.handle = __tsan_get_current_fiber();
#endif
    return made;
}
/// Just before the switch. Inlined: ThreadSanitizer's shadow stack is `to`'s from here on. `ordered`: what ran comes before what will.
__attribute__((always_inline)) inline void switch_fiber([[maybe_unused]] const fiber& to,
                                                        [[maybe_unused]] bool ordered) noexcept {
#if INTERLOCK_TSAN
    constexpr unsigned no_order = 1u << 0;
    __tsan_switch_to_fiber(to.handle, ordered ? 0 : no_order);
#endif
}

}  // namespace interlock::tools
