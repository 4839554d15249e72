// futex(2) by the instruction itself: syscall() is interposed by the recorder, which would take these waits for somebody else's.
#include <interlock/detail/futex.hpp>

#include <linux/futex.h>
#include <sys/syscall.h>

#include <cerrno>

namespace interlock::futex {
namespace {

long system_call(const void* at, int operation, std::uint32_t value, const timespec* deadline) noexcept {
    register const timespec* r10 asm("r10") = deadline;
    register long r8 asm("r8") = 0;
    register long r9 asm("r9") = FUTEX_BITSET_MATCH_ANY;
    long result = SYS_futex;
    asm volatile("syscall"
                 : "+a"(result)
                 : "D"(at), "S"(long{operation | FUTEX_PRIVATE_FLAG}), "d"(long{value}), "r"(r10), "r"(r8), "r"(r9)
                 : "rcx", "r11", "memory");
    return result;
}

}  // namespace

bool wait(const void* at, std::uint32_t expected, clockid_t clock, const timespec* deadline) noexcept {
    // Only the bitset form takes an absolute time.
    const int operation = FUTEX_WAIT_BITSET | (clock == CLOCK_REALTIME ? FUTEX_CLOCK_REALTIME : 0);
    if (deadline != nullptr && deadline->tv_sec < 0) return false;  // before the clock began: the kernel refuses it
    return system_call(at, operation, expected, deadline) != -ETIMEDOUT;
}

void wake(const void* at, int count) noexcept {
    system_call(at, FUTEX_WAKE, static_cast<std::uint32_t>(count), nullptr);
}

}  // namespace interlock::futex
