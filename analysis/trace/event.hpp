// One event of a log as analysis sees it: checked, with the agent and the absolute time that its chunk implies.
#pragma once

#include <cstdint>
#include <span>

#include "instrument/format/event.hpp"
#include "instrument/format/ids.hpp"
#include "instrument/format/payload.hpp"

namespace interlock::trace {

struct event {
    format::event_kind kind = format::event_kind::none;
    std::uint8_t flags = 0;
    format::agent_id agent{};
    std::uint32_t object = 0;  // an object_id, agent_id ... as event.hpp of the format says for the kind
    std::uint32_t sequence = 0;
    format::site_id site{};
    std::uint32_t segment = 0;           // of the agent, goes up at each event that orders it against others
    std::uint64_t ticks = 0;             // time-stamp counter, 0 where not recorded
    std::span<const format::slot> more;  // continuation slots; valid while the log is mapped
};

}  // namespace interlock::trace
