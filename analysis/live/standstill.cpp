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

}  // namespace

look_time now() { return {seconds_of(CLOCK_BOOTTIME), seconds_of(CLOCK_MONOTONIC)}; }

std::vector<std::uint64_t> bound_in_cycles(std::span<const agent_present> agents) {
    const auto is_bound = [](const agent_present& a) {
        return a.waits_for_ever() && trace::is_owner_bound(a.want.operation);
    };
    if (std::none_of(agents.begin(), agents.end(), is_bound)) return {};
    graph::wait_for_graph graph;
    std::unordered_map<std::uint32_t, std::vector<graph::wait_for_graph::node>> holders;
    std::unordered_map<std::uint32_t, graph::wait_for_graph::node> running;
    for (const agent_present& agent : agents) {
        const auto node = graph.add();
        if (agent.state != format::agent_state::running) continue;
        running.emplace(number(agent.agent), node);
        for (const trace::present_hold& hold : agent.holds) holders[number(hold.object)].push_back(node);
    }
    for (graph::wait_for_graph::node node = 0; node < agents.size(); ++node) {
        const agent_present& agent = agents[node];
        if (!is_bound(agent)) continue;
        std::vector<graph::wait_for_graph::node> needs;
        if (agent.want.operation == event_kind::join_request) {
            if (const auto it = running.find(number(agent.want.object)); it != running.end()) needs = {it->second};
        } else if (const auto it = holders.find(number(agent.want.object)); it != holders.end()) {
            needs = it->second;
        }
        graph.needs_all(node, needs);
    }
    const std::vector<bool> stuck = graph.stuck();
    std::vector<std::uint64_t> pages;
    for (std::size_t i = 0; i < agents.size(); ++i)
        if (stuck[i]) pages.push_back(agents[i].offset);
    std::sort(pages.begin(), pages.end());
    return pages;
}

bool may_be_stalled(std::span<const agent_present> agents, std::span<const std::uint64_t> waiting) {
    bool all = true;
    bool left = false;
    std::unordered_set<std::uint32_t> held;
    for (const agent_present& agent : agents)
        if (agent.state != format::agent_state::exited)
            for (const trace::present_hold& hold : agent.holds) held.insert(number(hold.object));
    for (const agent_present& agent : agents) {
        const bool waits = std::binary_search(waiting.begin(), waiting.end(), agent.offset);
        all = all && (waits || agent.state == format::agent_state::exited);
        left =
            left || (waits && agent.want.operation == event_kind::request && !held.contains(number(agent.want.object)));
    }
    return all || left;
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
