#include "analysis/standing_note.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

#include <fcntl.h>
#include <unistd.h>

#include "instrument/format/crc32c.hpp"
#include "instrument/format/layout.hpp"

namespace interlock::analysis {

using format::standing_note;

namespace {

std::uint32_t crc_of(const standing_note& note) {
    constexpr std::size_t begin = offsetof(standing_note, crc) + sizeof note.crc;
    return format::crc32c(reinterpret_cast<const std::byte*>(&note) + begin, sizeof note - begin);
}

/// Those that are not live: how many, which, and how far they have come. Both sums only grow.
void add_up(standing_note& into, std::span<const trace::agent_present> agents, const std::set<format::agent_id>& live) {
    for (const trace::agent_present& agent : agents) {
        if (agent.state == format::agent_state::exited || live.contains(agent.agent)) continue;
        ++into.waiting;
        into.waiting_agents += number(agent.agent);
        into.waiting_moves += agent.moves;
    }
}

}  // namespace

bool keep_standing(const std::string& path, std::span<const trace::agent_present> agents,
                   const detectors::standing& seen) {
    standing_note note{};
    if (seen.live.size() > std::size(note.live) || seen.orphans.size() > std::size(note.orphans)) return false;
    note.magic = format::standing_magic;
    note.strangers = seen.strangers ? 1 : 0;
    note.handlers = seen.handlers ? 1 : 0;
    add_up(note, agents, seen.live);
    for (const format::agent_id agent : seen.live) note.live[note.live_count++] = agent;
    for (const trace::agent_present& agent : agents)
        if (seen.orphans.contains(agent.agent)) note.orphans[note.orphan_count++] = {agent.agent, agent.moves};
    note.crc = crc_of(note);
    const int file = ::open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0) return false;
    const bool kept = ::pwrite(file, &note, sizeof note, format::standing_note_at) == sizeof note;
    ::close(file);
    return kept;
}

std::optional<detectors::standing> kept_standing(const trace::log_file& log,
                                                 std::span<const trace::agent_present> agents) {
    if (log.size() < format::page_size) return std::nullopt;
    standing_note note;
    std::memcpy(&note, log.at(format::standing_note_at), sizeof note);
    if (note.magic != format::standing_magic || note.crc != crc_of(note) || note.live_count > std::size(note.live) ||
        note.orphan_count > std::size(note.orphans))
        return std::nullopt;
    detectors::standing made;
    made.live.insert(note.live, note.live + note.live_count);
    for (const auto& orphan : std::span(note.orphans, note.orphan_count))
        if (std::any_of(agents.begin(), agents.end(), [&](const trace::agent_present& agent) {
                return agent.agent == orphan.agent && agent.moves == orphan.moves;
            }))
            made.orphans.insert(orphan.agent);
    standing_note now{};
    add_up(now, agents, made.live);
    made.watched = now.waiting == note.waiting && now.waiting_agents == note.waiting_agents &&
                   now.waiting_moves == note.waiting_moves;
    made.strangers = note.strangers != 0;
    made.handlers = note.handlers != 0;
    if (made.watched) return made;
    // Somebody has moved since: he may be under way to wake any of them. A lock whose owner is no more stays locked, a handler handles, and
    // whoever started threads that the log does not know may do so again.
    if (made.orphans.empty() && !made.handlers && !made.strangers) return std::nullopt;
    made.live.clear();
    return made;
}

}  // namespace interlock::analysis
