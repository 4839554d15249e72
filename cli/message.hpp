// Lines that the command itself says, on stderr; a report is not one of them.
#pragma once

#include <string>
#include <string_view>

#include "analysis/trace/problem.hpp"

namespace interlock::cli {

/// "interlock: text", made printable.
void say(std::string_view text);
/// "interlock COMMAND: text; see interlock COMMAND --help"
void say_wrong_call(std::string_view command, std::string_view text);

/// "path: offset N: reason"
std::string one_line(const trace::problem& what);

}  // namespace interlock::cli
