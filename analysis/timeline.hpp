// A log as a picture over time: each agent's life and waits on its own track, its holds on tracks below, and a flow from each release to
// the wait that it ended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/report/options.hpp"
#include "analysis/report/perfetto.hpp"
#include "analysis/symbols/symboliser.hpp"
#include "analysis/trace/trace.hpp"

namespace interlock::analysis {

/// Thread-bound. Times are CLOCK_MONOTONIC, so logs of one machine lie side by side. Memory: names, and what is held at one time.
class timeline {
public:
    timeline(report::perfetto_writer& to, const report::options& how) : to_{to}, how_{how} {}

    /// Draws one more log. Failure: why it cannot be used, or not to its end; what was drawn until then stays.
    [[nodiscard]] std::optional<trace::problem> add_log(const std::string& path);
    [[nodiscard]] std::optional<trace::problem> adopt(std::string name, std::span<const std::byte> image);

    /// What is not in the picture, one sentence each.
    const std::vector<std::string>& limits() const noexcept { return limits_; }

private:
    std::optional<trace::problem> add(trace::trace& log);

    report::perfetto_writer& to_;
    const report::options& how_;
    symbols::symboliser symbols_;
    std::size_t logs_ = 0;
    std::vector<std::string> limits_;
};

}  // namespace interlock::analysis
