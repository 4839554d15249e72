// Work that is no thread: tasks of pools and event loops, which run on a thread's agent from start to finish, and coroutine tasks, which are
// agents themselves and change over. Also what primitives see of their own misuse. The agent is busy.
#pragma once

#include "instrument/recorder/interlock/recorder.hpp"
#include "instrument/recorder/process.hpp"

namespace interlock::recorder {

/// A task is handed to the pool or loop `to`: its number, and the stack of its submission.
interlock_task submit_task(agent& self, format::object_id to, const call_point& from) noexcept;
/// `step`: task_start or task_finish, on the thread that runs it.
void tell_task_step(agent& self, format::event_kind step, const interlock_task& task, const call_point& from) noexcept;

/// An agent that is no thread, created by `self`. An empty one: no room.
interlock_agent create_agent(agent& self, const char* name, const call_point& from) noexcept;
/// This thread runs `to` from here on. `self` is left: it keeps what it holds, and its want.
void switch_agent(agent& self, agent& to, const call_point& from) noexcept;
/// `ended` runs on no thread and will not again. What it still holds is told.
void end_agent(agent& ended) noexcept;
/// `self` goes on after the end of `ended`, which waited for nothing else.
void follow_agent(agent& self, format::agent_id ended, const call_point& from) noexcept;

/// The agent is about to leave its thread: told for each hold that belongs to that thread.
void suspend_agent(agent& self, const call_point& from) noexcept;

/// A misuse of `object` that the primitive saw itself. `stack`: none: here.
void tell_misuse(agent& self, format::event_kind kind, std::uint8_t flags, format::object_id object,
                 std::uint32_t number, format::stack_id stack, const call_point& from) noexcept;

}  // namespace interlock::recorder
