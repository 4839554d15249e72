// The options of a command for machines: what completions of shells are made of (cli/completions/completions.py).
#pragma once

#include <string>
#include <string_view>

namespace CLI {  // NOLINT(readability-identifier-naming): the library is called so
class App;
}

namespace interlock::cli {

/// Given alone, it prints option_table(). Not in --help.
inline constexpr std::string_view option_table_option = "--option-table";

/// One line an option or positional argument, five fields between tabs: `option`, `repeatable` or `argument`; its names, by commas; what its
/// value is called, empty where it takes none; the values that there are, by commas, empty where any will do; its description.
std::string option_table(const CLI::App& app);

}  // namespace interlock::cli
