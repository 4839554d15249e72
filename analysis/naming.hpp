// Ids of one log to what a reader knows: stacks with functions and lines, locks and threads with names. Between trace and symbols
// on one side and findings on the other; sentences are left to wording.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "analysis/detectors/draft.hpp"
#include "analysis/findings/finding.hpp"
#include "analysis/findings/run_summary.hpp"
#include "analysis/symbols/symboliser.hpp"
#include "analysis/trace/trace.hpp"

namespace interlock::analysis {

/// Ids in findings: locks by their object, what else can be held and threads by their agent.
std::uint64_t lock_id_of(graph::resource what) noexcept;
inline std::uint64_t thread_id_of(format::agent_id agent) noexcept { return number(agent); }

/// A function as it is told in other runs: with its module.
std::string function_of(const findings::frame& one);

/// Thread-bound. `log` and `symbols` outlive it; `log_index` is the log's place in the report.
class naming {
public:
    naming(const trace::trace& log, symbols::symboliser& symbols, std::size_t log_index)
        : log_{log}, symbols_{symbols}, log_index_{log_index} {}

    /// The user's part of a stack; where none was taken, of the one frame that `site` is.
    findings::stack stack(format::stack_id stack, format::site_id site);
    /// The same of return addresses, innermost first, as they are at the end of the log.
    findings::stack stack(std::span<const std::uint64_t> trail);
    /// The user's functions that were active when stack `then` was taken and have returned by `now`, of the same thread (frames_left()),
    /// as function_of().
    std::vector<std::string> left_since(format::stack_id then, format::stack_id now);
    findings::lock lock(graph::resource what);
    /// The global at an address, as the modules were when `stack` was taken: `counters[2].hits`; empty: none.
    std::string global(std::uint64_t address, format::stack_id stack);
    /// What compiled the innermost frame of a stack; empty: not known.
    std::string compiler(format::stack_id stack);
    findings::thread thread(format::agent_id agent);
    /// What the lock is in every run, as far as one run can tell.
    findings::lock_kind kind_of(graph::resource what);

    /// Whether the log defines all that a finding's id hangs on: where it happened, in which module, what its locks are and
    /// which class the user gave them (a lock without a class may have lost it).
    bool defines(const detectors::draft& d);

    /// Whether the innermost library frames of a stack are std::lock's or std::scoped_lock's.
    bool is_group_acquisition(format::stack_id stack);

private:
    symbols::code_address locate(std::uint64_t address, std::uint32_t epoch);
    std::vector<symbols::frame> frames_of(format::stack_id stack, format::site_id site);
    bool defines_lock(graph::resource what) const;
    bool defines_place(format::stack_id stack, format::site_id site);
    std::string data_name(const trace::object& object);

    const trace::trace& log_;
    symbols::symboliser& symbols_;
    std::size_t log_index_;
    std::unordered_map<std::uint32_t, symbols::module_ref> modules_;  // by module_id
    std::map<std::pair<std::uint64_t, std::uint32_t>, symbols::code_address> located_;
    std::unordered_map<std::uint32_t, findings::stack> stacks_;
    std::unordered_map<std::uint32_t, bool> groups_;
};

}  // namespace interlock::analysis
