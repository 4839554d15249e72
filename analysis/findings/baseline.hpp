// What is known at one point in time: ids of findings and edges of the lock-order graph, as text that is checked in and merged.
// Only what is not in a baseline is new.
//
//     # interlock baseline 1
//     finding 0123456789abcdef lock-order-cycle potential accounts[].m in transfer => accounts[].m in transfer
//     edge accounts[].m in transfer => journal in append
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "analysis/findings/finding.hpp"
#include "analysis/findings/run_summary.hpp"

namespace interlock::findings {

struct known_finding {
    findings::kind kind{};
    findings::verdict verdict{};
    std::string text;  // for people
};

struct baseline {
    std::map<std::string, known_finding> findings;  // by id
    std::set<std::string> edges;                    // edge_text()
    bool has_edges = false;                         // false: what it was made from tells of no graph
};

/// Whether a file that begins so is a baseline.
bool is_baseline(std::string_view begin) noexcept;

/// Of what was found, suppressed findings left out, and of the graph.
baseline baseline_of(const report_data& data, const run_summary& graph);

/// The file's content. Equal baselines give equal texts.
std::string text_of(const baseline& all);

/// The content of the file `path`. Failure: one line with file, line and reason.
std::optional<std::string> read_baseline(std::string_view path, std::string_view text, baseline& into);

struct difference {
    std::map<std::string, known_finding> fresh;  // in the new one alone
    std::map<std::string, known_finding> gone;
    std::map<std::string, known_finding> still;               // as the new one has them
    std::map<std::string, findings::verdict> verdict_before;  // of those in `still` whose verdict is another now
    bool has_edges = false;                                   // both tell of a graph
    std::set<std::string> fresh_edges;
    std::set<std::string> gone_edges;
};

difference compare(const baseline& before, const baseline& now);

/// Sets finding::known for what is in `all`, and report_data::has_baseline.
void mark_known(const baseline& all, report_data& data);

}  // namespace interlock::findings
