// Which signals are open for an agent: a handler of the program is installed, and the agent's thread does not block them. Only such a signal
// can make it wait for what it holds itself. Each agent tells what has changed for it when it next comes by, so what the log says of an
// agent is true of each of its own operations, however others change actions meanwhile.
#pragma once

#include "instrument/recorder/agent.hpp"

namespace interlock::recorder {

/// From here on the action of `signal_number` (1 to 64) is the handler with this number (1 to 255), 0: none that is recorded. Two handlers of
/// one process have two numbers. Async-signal-safe, thread-safe. In a forked child that has no log yet only remembered.
void set_handler_of(int signal_number, std::uint8_t handler) noexcept;

/// Writes which signals have opened and closed for this agent, and what it holds where one has opened; asks the kernel for the mask. The
/// agent is busy. Cost while no handler is installed: one load.
void tell_open_signals(agent& self) noexcept;

/// The thread's mask may change unseen (siglongjmp restores it): the next operation looks. Async-signal-safe; the agent need not be busy.
void look_at_mask_again(agent& self) noexcept;

/// The thread of `self` runs `to` from here on, with the same mask.
void hand_on_open_signals(const agent& self, agent& to) noexcept;

}  // namespace interlock::recorder
