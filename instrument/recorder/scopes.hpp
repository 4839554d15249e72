// Stretches of code that an agent runs inside something else and can leave without a word: a signal handler (by siglongjmp), the
// initialiser of a once flag (by an exception or a longjmp). A jump says what it leaves. While a scope is open every operation takes the
// slow way in, where its stack pointer tells whether the frame that opened the scope is still there. Costs nothing while none is open.
// Thread-bound. Opening and closing a handler's scope is async-signal-safe and needs no operation under way.
#pragma once

#include "instrument/recorder/agent.hpp"

namespace interlock::recorder {

/// Before a signal handler runs, in a frame at `stack_pointer`. False: nested too deep, the handler is not marked.
bool open_handler(agent& self, std::uintptr_t stack_pointer, int signal_number) noexcept;
/// After it returned. True: something was recorded inside, and signal_exit is to be written by close_told_handler().
bool is_handler_told(const agent& self, std::uintptr_t stack_pointer) noexcept;
void close_told_handler(agent& self, std::uintptr_t stack_pointer) noexcept;
/// After it returned and nothing was recorded inside.
void close_handler(agent& self, std::uintptr_t stack_pointer) noexcept;

/// The code that runs is a handler that interrupted an operation: what it does goes unrecorded.
bool is_inside_operation(const agent& self) noexcept;

/// An initialiser is about to run in a frame at `stack_pointer`; the agent is busy and holds `once`.
void open_initialiser(agent& self, std::uintptr_t stack_pointer, format::object_id once) noexcept;
/// It returned. False: its scope was taken for left.
bool close_initialiser(agent& self, std::uintptr_t stack_pointer) noexcept;

/// A jump to a frame at `target` is about to leave what is further in. `signals_low` to `signals_high`: the thread's signal stack, empty
/// if it has none. Async-signal-safe; nothing is written.
void leave_scopes(agent& self, std::uintptr_t target, std::uintptr_t signals_low, std::uintptr_t signals_high) noexcept;

/// The agent enters an operation at `stack_pointer` the slow way: closes what was left, tells handlers of the log.
void visit_scopes(agent& self, std::uintptr_t stack_pointer) noexcept;

/// Signals that the program has given a handler of ours: bit n - 1 for signal n.
void add_handled_signal(int signal_number) noexcept;
/// Writes what changed of this thread's mask, as far as handled signals go; asks the kernel. The agent is busy.
void tell_signal_mask(agent& self) noexcept;

}  // namespace interlock::recorder
