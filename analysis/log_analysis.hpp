// All that is found out about one log, as drafts: feeds graph and detectors with its events, in one pass that can go on as the
// log grows. Names and words are left to naming and wording; several logs to the analyser.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "analysis/detectors/atomicity_violations.hpp"
#include "analysis/detectors/condition_waits.hpp"
#include "analysis/detectors/data_races.hpp"
#include "analysis/detectors/held_now.hpp"
#include "analysis/detectors/join_waits.hpp"
#include "analysis/detectors/lock_order_cycles.hpp"
#include "analysis/detectors/lock_ranks.hpp"
#include "analysis/detectors/lock_writers.hpp"
#include "analysis/detectors/reader_again.hpp"
#include "analysis/detectors/self_deadlock.hpp"
#include "analysis/detectors/semaphore_locks.hpp"
#include "analysis/detectors/signal_lock.hpp"
#include "analysis/detectors/spinlock_held_blocking.hpp"
#include "analysis/detectors/stall.hpp"
#include "analysis/detectors/unanswered_waits.hpp"
#include "analysis/detectors/wake_book.hpp"
#include "analysis/detectors/weak_tries.hpp"
#include "analysis/graph/dependency_feed.hpp"
#include "analysis/graph/vicinity.hpp"
#include "analysis/moment.hpp"
#include "analysis/repeats.hpp"
#include "analysis/trace/trace.hpp"

namespace interlock::analysis {

/// What only symbols can tell.
struct symbol_questions {
    /// Whether the request at this stack was made inside std::lock or its kind.
    std::function<bool(format::stack_id)> is_group_acquisition;
};

struct log_findings {
    std::vector<detectors::draft> drafts;
    std::uint64_t harmless = 0;
    std::uint64_t harmless_mutual_exclusion = 0;
    std::uint64_t harmless_hold_and_wait = 0;
    std::uint64_t not_listed = 0;
    std::vector<detectors::unanswered_wait> unanswered;
};

/// Thread-bound.
class log_analysis {
public:
    [[nodiscard]] std::optional<trace::problem> open(const std::string& path) { return log_.open(path); }
    [[nodiscard]] std::optional<trace::problem> adopt(std::string name, std::span<const std::byte> image) {
        return log_.adopt(std::move(name), image);
    }

    /// Reads what is new. Failure: the log went away.
    [[nodiscard]] std::optional<trace::problem> feed(trace::expectation what_comes);

    /// Before the first event: findings_so_far() will be asked with marks.
    void tell_tests_apart() noexcept { graph_.keep_seen(); }
    /// Of the last request that was read: what comes to be from here on is after it.
    std::uint64_t position() const noexcept { return order_.position(); }

    /// `marks`: of the cycles only those that came to be in that stretch. Precondition then: tell_tests_apart() was called.
    log_findings findings_so_far(const symbol_questions& ask, moment when, const detectors::standing& seen,
                                 std::optional<mark_range> marks = std::nullopt) const;

    /// The name of the test that a mark is of; empty: none.
    std::string_view test_of(std::uint32_t mark) const;
    /// The mark under which an agent was created.
    std::uint32_t mark_at_creation(format::agent_id agent) const;

    const trace::trace& log() const noexcept { return log_; }
    /// Of semaphores that are locks, which the log's own count of acquisitions leaves out.
    std::uint64_t semaphore_acquisitions() const { return semaphores_.acquisitions(); }
    const graph::lock_graph& lock_graph() const noexcept { return graph_; }
    /// The rules under which the graph's edges count. They refer to this object and to `ask`, which must outlive them.
    graph::edge_rules rules(const symbol_questions& ask) const;

private:
    void take(const trace::event& e);
    void take_acquisition(const trace::event& e);
    void take_release(const trace::event& e);
    void take_dependency(const trace::event& e);
    bool is_lock(graph::resource what) const;
    format::object_type type_of(graph::resource what) const;
    detectors::damage damage() const;
    void add_stuck(log_findings& into, moment when, const detectors::standing& noted) const;
    detectors::ladder_sources sources(const symbol_questions& ask) const;
    std::uint32_t run_of(std::uint32_t mark) const;
    std::vector<graph::dependency_index> around(const detectors::test_scope& stretch, const mark_range& marks) const;
    void tell_of_cancelling(std::vector<detectors::draft>& drafts) const;
    std::vector<detectors::draft> cycles_closed(const symbol_questions& ask, mark_range marks) const;

    trace::trace log_;
    bool full_ = true;  // every acquisition so far was recorded
    bool begun_ = false;
    bool over_ = false;  // nothing more is expected: the log shows its process' last moment
    graph::lock_graph graph_;
    graph::segment_order order_;
    graph::dependency_feed dependencies_;
    detectors::held_now held_;
    repeats repeats_;
    detectors::join_waits joins_;
    detectors::semaphore_locks semaphores_;
    detectors::self_deadlock self_;
    detectors::signal_lock signals_;
    detectors::weak_tries tries_;
    detectors::wake_book wakes_;
    detectors::data_races races_;
    detectors::atomicity_violations violations_;
    detectors::lock_writers writers_;
    detectors::reader_again readers_;
    detectors::lock_ranks ranks_;
    detectors::condition_waits conditions_;
    detectors::spinlock_held_blocking spinlocks_;
    std::vector<detectors::draft> misuse_;
    mutable graph::vicinity near_;                                    // of graph_: a cache
    std::unordered_map<std::uint32_t, std::uint32_t> runs_;           // mark to the string_id of its test
    std::unordered_map<std::uint32_t, std::uint32_t> created_under_;  // agent to a mark
};

}  // namespace interlock::analysis
