// System calls made by the recorder itself: no libc wrapper, so errno is kept, nothing is a cancellation point, and no other
// tool's interceptor sees them. Reentrant, async-signal-safe. Results are the kernel's: negative errno on failure.
#pragma once

#include <sys/syscall.h>

#include <cstddef>
#include <cstdint>

namespace interlock::recorder {

inline long system_call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) noexcept {
    register long r10 asm("r10") = d;
    register long r8 asm("r8") = e;
    register long r9 asm("r9") = f;
    long result = number;
    asm volatile("syscall"
                 : "+a"(result)
                 : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                 : "rcx", "r11", "memory");
    return result;
}

inline long system_call(long number, const void* a, long b = 0, long c = 0, long d = 0, long e = 0,
                        long f = 0) noexcept {
    return system_call(number, reinterpret_cast<long>(a), b, c, d, e, f);
}

inline bool is_error(long result) noexcept { return result < 0 && result >= -4095; }

inline int current_thread_id() noexcept { return static_cast<int>(system_call(SYS_gettid)); }
inline int current_process_id() noexcept { return static_cast<int>(system_call(SYS_getpid)); }
inline void yield_processor() noexcept { system_call(SYS_sched_yield); }

inline std::uint64_t time_stamp_counter() noexcept { return __builtin_ia32_rdtsc(); }
std::uint64_t monotonic_ns() noexcept;
std::uint64_t realtime_ns() noexcept;

}  // namespace interlock::recorder
