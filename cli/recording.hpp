// A program run under the recorder, up to the logs that it leaves: what `run` and `record` have in common.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "analysis/live/run_watch.hpp"
#include "cli/launch.hpp"

namespace interlock::cli {

struct recording_options {
    std::vector<std::string> command;  // program and arguments
    std::string log;  // pattern with %p, %e, %h; empty: a folder of our own, removed with the recording
    std::string level = "full";
    std::uint64_t max_log = std::uint64_t{1} << 30;  // bytes
    /// Called while the program runs, with the logs in which threads are newly stuck for ever; true: it is to be killed, with all
    /// processes of the run. Nothing: it is not watched.
    std::function<bool(const std::vector<live::run_watch::stuck_log>&)> on_stuck;
    double watchdog_s = 0;  // standstill after which a stall is examined; 0: never
};

/// The path of the log that such a pattern names; nothing where that depends on the process, by %p or %e.
std::optional<std::string> log_named(const std::string& pattern);

/// Logs of one run. Removes its own folder when it dies. Thread-bound.
class recording {
public:
    recording() = default;
    ~recording();
    recording(const recording&) = delete;
    recording& operator=(const recording&) = delete;

    /// Runs the program to its end and collects the logs. Failure of ours (no recorder, no folder): one line, nothing was run.
    std::optional<std::string> make(const recording_options& chosen);

    const launch_result& program() const noexcept { return program_; }
    /// Of the program and of every process that it started, the program's first.
    const std::vector<std::string>& logs() const noexcept { return logs_; }
    /// Of these, the logs of processes that outlive the program.
    const std::set<std::string>& growing_logs() const noexcept { return growing_; }
    /// Why nothing, or not everything, could be recorded; empty if nothing is known to be wrong.
    const std::string& blind_spot() const noexcept { return blind_spot_; }
    /// The file that the program was found in.
    const std::string& program_path() const noexcept { return program_path_; }

private:
    std::optional<std::string> choose_place(const recording_options& chosen);
    std::vector<std::string> environment(const recording_options& chosen, const std::string& library) const;
    void run(const recording_options& chosen, const std::vector<std::string>& environment);
    void collect();

    launch_result program_;
    std::vector<std::string> logs_;
    std::set<std::string> growing_;
    std::string blind_spot_;
    std::string program_path_;
    std::string own_folder_;
    std::string pattern_;  // absolute
    std::array<std::uint64_t, 2> run_{};
};

}  // namespace interlock::cli
