// Seccomp: a program that gives up system calls gives up those of the recorder, which would be its end. Strict mode leaves a thread none, and no
// time-stamp counter either; a filter is asked what it does to ours. Where it ends or traps one, nothing is recorded from there on. prctl(2), seccomp(2).
#include <dlfcn.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstdarg>

#include "instrument/preload/hook.hpp"
#include "instrument/preload/process.hpp"
#include "instrument/recorder/seccomp_filter.hpp"

namespace interlock::preload {
namespace {

enum class restriction : std::uint8_t { none, strict, filter };

restriction restriction_of(long number, long what, long mode) noexcept {
    if (number == SYS_seccomp) {
        if (what == SECCOMP_SET_MODE_STRICT) return restriction::strict;
        return what == SECCOMP_SET_MODE_FILTER ? restriction::filter : restriction::none;
    }
    if (what != PR_SET_SECCOMP) return restriction::none;
    if (mode == SECCOMP_MODE_STRICT) return restriction::strict;
    return mode == SECCOMP_MODE_FILTER ? restriction::filter : restriction::none;
}

/// It is in force: from here on memory alone is written.
void obey(restriction made, const void* filter) noexcept {
    if (!recorder::process.recording.load(std::memory_order_acquire)) return;
    if (made == restriction::strict && recorder::this_agent != nullptr) {
        recorder::process.log.add_loss(format::loss_reason::restricted, 1);
        recorder::mute_for_good(*recorder::this_agent);
    }
    if (made == restriction::filter && recorder::stops_recorder(*static_cast<const sock_fprog*>(filter)))
        recorder::stop(format::loss_reason::restricted);
}

template <typename Real>
long restrict_system_calls(restriction wanted, const void* filter, const call_point& from, Real real_call) {
    // A thread that has done nothing yet is registered while it may.
    if (wanted == restriction::strict) note(from, [](agent&) {});
    const long result = real_call();
    if (result >= 0) obey(wanted, filter);  // a filter may come with a descriptor
    return result;
}

using prctl_function = int (*)(int, unsigned long, unsigned long, unsigned long, unsigned long);

prctl_function next_prctl() noexcept {
    static constinit std::atomic<prctl_function> kept{nullptr};
    prctl_function found = kept.load(std::memory_order_relaxed);
    if (found == nullptr)
        kept.store(found = reinterpret_cast<prctl_function>(dlsym(RTLD_NEXT, "prctl")), std::memory_order_relaxed);
    return found;
}

}  // namespace

extern "C" {
/// syscall(2) with SYS_seccomp or SYS_prctl.
__attribute__((visibility("hidden"), used)) long interlock_restrict(long number, long a, long b, long c, long d, long e,
                                                                    long f) {
    // prctl(PR_SET_SECCOMP, mode, filter), seccomp(operation, flags, filter): the filter is the third of both.
    return restrict_system_calls(restriction_of(number, a, b), reinterpret_cast<const void*>(c), here(),
                                 [&] { return interlock_next_syscall(number, a, b, c, d, e, f); });
}
}

INTERLOCK_HOOK int prctl(int option, ...) {
    const call_point from = here();
    va_list more;
    va_start(more, option);
    const unsigned long b = va_arg(more, unsigned long);
    const unsigned long c = va_arg(more, unsigned long);
    const unsigned long d = va_arg(more, unsigned long);
    const unsigned long e = va_arg(more, unsigned long);
    va_end(more);
    const prctl_function next = next_prctl();
    return static_cast<int>(restrict_system_calls(restriction_of(SYS_prctl, option, static_cast<long>(b)),
                                                  reinterpret_cast<const void*>(c), from,
                                                  [&]() -> long { return next(option, b, c, d, e); }));
}

}  // namespace interlock::preload
