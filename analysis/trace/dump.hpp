// The events of a log as lines of text, one an event, for people and for diff. What `interlock dump` prints.
//
//     main create t1 @ program+0x1010
//     t1 acquire A exclusive @ program+0x1020
//
// By default a line holds nothing that changes from run to run of a deterministic program: no time, no address but one relative
// to its module. Agents and objects go by name, else by number.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "analysis/trace/trace.hpp"

namespace interlock::trace {

struct dump_options {
    bool times = false;      // seconds since the log's begin, before each line
    bool addresses = false;  // of objects and of code, as they were in the process
    bool sequences = false;  // the object's own number of each operation
};

/// One line of an event, without its end. `line` is cleared first. No control characters: names are escaped.
void describe_event(const trace& log, const event& what, const dump_options& options, std::string& line);

/// One line of a loss, without its end.
std::string describe_loss(const trace& log, const loss& what);

/// Feeds `log`, which is open and new, to its end, and gives each event's line to `sink`, then the losses' lines, each beginning
/// with "# ". Failure: as trace::feed.
[[nodiscard]] std::optional<problem> dump(trace& log, const dump_options& options,
                                          const std::function<void(std::string_view)>& sink);

}  // namespace interlock::trace
