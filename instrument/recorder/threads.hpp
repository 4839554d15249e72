// Threads: announced by their creator, started, ended, joined. The creator's record comes before the thread can run; the exit
// record is written when the thread is known to be gone (joined, or found gone), so what its destructors lock is still recorded.
#pragma once

#include <pthread.h>

#include "instrument/recorder/process.hpp"

namespace interlock::recorder {

/// Before pthread_create: a new agent, announced in the log. nullptr: not recorded, create it plainly.
agent* announce_thread(agent& creator, const call_point& from) noexcept;
/// pthread_create failed.
void withdraw_thread(agent& creator, agent& unborn) noexcept;
/// pthread_create returned this handle: kept unless the thread has told it itself by now, so that it can be joined by it at once.
void set_handle_of_new(format::agent_id born, pthread_t handle) noexcept;

/// First thing on the new thread. `top` is an address near the top of its stack, `size` the stack's size.
void adopt_thread(agent& self, std::uintptr_t top, std::uint64_t size) noexcept;

/// agent_start, and the thread's handle; for threads of whatever origin. The agent is busy.
void note_thread_start(agent& self, format::agent_id creator) noexcept;

/// The agent of a thread handle; `none`: unknown.
format::agent_id agent_of(pthread_t handle) noexcept;

void request_join(agent& self, format::agent_id joined, std::uint8_t flags, const call_point& from) noexcept;
/// The join succeeded: the joined agent's exit is written if nobody did, then agent_join.
void joined(agent& self, format::agent_id gone, const call_point& from) noexcept;
void not_joined(agent& self, format::agent_id alive, int error) noexcept;
void detached(agent& self, format::agent_id other) noexcept;
void named(agent& self, format::agent_id other, const char* name) noexcept;

/// Creates the key whose destructor tells that a thread is ending. False: no key left.
bool create_end_key() noexcept;
void set_end_key(agent& self) noexcept;

}  // namespace interlock::recorder
