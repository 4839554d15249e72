// Whether an object without an owner is shared between processes, as the object itself says: it may have been initialised by a process
// that nobody records, and has no entry here then. glibc 2.25 and later (nptl/internaltypes.h: new_sem, pthread_barrier;
// bits/thread-shared-types.h: __pthread_cond_s).
#pragma once

#include <pthread.h>
#include <semaphore.h>

#include <cstddef>
#include <cstdint>

namespace interlock::preload {

namespace glibc_layout {
/// glibc keeps how an object's futex is to be called: 0 within the process, FUTEX_PRIVATE_FLAG (turned round) between processes.
inline constexpr std::uint32_t between_processes = 128;
inline constexpr std::size_t semaphore_private = 8;       // behind the value's 64-bit word
inline constexpr std::size_t barrier_shared = 12;         // behind in, current_round and count
inline constexpr std::uint32_t condition_shared_bit = 1;  // of __wrefs

inline std::uint32_t word_at(const volatile void* object, std::size_t offset) noexcept {
    // relaxed: the word was written by the initialisation, which whoever uses the object comes after
    return __atomic_load_n(
        reinterpret_cast<const volatile std::uint32_t*>(static_cast<const volatile char*>(object) + offset),
        __ATOMIC_RELAXED);
}
}  // namespace glibc_layout

inline bool is_shared(const sem_t* semaphore) noexcept {
    return glibc_layout::word_at(semaphore, glibc_layout::semaphore_private) == glibc_layout::between_processes;
}
inline bool is_shared(const pthread_barrier_t* barrier) noexcept {
    return glibc_layout::word_at(barrier, glibc_layout::barrier_shared) == glibc_layout::between_processes;
}
inline bool is_shared(const pthread_cond_t* condition) noexcept {
    return (__atomic_load_n(&condition->__data.__wrefs, __ATOMIC_RELAXED) & glibc_layout::condition_shared_bit) != 0;
}

}  // namespace interlock::preload
