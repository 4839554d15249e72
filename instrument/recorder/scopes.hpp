// Stretches of code that an agent runs inside something else and can leave without a word: a signal handler (by siglongjmp), the
// initialiser of a once flag (by an exception or a longjmp). A jump says what it leaves. While a scope is open every operation takes the
// slow way in, where its stack pointer tells whether the frame that opened the scope is still there. Costs nothing while none is open.
// Thread-bound. Opening and closing a handler's scope is async-signal-safe and needs no operation under way.
#pragma once

#include "instrument/recorder/agent.hpp"

namespace interlock::recorder {

/// Before the signal handler with this number (open_signals.hpp) runs, in a frame at `stack_pointer`. False: nested too deep, the handler is
/// not marked.
bool open_handler(agent& self, std::uintptr_t stack_pointer, int signal_number, std::uint8_t handler) noexcept;
/// After it returned. True: something was recorded inside, and signal_exit is to be written by close_told_handler().
bool is_handler_told(const agent& self, std::uintptr_t stack_pointer) noexcept;
void close_told_handler(agent& self, std::uintptr_t stack_pointer) noexcept;
/// After it returned and nothing was recorded inside.
void close_handler(agent& self, std::uintptr_t stack_pointer) noexcept;

/// Tells apart, by signal and handler, what the agent's innermost handler is; 0: it runs none.
inline std::uintptr_t innermost_handler(const agent& self) noexcept {
    for (std::uint8_t i = self.scope_count; i-- != 0;)
        if (const open_scope& scope = self.scopes[i]; scope.kind == scope_kind::handler)
            return static_cast<std::uintptr_t>(scope.signal_number) << 8 | scope.handler;
    return 0;
}

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

}  // namespace interlock::recorder
