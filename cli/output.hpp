// What a command prints that is no report: all of it, or one line that says why not. What may be written over.
#pragma once

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace interlock::cli {

/// Text on its way to stdout. Whoever reads it may go before the end (`| head`): then the process ends
/// by SIGPIPE as any does, or, where that is ignored, all is well.
class output {
public:
    void add(std::string_view text) noexcept;
    void add_line(std::string_view text) noexcept;
    /// Once, after the last: what is wrong, `what` being "the events" or the like; nothing if all was written.
    [[nodiscard]] std::optional<std::string> finish(std::string_view what);

private:
    int error_ = 0;  // errno of the first failure; nothing is written after it
};

/// Before there is anything to write: one line that says why `path` cannot be written at all. "-" is stdout.
std::optional<std::string> why_not_writable(const std::string& path);

/// Whether to write to `written` takes `other` away, be it by another name or not there yet. Not where `written` takes all that is written
/// to it, such as a terminal or a pipe; nor "-", stdout.
bool is_same_file(const std::string& written, const std::string& other);

}  // namespace interlock::cli
