#include "analysis/trace/present.hpp"

#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "instrument/format/crc32c.hpp"

namespace interlock::trace {
namespace {

constexpr int looks_max = 4;

/// Copies a page that its owner may be writing, word by word.
template <typename Page>
void copy_page(const log_file& file, std::uint64_t offset, Page& page) noexcept {
    const auto* const words = reinterpret_cast<const std::uint64_t*>(file.at(offset));
    auto* const to = reinterpret_cast<std::byte*>(&page);
    for (std::size_t i = 0; i < sizeof(Page) / 8; ++i) {
        const std::uint64_t word = __atomic_load_n(words + i, __ATOMIC_RELAXED);
        std::memcpy(to + i * 8, &word, 8);
    }
}

std::uint64_t read_moves(const log_file& file, std::uint64_t offset) noexcept {
    const auto* const word =
        reinterpret_cast<const std::uint64_t*>(file.at(offset + offsetof(format::state_page, moves)));
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);  // pairs with the owner's store at each move
}

bool is_page(const log_file& file, std::uint64_t offset) noexcept {
    return offset >= format::page_size && offset % format::page_size == 0 && offset <= file.size() &&
           file.size() - offset >= format::page_size;
}

/// Whether `offset` is a chunk of `agent`: ties the page, which has no checksum, to something that has one.
bool owns_chunk(const log_file& file, format::agent_id agent, std::uint64_t offset) noexcept {
    if (!is_page(file, offset)) return false;
    format::chunk_header header;
    std::memcpy(&header, file.at(offset), sizeof header);
    return header.magic == format::chunk_magic && header.agent == agent &&
           header.header_crc == format::crc32c(&header, offsetof(format::chunk_header, header_crc));
}

/// Appends the holds among `entries`; those at or beyond `count` are to be empty. False: an entry that cannot be.
bool read_holds(std::span<const format::held_entry> entries, std::uint64_t count, std::vector<present_hold>& holds) {
    bool intact = true;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const format::held_entry& entry = entries[i];
        if (entry.lead == 0) continue;
        if (i >= count || !format::is_hold_intact(entry.lead)) {
            intact = false;
            continue;
        }
        if (!format::is_held(entry.lead)) continue;  // over
        present_hold hold;
        hold.object = format::hold_object(entry.lead);
        hold.flags = format::hold_flags(entry.lead);
        hold.depth = format::hold_depth(entry.lead);
        hold.site_address = entry.site;
        std::copy(std::begin(entry.callers), std::end(entry.callers), hold.callers);
        holds.push_back(hold);
    }
    return intact;
}

/// Follows the chain of spill pages for the entries beyond the first page. False: the chain breaks.
bool read_spilled(const log_file& file, const format::state_page& page, agent_present& agent) {
    std::uint64_t left = page.held_count - std::uint64_t{format::state_held_entries};
    std::uint64_t next = page.next;
    std::uint64_t before = agent.offset;
    bool intact = true;
    format::spill_page spill;
    for (std::uint32_t index = 0; left != 0; ++index) {  // ends: pages carry their index, the file has so many pages
        if (!is_page(file, next)) return false;
        copy_page(file, next, spill);
        if (spill.magic != format::spill_magic || spill.agent != page.agent || spill.index != index ||
            spill.previous != before)
            return false;
        intact = read_holds(spill.held, left, agent.holds) && intact;
        left -= std::min<std::uint64_t>(left, format::spill_held_entries);
        before = next;
        next = spill.next;
    }
    return intact;
}

agent_present read_once(const log_file& file, std::uint64_t offset, const format::state_page& page) {
    agent_present agent;
    agent.offset = offset;
    agent.agent = page.agent;
    agent.thread = page.thread;
    agent.creator = page.creator;
    agent.created_at = page.creation_stack;
    agent.segment = page.segment;
    agent.moves = page.moves;
    agent.name.assign(page.name, std::find(page.name, page.name + sizeof page.name, '\0'));
    agent.state = page.state;
    if (agent.state > format::agent_state::parked) {
        agent.state = format::agent_state::unborn;
        agent.intact = false;
    }
    agent.type = page.type;
    if (agent.type > format::agent_type::task) {
        agent.type = format::agent_type::thread;
        agent.intact = false;
    }
    if (page.magic != format::state_magic || (page.chunk != 0 && !owns_chunk(file, page.agent, page.chunk)))
        agent.intact = false;
    if (page.want != 0) {
        agent.wants = format::is_hold_intact(page.want);
        agent.intact = agent.intact && agent.wants;
        agent.want.object = format::hold_object(page.want);
        agent.want.flags = format::hold_flags(page.want);
        agent.want.operation = format::want_operation(page.want);
        agent.want.site_address = page.want_site;
        agent.want.ticks = page.want_ticks;
        if ((agent.want.flags & format::lock_flags::contended) != 0) {
            std::uint64_t* const beyond =
                std::copy(std::begin(page.want_callers), std::end(page.want_callers), agent.want.callers);
            std::copy(std::begin(page.want_callers_beyond), std::end(page.want_callers_beyond), beyond);
        }
    }
    if (agent.want.operation == format::event_kind::condition_wait && page.want_mutex != 0) {
        agent.intact = agent.intact && format::is_hold_intact(page.want_mutex);
        agent.want.mutex = format::hold_object(page.want_mutex);
    }
    if (!read_holds(page.held, page.held_count, agent.holds)) agent.intact = false;
    if (page.held_count > format::state_held_entries && !read_spilled(file, page, agent)) agent.intact = false;
    return agent;
}

}  // namespace

std::vector<std::uint64_t> call_trail::addresses() const {
    std::vector<std::uint64_t> made;
    if (site_address == 0) return made;
    made.push_back(site_address);
    for (const std::uint64_t caller : callers) {
        if (caller == 0) break;
        made.push_back(caller);
    }
    return made;
}

bool agent_present::waits_for_ever() const noexcept {
    using namespace format::lock_flags;
    return state == format::agent_state::running && settled && wants &&
           (want.flags & (timed | attempt | reentrant)) == 0;
}

bool is_owner_bound(format::event_kind operation) noexcept {
    using format::event_kind;
    return operation == event_kind::request || operation == event_kind::once_wait ||
           operation == event_kind::join_request || operation == event_kind::upgrade_request;
}

void bind_condition_waits(std::span<agent_present> present) {
    const auto waits = [](const agent_present& agent) {
        return agent.wants && agent.want.mutex != format::object_id::none;
    };
    if (std::none_of(present.begin(), present.end(), waits)) return;
    std::unordered_map<std::uint32_t, const agent_present*> holders;  // of a mutex, some one
    for (const agent_present& agent : present)
        if (agent.state != format::agent_state::unborn)
            for (const present_hold& hold : agent.holds) holders.emplace(number(hold.object), &agent);
    for (agent_present& agent : present) {
        if (!waits(agent)) continue;
        const auto holder = holders.find(number(agent.want.mutex));
        if (holder == holders.end() || holder->second == &agent) continue;
        present_want& want = agent.want;
        want.operation = format::event_kind::request;
        want.condition = std::exchange(want.object, want.mutex);
        want.flags =
            static_cast<std::uint8_t>((want.flags & ~format::lock_flags::timed) | format::lock_flags::by_condition);
    }
}

std::vector<agent_present> read_present(const log_file& file, const std::vector<std::uint64_t>& pages) {
    std::vector<agent_present> all;
    format::state_page page;
    for (const std::uint64_t offset : pages) {
        if (!is_page(file, offset)) continue;
        for (int look = 0; look < looks_max; ++look) {
            const std::uint64_t moves = read_moves(file, offset);
            copy_page(file, offset, page);
            if (page.agent == format::agent_id::none) break;
            agent_present agent = read_once(file, offset, page);
            __atomic_thread_fence(__ATOMIC_ACQUIRE);  // the second look at `moves` comes after all of the page
            agent.settled = read_moves(file, offset) == moves;
            if (!agent.settled && look + 1 < looks_max) continue;
            all.push_back(std::move(agent));
            break;
        }
    }
    // Two pages of one agent: one of them is not what it says.
    std::vector<const agent_present*> by_agent;
    by_agent.reserve(all.size());
    for (const agent_present& agent : all) by_agent.push_back(&agent);
    std::sort(by_agent.begin(), by_agent.end(), [](const auto* a, const auto* b) { return a->agent < b->agent; });
    for (std::size_t i = 1; i < by_agent.size(); ++i)
        if (by_agent[i - 1]->agent == by_agent[i]->agent)
            for (const auto* twin : {by_agent[i - 1], by_agent[i]})
                all[static_cast<std::size_t>(twin - all.data())].intact = false;
    return all;
}

}  // namespace interlock::trace
