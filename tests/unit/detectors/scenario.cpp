// Words to dependencies and steps of order.
#include "tests/unit/detectors/scenario.hpp"

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <stdexcept>

#include "analysis/findings/names.hpp"

namespace interlock::testing {

using format::agent_id;
using format::event_kind;
namespace lock_flags = format::lock_flags;

scenario::scenario(std::string_view text) { play(text); }

graph::resource scenario::lock_of(const std::string& name) {
    return {locks_.try_emplace(name, static_cast<std::uint32_t>(locks_.size() + 1)).first->second, false};
}

agent_id scenario::agent_of(const std::string& name) {
    return agent_id{agents_.try_emplace(name, static_cast<std::uint32_t>(agents_.size() + 1)).first->second};
}

std::string scenario::name_of(graph::resource what) const {
    for (const auto& [name, id] : what.termination ? agents_ : locks_) {
        if (id == what.id) return what.termination ? "end of " + name : name;
    }
    return "?";
}

void scenario::play(std::string_view text) {
    std::istringstream lines{std::string{text}};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words{line};
        std::string who;
        if (!(words >> who)) continue;
        if (who.back() != ':') throw std::invalid_argument("no agent in: " + line);
        const agent_id agent = agent_of(who.substr(0, who.size() - 1));
        std::string rest;
        std::getline(words, rest);
        std::istringstream steps{rest};
        for (std::string one; std::getline(steps, one, ';');) {
            std::istringstream in{one};
            std::vector<std::string> parts;
            for (std::string part; in >> part;) parts.push_back(part);
            if (!parts.empty()) step(agent, parts);
        }
    }
}

graph::path_id scenario::path_of(agent_id agent) {
    graph::path_id path = graph::path_id::empty;
    for (const graph::hold& h : held_[agent]) path = graph.paths().extend(path, h);
    return path;
}

void scenario::request(agent_id agent, const std::string& lock, std::uint8_t flags) {
    const graph::resource what = lock_of(lock);
    std::vector<graph::hold>& held = held_[agent];
    const bool again = std::any_of(held.begin(), held.end(), [&](const graph::hold& h) { return h.what == what; });
    if (again) flags |= lock_flags::reentrant;
    const graph::moment now = order.now(agent);
    if (!held.empty()) graph.add({agent, path_of(agent), what, flags, {}, {}}, now);
    writers_.see(format::object_id{what.id}, flags, now);
    if (!again) held.push_back({what, flags, {}, false});
}

void scenario::step(agent_id agent, const std::vector<std::string>& words) {
    const std::string& what = words[0];
    const auto number_of = [](const std::string& name) {
        return static_cast<std::uint32_t>(std::hash<std::string>{}(name));
    };
    if (what == "lock") return request(agent, words.at(1), 0);
    if (what == "shared") return request(agent, words.at(1), lock_flags::shared);
    if (what == "try") return request(agent, words.at(1), lock_flags::attempt);
    if (what == "timed") return request(agent, words.at(1), lock_flags::timed);
    if (what == "group") {
        request(agent, words.at(1), lock_flags::grouped);
        for (std::size_t i = 2; i < words.size(); ++i)
            request(agent, words[i], lock_flags::grouped | lock_flags::attempt);
        return;
    }
    if (what == "unlock") {
        std::erase_if(held_[agent], [&](const graph::hold& h) { return h.what == lock_of(words.at(1)); });
        return;
    }
    if (what == "start") {
        const agent_id born = agent_of(words.at(1));
        order.publish(agent, event_kind::agent_create, number(born));
        order.observe(born, event_kind::agent_start, number(born), event_kind::agent_create);
    } else if (what == "join") {
        const agent_id gone = agent_of(words.at(1));
        order.publish(gone, event_kind::agent_exit, number(gone));
        order.observe(agent, event_kind::agent_join, number(gone), event_kind::agent_exit);
    } else if (what == "post") {
        order.publish(agent, event_kind::latch_count_down, number_of(words.at(1)));
    } else if (what == "wait") {
        order.observe(agent, event_kind::latch_pass, number_of(words.at(1)), event_kind::latch_count_down);
    } else if (what == "arrive") {
        order.arrive(agent, number_of(words.at(1)));
    } else if (what == "pass") {
        order.pass(agent, number_of(words.at(1)));
    } else {
        throw std::invalid_argument("no such step: " + what);
    }
}

detectors::cycle_findings scenario::find(const detectors::cycle_limits& limits) const {
    detectors::ladder_sources sources;
    sources.graph = &graph;
    sources.order = &order;
    sources.damage = damage;
    sources.type_of = [this](graph::resource what) {
        const auto it = types_.find(what);
        return it == types_.end() ? format::object_type::mutex : it->second;
    };
    sources.writer_may_come = [this](graph::resource what, std::span<const graph::dependency_index> sides) {
        return writers_.may_come(format::object_id{what.id}, sides, graph, order);
    };
    return detectors::find_lock_order_cycles(sources, {}, limits);
}

std::string scenario::shape_of(const detectors::draft& d) const {
    std::vector<std::string> names;
    for (const detectors::side& s : d.sides) names.push_back(name_of(s.held));
    std::rotate(names.begin(), std::min_element(names.begin(), names.end()), names.end());
    std::string shape;
    for (const std::string& name : names) shape += name + ">";
    return shape + names.front();
}

std::vector<std::string> scenario::summary(const detectors::cycle_findings& found) const {
    std::vector<std::string> all;
    for (const detectors::draft& d : found.drafts) {
        all.push_back(shape_of(d) + " " + std::string(findings::name(d.verdict)));
    }
    return all;
}

std::vector<std::string> told(std::string_view text) { return scenario{text}.summary(); }

}  // namespace interlock::testing
