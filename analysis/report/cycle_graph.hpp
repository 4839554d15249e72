// The locks and arcs of all cycles that a report tells, together: findings that share a lock are one picture. To be drawn or listed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "analysis/findings/finding.hpp"

namespace interlock::report {

struct cycle_graph {
    struct node {
        std::uint64_t lock = 0;
        std::string name;  // raw
    };
    /// Some thread held `from` and wanted `to`.
    struct arc {
        std::size_t from = 0;  // index into nodes
        std::size_t to = 0;
        findings::severity worst = findings::severity::note;
        std::set<std::string> threads;  // names, raw
        std::set<std::size_t> told_by;  // index into the report's findings
    };
    std::vector<node> nodes;  // in the order of the first cycle that has them
    std::vector<arc> arcs;
};

/// One graph for each set of findings that are connected by locks, in order of their first finding. Suppressed findings and those
/// without edges are left out. Precondition: arranged, so that a lock has one number throughout.
std::vector<cycle_graph> cycle_graphs(const findings::report_data& data);

}  // namespace interlock::report
