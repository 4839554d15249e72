// Lines that the command itself says, on stderr; a report is not one of them.
#pragma once

#include <string_view>

namespace interlock::cli {

/// "interlock: text", made printable.
void say(std::string_view text);
/// "interlock COMMAND: text; see interlock COMMAND --help"
void say_wrong_call(std::string_view command, std::string_view text);

}  // namespace interlock::cli
