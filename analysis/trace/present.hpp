// The present of a process as its state pages tell it: who holds what and who wants what, now or at its end. Needs no
// cooperation of that process. What follows from it (is anybody stuck) is left to detectors.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "analysis/trace/log_file.hpp"

namespace interlock::trace {

/// Where something was called: a return address and, further out, up to four more, of a want twelve. 0: not known.
struct call_trail {
    std::uint64_t site_address = 0;
    std::uint64_t callers[12] = {};

    /// Innermost first, as far as known.
    std::vector<std::uint64_t> addresses() const;
};

struct present_hold : call_trail {
    format::object_id object{};
    std::uint8_t flags = 0;  // lock_flags
    std::uint16_t depth = 0;
};

struct present_want : call_trail {
    format::object_id object{};  // an agent_id for a join
    std::uint8_t flags = 0;
    format::event_kind operation = format::event_kind::none;  // request, condition_wait, join_request ...
    std::uint64_t ticks = 0;
    format::object_id mutex{};      // of a condition wait: acquired again before it is over; none: not known
    format::object_id condition{};  // of a request for that mutex (bind_condition_waits())
};

/// One agent's state page.
struct agent_present {
    format::agent_id agent{};
    std::uint32_t thread = 0;
    format::agent_state state = format::agent_state::unborn;
    format::agent_type type = format::agent_type::thread;
    format::agent_id creator{};
    format::stack_id created_at{};
    std::uint32_t segment = 0;
    std::uint64_t moves = 0;
    bool wants = false;
    present_want want;
    std::vector<present_hold> holds;  // outermost first; entries that are not intact are left out
    std::string name;                 // as the kernel knows the thread; may hold any bytes but NUL
    bool intact = true;               // false: an entry, a count or a chain that cannot be: do not rest an error on it
    bool settled = true;              // false: `moves` went on while it was read, each time it was tried
    std::uint64_t offset = 0;

    /// Waits for something, without a time-out, and did so throughout the look.
    bool waits_for_ever() const noexcept;
};

/// Whether an operation waits for what some agent holds, as opposed to what any agent may give: a semaphore used as a lock, too, may be
/// posted by somebody who never waited for it.
bool is_owner_bound(format::event_kind operation) noexcept;

/// Who waits for a condition whose mutex another agent has does not go on before that one lets go of it: every way out of the wait, by
/// notification, time-out or cancellation, acquires the mutex. Makes that request of each such want. Precondition: `present` is of
/// one moment.
void bind_condition_waits(std::span<agent_present> present);

/// Reads the state pages at `pages` (file offsets). Pages that are free are left out. Memory bounded by the log's size.
std::vector<agent_present> read_present(const log_file& file, const std::vector<std::uint64_t>& pages);

}  // namespace interlock::trace
