// A short story of threads and locks as text, played into a lock graph and a segment order with no log and no recorder:
//
//     t1: lock A; lock B; unlock B; unlock A
//     t1: start t2
//     t2: shared R; try B; timed C; group A B; join t3
//
// Lines are played from the top, so they are one possible trace. Serves the tests of graph and detectors.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/detectors/lock_order_cycles.hpp"
#include "analysis/detectors/lock_writers.hpp"

namespace interlock::testing {

class scenario {
public:
    explicit scenario(std::string_view text);

    void play(std::string_view text);
    void set_type(const std::string& lock, format::object_type type) { types_[lock_of(lock)] = type; }

    detectors::cycle_findings find(const detectors::cycle_limits& limits = {}) const;

    graph::resource lock_of(const std::string& name);
    format::agent_id agent_of(const std::string& name);
    std::string name_of(graph::resource what) const;
    /// "A>B>A": the locks of a draft in cycle order, beginning with the least name.
    std::string shape_of(const detectors::draft& d) const;
    /// One a finding, "A>B>A potential", in order.
    std::vector<std::string> summary(const detectors::cycle_findings& found) const;
    std::vector<std::string> summary() const { return summary(find()); }

    graph::lock_graph graph;
    graph::segment_order order;
    detectors::damage damage;

private:
    void step(format::agent_id agent, const std::vector<std::string>& words);
    void request(format::agent_id agent, const std::string& lock, std::uint8_t flags);
    graph::path_id path_of(format::agent_id agent);

    std::map<std::string, std::uint32_t> locks_;
    std::map<std::string, std::uint32_t> agents_;
    std::map<format::agent_id, std::vector<graph::hold>> held_;
    std::map<graph::resource, format::object_type> types_;
    detectors::lock_writers writers_;
};

/// The same in one go.
std::vector<std::string> told(std::string_view text);

}  // namespace interlock::testing
