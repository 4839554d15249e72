// Logs in, findings so far out: joins the layers below into one resumable pass. Serves the command and the test listener; what a
// reader sees is left to analysis/report.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "analysis/detectors/stall.hpp"
#include "analysis/findings/finding.hpp"
#include "analysis/findings/lock_order.hpp"
#include "analysis/findings/present.hpp"
#include "analysis/findings/run_summary.hpp"
#include "analysis/moment.hpp"
#include "analysis/symbols/symboliser.hpp"
#include "analysis/trace/problem.hpp"
#include "analysis/trace/trace.hpp"

namespace interlock::analysis {

/// Thread-bound.
///
///     analyser a;
///     if (auto problem = a.add_log("bank.ilk")) ...      // a log that cannot be used
///     if (auto problem = a.feed()) ...                   // reads what is there
///     findings::report_data found = a.findings_so_far();
class analyser {
public:
    /// `symbols`: shared with other analysers of the same thread, so that each module is read once; null: its own.
    explicit analyser(std::shared_ptr<symbols::symboliser> symbols = nullptr);
    ~analyser();
    analyser(analyser&&) noexcept;
    analyser& operator=(analyser&&) noexcept;

    /// One more log: of another process of the run, or of another run. Failure: why the file cannot be used at all; the analyser
    /// is then as before. Damage inside it is no failure, the summary tells it.
    [[nodiscard]] std::optional<trace::problem> add_log(const std::string& path);
    /// The same for bytes in memory. Precondition: `image` outlives the object and is aligned to 8.
    [[nodiscard]] std::optional<trace::problem> adopt(std::string name, std::span<const std::byte> image);

    /// Reads what is new in each log. `more` while a process still writes to it. Failure: the first log that went away; the
    /// others are read. Cost: linear in what is new.
    [[nodiscard]] std::optional<trace::problem> feed(trace::expectation what_comes = trace::expectation::nothing_more);

    /// One finding for each defect, with the strongest verdict of its instances, worst first. Texts mention locks and threads as
    /// findings/mention.hpp says; report::render() names them. `when`: who is stuck at the end of the log, or now. Cost: symbols of what is found, once; cycles each time.
    findings::report_data findings_so_far(moment when = moment::end);

    /// Before the first feed(): the log is of a process that runs tests, and findings_of_tests() will be asked. Precondition: one log.
    void tell_tests_apart();
    /// The same of a process that runs tests, now: of the cycles of the lock-order graph only those that came to be in this stretch of its log,
    /// all of their sides or the last of them. Precondition: tell_tests_apart(). Cost: of the graph, the parts that meet the stretch.
    findings::report_data findings_of_tests(mark_range marks);
    /// For mark_range::since: what is read from here on is after it. Precondition: one log.
    std::uint64_t position() const;
    /// What each log showed and its lock-order graph, ready to be joined with that of other runs. findings_so_far() of several logs
    /// is the report of this, across-runs cycles included. Cost: symbols of every place in the graphs besides.
    findings::run_summary summary(moment when = moment::end);
    /// The same of the first log without its findings: the graph alone, as it is now.
    findings::run_summary graph_so_far();

    /// What was seen of a process that stands still, besides its log: its stalls can be told where the log alone leaves doubt.
    /// Precondition: index < logs().
    void note_standing(std::size_t index, detectors::standing seen);

    /// What every thread of a log holds and wants, and who is stuck. `ticks_now`: the time-stamp counter, 0 if the log is of another
    /// start of the machine. Precondition: index < logs().
    findings::present present_now(std::size_t index, std::uint64_t ticks_now);

    /// The lock-order graph of all logs, to be drawn.
    findings::lock_order lock_order();

    /// Logs in the order in which they were added.
    std::size_t logs() const noexcept;
    const trace::trace& log(std::size_t index) const noexcept;

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace interlock::analysis
