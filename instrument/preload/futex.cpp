// syscall(SYS_futex): where std::future, atomic::wait, counting_semaphore, latch and barrier come when they must wait or wake, and locks
// that are built on the kernel's word alone. What they mean is unknown here, so the first such call is told as a blind spot; at level
// full each wait and wake is written. A future that was waited for is known by its shape. Every other system call is handed on by a
// jump, with all that its caller passed.
#include <linux/futex.h>
#include <sys/syscall.h>

#include <cerrno>

#include "instrument/preload/hook.hpp"
#include "instrument/preload/process.hpp"
#include "instrument/recorder/modules.hpp"
#include "instrument/recorder/observer.hpp"
#include "instrument/recorder/waits.hpp"

namespace interlock::preload {
namespace {

using format::event_kind;

constinit std::atomic<bool> told{false};

bool is_timed(int operation, long timeout) noexcept {
    return timeout != 0 && (operation & FUTEX_CMD_MASK) != FUTEX_WAIT_REQUEUE_PI;
}

/// Those that wake waiters of a second word too.
bool has_second_word(int operation) noexcept {
    switch (operation & FUTEX_CMD_MASK) {
        case FUTEX_REQUEUE:
        case FUTEX_CMP_REQUEUE:
        case FUTEX_CMP_REQUEUE_PI:
        case FUTEX_WAKE_OP: return true;
        default: return false;
    }
}

bool is_wait(int operation) noexcept {
    switch (operation & FUTEX_CMD_MASK) {
        case FUTEX_WAIT:
        case FUTEX_WAIT_BITSET:
        case FUTEX_WAIT_REQUEUE_PI:
        case FUTEX_LOCK_PI: return true;
        default: return false;
    }
}

/// libstdc++ itself waits and wakes for std::future alone.
bool is_of_future(const call_point& from) noexcept { return recorder::is_in_library(from.site, "libstdc++.so"); }

/// libstdc++ sets a future's value under a once flag, which the hook of pthread_once has told of; two words before it lies the word that is
/// waited on (std::__future_base::_State_baseV2: _M_status, _M_retrieved, _M_once).
const void* once_flag_of_future(long word) noexcept { return reinterpret_cast<const std::uint32_t*>(word) + 2; }

/// The once flag of the future that the word belongs to, as far as it is known to be one's.
object_id find_once_of_future(long word) noexcept {
    const object_id id = recorder::known(once_flag_of_future(word));
    if (id == object_id::none || recorder::process.objects[id].type != format::object_type::once)
        return object_id::none;
    return id;
}

/// A semaphore of the standard library comes here by its release alone, if nobody has to wait. Who sets a future wakes by a jump out of
/// libstdc++, so that the call seems to be the user's.
void tell_of_futex(agent& self, long word, const call_point& from) noexcept {
    if (is_of_future(from) || told.load(std::memory_order_relaxed) || find_once_of_future(word) != object_id::none ||
        told.exchange(true, std::memory_order_relaxed))
        return;
    recorder::write(self, event_kind::blind_spot, static_cast<std::uint8_t>(format::blind_spot::raw_futex),
                    recorder::find_site(self, from).id, 0, 0);
}

/// The record of it, at level full. The number is drawn before the call: a wake that comes after a wait has a higher one.
object_id write_step(agent& self, event_kind kind, long word, const call_point& from) noexcept {
    const object_id id = recorder::identify(self, reinterpret_cast<void*>(word), format::object_type::futex, from);
    if (!self.full || id == object_id::none) return id;
    const format::range_payload range{static_cast<std::uint64_t>(word), sizeof(int)};
    recorder::write_wide(self, kind, 0, recorder::find_site(self, from).id, format::number(id),
                         recorder::draw(recorder::process.objects[id]), format::encode(range));
    return id;
}

/// Whether nobody outside of this process can wake who waits: it says so; or it is a future of the C++ library, which does not say; or
/// the word lies where no other process can see it.
bool is_private(const agent& self, int operation, long word, const call_point& from) noexcept {
    return (operation & FUTEX_PRIVATE_FLAG) != 0 || is_of_future(from) ||
           recorder::is_private_memory(self, static_cast<std::uintptr_t>(word));
}

bool note_wait(int operation, long word, long timeout, const call_point& from) noexcept {
    bool wanted = false;
    note(from, [&](agent& self) {
        tell_of_futex(self, word, from);
        const object_id id = write_step(self, event_kind::futex_wait, word, from);
        if (id == object_id::none || self.page->want != 0) return;  // reason: some known primitive waits this way
        if (!is_private(self, operation, word, from))
            recorder::process.log.add_status(format::process_status::woken_from_outside);
        const auto flags = is_timed(operation, timeout) ? format::lock_flags::timed : std::uint8_t{0};
        recorder::set_blocking_want(self, id, flags, event_kind::futex_wait, from);
        wanted = true;
    });
    return wanted;
}

void note_wake(int operation, long word, long second_word, const call_point& from) noexcept {
    note(from, [&](agent& self) {
        tell_of_futex(self, word, from);
        write_step(self, event_kind::futex_wake, word, from);
        if (has_second_word(operation)) write_step(self, event_kind::futex_wake, second_word, from);
    });
}

/// After a wait: whether the value is there, which the word says after the once flag does.
void note_get(agent& self, long word, const call_point& from) noexcept {
    constexpr std::uint32_t ready = 1;
    constexpr std::uint32_t has_waiters = 1u << 31;
    constexpr int done = 2;  // glibc's __PTHREAD_ONCE_DONE
    if (!is_of_future(from)) return;
    const object_id id = find_once_of_future(word);
    if (id == object_id::none) return;
    const auto* status = reinterpret_cast<const std::uint32_t*>(word);
    const void* flag = once_flag_of_future(word);
    // acquire: as the caller, which looks at it next
    if ((__atomic_load_n(status, __ATOMIC_ACQUIRE) & ~has_waiters) != ready ||
        (__atomic_load_n(static_cast<const int*>(flag), __ATOMIC_RELAXED) & done) == 0)
        return;
    recorder::write(self, event_kind::future_get, 0, recorder::find_site(self, from).id, format::number(id),
                    recorder::draw(recorder::process.objects[id]));
    recorder::next_segment(self, event_kind::future_get, format::number(id));
    recorder::notify_observer(recorder::observation::signalled, self, id, 0);
}

/// glibc's syscall() does as much; it serves until the next library's is known.
long raw_system_call(long number, long a, long b, long c, long d, long e, long f) {
    const long result = recorder::system_call(number, a, b, c, d, e, f);
    if (!recorder::is_error(result)) return result;
    errno = static_cast<int>(-result);
    return -1;
}

}  // namespace

extern "C" {
__attribute__((visibility("hidden"))) constinit system_call_function interlock_next_syscall = raw_system_call;

__attribute__((visibility("hidden"), used)) long interlock_futex(long number, long word, long operation, long value,
                                                                 long timeout, long second_word, long third_value) {
    const call_point from = here();
    const auto what = static_cast<int>(operation);
    if (!is_wait(what)) {
        note_wake(what, word, second_word, from);
        return interlock_next_syscall(number, word, operation, value, timeout, second_word, third_value);
    }
    const bool wanted = note_wait(what, word, timeout, from);
    const long result = interlock_next_syscall(number, word, operation, value, timeout, second_word, third_value);
    note(from, [&](agent& self) {
        if (wanted) recorder::clear_want(self);
        note_get(self, word, from);
    });
    return result;
}

/// A handler that is asked for past sigaction() runs all the same.
__attribute__((visibility("hidden"), used)) long interlock_rt_sigaction(long number, long signal, long action, long old,
                                                                        long size, long fifth, long sixth) {
    if (action != 0)
        note(here(), [](agent&) { recorder::process.log.add_status(format::process_status::woken_from_outside); });
    return interlock_next_syscall(number, signal, action, old, size, fifth, sixth);
}
}

static_assert(SYS_futex == 202 && SYS_rt_sigaction == 13 && SYS_prctl == 157 && SYS_seccomp == 317);
asm(R"(
    .pushsection .text.syscall, "ax", @progbits
    .globl syscall
    .type syscall, @function
syscall:
    .cfi_startproc
    cmpq $202, %rdi
    je interlock_futex
    cmpq $13, %rdi
    je interlock_rt_sigaction
    cmpq $157, %rdi
    je interlock_restrict
    cmpq $317, %rdi
    je interlock_restrict
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
