#include "analysis/live/standstill.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include <time.h>

#include "analysis/graph/wait_for.hpp"

namespace interlock::live {

using format::event_kind;
using trace::agent_present;

namespace {

double seconds_of(clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

using node = graph::wait_for_graph::node;

bool is_bound(const agent_present& agent) {
    return agent.waits_for_ever() && trace::is_owner_bound(agent.want.operation);
}

/// What the agents of one process need, whose nodes begin at `first`.
void enter_needs(const process_look& of, node first, const std::unordered_map<std::uint32_t, node>& by_thread,
                 graph::wait_for_graph& into) {
    std::unordered_map<std::uint32_t, std::vector<node>> holders;
    std::unordered_map<std::uint32_t, node> running;
    std::unordered_map<std::uint32_t, std::uint32_t> owners;  // in other processes, by agent
    for (const wait_abroad& one : of.abroad) owners.emplace(number(one.agent), one.owner);
    for (std::size_t at = 0; at < of.agents.size(); ++at) {
        const agent_present& agent = of.agents[at];
        if (agent.state != format::agent_state::running) continue;
        const node here = first + static_cast<node>(at);
        running.emplace(number(agent.agent), here);
        for (const trace::present_hold& hold : agent.holds) holders[number(hold.object)].push_back(here);
    }
    for (std::size_t at = 0; at < of.agents.size(); ++at) {
        const agent_present& agent = of.agents[at];
        if (!is_bound(agent)) continue;
        const std::uint32_t wanted = number(agent.want.object);
        std::vector<node> needs;
        if (agent.want.operation == event_kind::join_request) {
            if (const auto it = running.find(wanted); it != running.end()) needs = {it->second};
        } else if (const auto it = holders.find(wanted); it != holders.end()) {
            needs = it->second;
        } else if (const auto abroad = owners.find(number(agent.agent)); abroad != owners.end()) {
            if (const auto owner = by_thread.find(abroad->second); owner != by_thread.end()) needs = {owner->second};
        }
        into.needs_all(first + static_cast<node>(at), needs);
    }
}

}  // namespace

look_time now() { return {seconds_of(CLOCK_BOOTTIME), seconds_of(CLOCK_MONOTONIC)}; }

std::vector<std::uint64_t> bound_in_cycles(std::span<const agent_present> agents) {
    const process_look alone{agents, {}};
    return bound_in_cycles(std::span{&alone, 1}).front();
}

std::vector<std::vector<std::uint64_t>> bound_in_cycles(std::span<const process_look> processes) {
    std::vector<std::vector<std::uint64_t>> pages(processes.size());
    const auto has_bound = [](const process_look& one) {
        return std::any_of(one.agents.begin(), one.agents.end(), is_bound);
    };
    if (std::none_of(processes.begin(), processes.end(), has_bound)) return pages;
    graph::wait_for_graph graph;
    std::unordered_map<std::uint32_t, node> by_thread;
    for (const process_look& one : processes)
        for (const agent_present& agent : one.agents) {
            const node here = graph.add();
            if (agent.state == format::agent_state::running && agent.thread != 0) by_thread[agent.thread] = here;
        }
    node first = 0;
    for (const process_look& one : processes) {
        enter_needs(one, first, by_thread, graph);
        first += static_cast<node>(one.agents.size());
    }
    const std::vector<bool> stuck = graph.stuck();
    std::size_t at = 0;
    for (std::size_t i = 0; i < processes.size(); ++i) {
        for (const agent_present& agent : processes[i].agents)
            if (stuck[at++]) pages[i].push_back(agent.offset);
        std::sort(pages[i].begin(), pages[i].end());
    }
    return pages;
}

bool wants_unheld_lock(std::span<const agent_present> agents, std::span<const std::uint64_t> waiting) {
    std::unordered_set<std::uint32_t> held;
    for (const agent_present& agent : agents)
        if (agent.state != format::agent_state::exited)
            for (const trace::present_hold& hold : agent.holds) held.insert(number(hold.object));
    return std::any_of(agents.begin(), agents.end(), [&](const agent_present& agent) {
        return agent.want.operation == event_kind::request && !held.contains(number(agent.want.object)) &&
               std::binary_search(waiting.begin(), waiting.end(), agent.offset);
    });
}

bool may_be_stalled(std::span<const agent_present> agents, std::span<const std::uint64_t> waiting) {
    const bool all = std::all_of(agents.begin(), agents.end(), [&](const agent_present& agent) {
        return agent.state == format::agent_state::exited ||
               std::binary_search(waiting.begin(), waiting.end(), agent.offset);
    });
    return all || wants_unheld_lock(agents, waiting);
}

void standstill::look(std::span<const agent_present> agents, look_time when, double gap_max) {
    const double passed = looked_ ? when.running - last_.running : 0;
    // Suspended: the clock since boot goes on where the other stands. Late: we did not run, so they may not have either.
    const bool counts = passed <= gap_max && (when.since_boot - last_.since_boot) - passed < gap_max;
    std::map<std::uint64_t, seen> now;
    for (const agent_present& agent : agents) {
        seen& page = now[agent.offset];
        page.moves = agent.moves;
        page.waits = agent.waits_for_ever();
        const auto before = pages_.find(agent.offset);
        if (before == pages_.end() || before->second.moves != agent.moves || !agent.settled) continue;
        page.again = true;
        page.age = before->second.age + (counts ? passed : 0);
    }
    pages_ = std::move(now);
    last_ = when;
    looked_ = true;
}

bool standstill::unmoved(std::span<const std::uint64_t> pages) const {
    return std::all_of(pages.begin(), pages.end(), [&](std::uint64_t page) {
        const auto it = pages_.find(page);
        return it != pages_.end() && it->second.again;
    });
}

std::vector<std::uint64_t> standstill::waiting_for(double seconds) const {
    std::vector<std::uint64_t> made;
    for (const auto& [page, one] : pages_)
        if (one.waits && one.age >= seconds) made.push_back(page);
    return made;
}

double standstill::age(std::uint64_t page) const {
    const auto it = pages_.find(page);
    return it == pages_.end() ? 0 : it->second.age;
}

}  // namespace interlock::live
