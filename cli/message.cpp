// One line each, whatever is in it.
#include "cli/message.hpp"

#include <cstdio>

#include <fmt/format.h>

#include "analysis/report/escape.hpp"

namespace interlock::cli {

void say(std::string_view text) {
    const std::string line = fmt::format("interlock: {}\n", report::printable(text));
    std::fwrite(line.data(), 1, line.size(), stderr);
}

void say_wrong_call(std::string_view command, std::string_view text) {
    while (text.ends_with('.') || text.ends_with('\n')) text.remove_suffix(1);
    const std::string line =
        fmt::format("interlock {}: {}; see interlock {} --help\n", command, report::printable(text), command);
    std::fwrite(line.data(), 1, line.size(), stderr);
}

std::string one_line(const trace::problem& what) {
    return fmt::format("{}: offset {}: {}", what.path, what.offset, what.reason);
}

}  // namespace interlock::cli
