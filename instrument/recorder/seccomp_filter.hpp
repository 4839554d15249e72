// What a program's seccomp filter (seccomp(2), SECCOMP_SET_MODE_FILTER) would do to the recorder's own system calls: found out by running it on them, as
// the kernel does, before one of them ends the program.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstdint>

namespace interlock::recorder {

/// The action that the filter returns for a call. Precondition: the kernel has accepted the filter, so it ends. Source: classic BPF, as in
/// McCanne and Jacobson, "The BSD Packet Filter", USENIX 1993, and net/core/filter.c.
std::uint32_t run_filter(const sock_fprog& filter, const seccomp_data& call) noexcept;

/// Whether one of the system calls that recording needs would be anything else than done or refused with an error. Async-signal-safe; calls nothing.
bool stops_recorder(const sock_fprog& filter) noexcept;

}  // namespace interlock::recorder
