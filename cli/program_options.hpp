// The options of run and record that are about the program to be recorded, and the split between our arguments and its own.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/commands.hpp"
#include "cli/recording.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): the library is called so
class App;
}

namespace interlock::cli {

struct program_options {
    std::string level = "full";
    std::string max_log = "1G";
};

void add_program_options(CLI::App& app, program_options& into);

/// parse() up to the program; the program and its arguments, and what `program` says, go to `chosen`. Returns the status with
/// which to end now, or nothing.
std::optional<int> parse_with_program(CLI::App& app, std::string_view command, const arguments& given,
                                      const program_options& program, recording_options& chosen);

}  // namespace interlock::cli
