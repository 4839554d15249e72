// One log of a process that may be running, looked at again and again. Owner-bound cycles are examined as soon as two looks agree;
// what else stands still, once it has done so for the watchdog's time. Examining is the usual analysis, of all that the log has
// by then; what is to become of the process is left to the caller.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <sys/types.h>

#include "analysis/detectors/stall.hpp"
#include "analysis/findings/finding.hpp"
#include "analysis/live/standstill.hpp"
#include "analysis/trace/present_log.hpp"

namespace interlock::live {

enum class outcome : std::uint8_t {
    nothing_new,
    stuck,  // threads are, that were not told of before: findings_so_far(moment::now) of the log tells of them
    gone,   // the log cannot be read any more, or its process has ended
};

/// Thread-bound.
class log_watch {
public:
    /// `watchdog_s`: how long threads may stand still before they are examined for a stall; 0: never.
    log_watch(std::string path, double watchdog_s) : path_{std::move(path)}, watchdog_s_{watchdog_s} {}

    /// Precondition: `when` does not go back. Cost: a page read for each thread; the analysis of the whole log where a set of threads
    /// has become suspect, once for each such set.
    outcome look(look_time when);

    /// Who has stood still for the watchdog's time in a request for a lock that a thread of another process has. Cost: some file reads a
    /// thread, where anybody waits for a lock that nobody here has; else none.
    std::vector<wait_abroad> waits_abroad() const;

    /// These of waits_abroad() wait, by way of the other processes, for themselves: `pages` are all that are bound by that. Whether it is
    /// new, and has a finding.
    bool tell_across(const std::vector<std::uint64_t>& pages, std::set<format::agent_id> agents);

    /// The analysis of the log as it is, with what was seen besides.
    std::optional<findings::report_data> findings() const;

    const std::string& path() const noexcept { return path_; }
    /// 0: not looked yet, or it has ended.
    pid_t process() const noexcept { return process_; }
    /// The last look's, condition waits bound.
    const std::vector<trace::agent_present>& agents() const noexcept { return agents_; }
    const standstill& still() const noexcept { return still_; }
    const trace::present_log& log() const noexcept { return log_; }
    /// What the kernel said when a stall was examined last, if nobody has moved since who waited then.
    const detectors::standing& seen() const noexcept { return seen_; }

private:
    /// Pages with their moves: a set of agents at one point of their lives.
    using suspects = std::vector<std::uint64_t>;

    suspects signature(const std::vector<std::uint64_t>& pages) const;
    void forget_old_standing();
    static bool is_new(std::set<suspects>& examined, suspects who);
    bool asks_analysis();
    bool examine_stall();

    std::string path_;
    double watchdog_s_;
    bool opened_ = false;
    pid_t process_ = 0;
    trace::present_log log_;
    std::vector<trace::agent_present> agents_;
    standstill still_;
    std::set<suspects> across_;    // told of, with other processes
    std::set<suspects> bound_;     // examined, as soon as two looks agreed
    std::set<suspects> examined_;  // told of, or examined after the watchdog's time: by then more is known
    detectors::standing seen_;
    suspects seen_of_;  // whom it is of: while they have not moved it holds
};

}  // namespace interlock::live
