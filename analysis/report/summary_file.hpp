// Summaries of many runs as files. A summary is JSON Lines: a line that says what it is,
// then a line for each run, finding and edge, in an order that is given by what they are. Equal summaries are equal files.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "analysis/findings/run_summary.hpp"

namespace interlock::report {

/// Whether a file that begins so is a summary.
bool is_summary(std::string_view begin) noexcept;

/// The file's content, handed to `sink` line by line.
void write_summary(const findings::run_summary& all, std::string_view tool_version,
                   const std::function<void(std::string_view)>& sink);

/// The content of the file `path` into `into`, which is empty. Failure: one line with file, line and reason.
std::optional<std::string> read_summary(std::string_view path, std::string_view text, findings::run_summary& into);

}  // namespace interlock::report
