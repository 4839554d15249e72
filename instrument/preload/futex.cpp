// syscall(SYS_futex): where std::future, atomic::wait, counting_semaphore, latch and barrier come when they must wait, and locks that
// are built on the kernel's word alone. What they mean is unknown here, so the first such wait is told as a blind spot; at level
// full each wait and wake is written. Every other system call is handed on by a jump, with all that its caller passed.
#include <linux/futex.h>
#include <sys/syscall.h>

#include <cerrno>

#include "instrument/preload/hook.hpp"

namespace interlock::preload {
namespace {

using format::event_kind;

constinit std::atomic<bool> told{false};

bool is_wait(int operation) noexcept {
    switch (operation & FUTEX_CMD_MASK) {
        case FUTEX_WAIT:
        case FUTEX_WAIT_BITSET:
        case FUTEX_WAIT_REQUEUE_PI:
        case FUTEX_LOCK_PI: return true;
        default: return false;
    }
}

void note_futex(event_kind kind, long word, const call_point& from) noexcept {
    note(from, [&](agent& self) {
        if (kind == event_kind::futex_wait && !told.exchange(true, std::memory_order_relaxed))
            recorder::write(self, event_kind::blind_spot, static_cast<std::uint8_t>(format::blind_spot::raw_futex),
                            recorder::find_site(self, from).id, 0, 0);
        if (!self.full) return;
        const format::range_payload range{static_cast<std::uint64_t>(word), sizeof(int)};
        recorder::write_wide(self, kind, 0, recorder::find_site(self, from).id, 0, 0, format::encode(range));
    });
}

/// glibc's syscall() does as much; it serves until the next library's is known.
long raw_system_call(long number, long a, long b, long c, long d, long e, long f) {
    const long result = recorder::system_call(number, a, b, c, d, e, f);
    if (!recorder::is_error(result)) return result;
    errno = static_cast<int>(-result);
    return -1;
}

}  // namespace

using system_call_function = long (*)(long, long, long, long, long, long, long);

extern "C" {
__attribute__((visibility("hidden"))) constinit system_call_function interlock_next_syscall = raw_system_call;

__attribute__((visibility("hidden"), used)) long interlock_futex(long number, long word, long operation, long value,
                                                                 long timeout, long second_word, long third_value) {
    const call_point from = here();
    note_futex(is_wait(static_cast<int>(operation)) ? event_kind::futex_wait : event_kind::futex_wake, word, from);
    return interlock_next_syscall(number, word, operation, value, timeout, second_word, third_value);
}
}

static_assert(SYS_futex == 202);
asm(R"(
    .pushsection .text.syscall, "ax", @progbits
    .globl syscall
    .type syscall, @function
syscall:
    .cfi_startproc
    cmpq $202, %rdi
    je interlock_futex
    jmpq *interlock_next_syscall(%rip)
    .cfi_endproc
    .size syscall, . - syscall
    .popsection
)");

void watch_system_calls() noexcept {
    // Called with the seven registers and stack words of a variadic call, which is how it takes them.
    if (real().syscall != nullptr) interlock_next_syscall = reinterpret_cast<system_call_function>(real().syscall);
}

}  // namespace interlock::preload
