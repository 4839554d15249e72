// Forks that no hook sees are noticed by handlers of pthread_atfork.
#pragma once

namespace interlock::preload {

/// From the library's constructor, before any other library registers handlers of its own.
void watch_forks() noexcept;

/// The next library's syscall() serves from here on, instead of the kernel's own.
void watch_system_calls() noexcept;

/// syscall(2) of the next library, or the kernel's own: with the seven registers and stack words of a variadic call.
using system_call_function = long (*)(long, long, long, long, long, long, long);
extern "C" __attribute__((visibility("hidden"))) system_call_function interlock_next_syscall;

/// Finds out whether another tool's functions come between ours and libc's. Once, when libc is initialised.
void heed_other_tools() noexcept;

/// From now on dlopen and dlmopen work. Once.
void watch_loading() noexcept;

}  // namespace interlock::preload
