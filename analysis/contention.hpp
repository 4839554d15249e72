// Who waits for locks and how long, from logs: feeds the activity of each log into one row for each lock and each lock class.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "analysis/findings/contention.hpp"
#include "analysis/trace/problem.hpp"

namespace interlock::analysis {

/// A class is what the user called one, else all locks of one type first seen at one place. Thread-bound.
///
/// Memory: a row and two histograms (duration_histogram.hpp) for each of the first 100,000 locks and classes, 32 pairs for each that was
/// waited for; beyond, locks count in their class alone, and that is told. Cost: linear in the events.
class contention_analysis {
public:
    contention_analysis();
    ~contention_analysis();

    /// Reads one more log to its end. Failure: why the file cannot be used; nothing of it counts.
    [[nodiscard]] std::optional<trace::problem> add_log(const std::string& path);
    [[nodiscard]] std::optional<trace::problem> adopt(std::string name, std::span<const std::byte> image);

    /// Rows in no order that is told.
    findings::contention result() const;

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace interlock::analysis
