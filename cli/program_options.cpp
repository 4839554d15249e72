// Everything behind the first word that is no option of ours belongs to the program, `--help` included.
#include "cli/program_options.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/exit_status.hpp"
#include "cli/message.hpp"
#include "cli/parsing.hpp"

namespace interlock::cli {
namespace {

/// How many of the arguments are ours: all before `--` or the program.
std::size_t ours(const CLI::App& app, const arguments& given) {
    for (std::size_t i = 0; i < given.size(); ++i) {
        const std::string& word = given[i];
        if (word == "--" || word.empty() || word[0] != '-' || word == "-") return i;
        if (word.find('=') != std::string::npos) continue;
        const CLI::Option* option = app.get_option_no_throw(word);
        const bool has_value = option != nullptr && option->get_items_expected_max() > 0;  // the next word
        if (has_value && i + 1 < given.size() && given[i + 1] != "--") ++i;
    }
    return given.size();
}

}  // namespace

void add_program_options(CLI::App& app, program_options& into) {
    app.add_option("--record", into.level,
                   "What to record: order (new lock orders only) or full (every operation, default)")
        ->type_name("LEVEL")
        ->check(CLI::IsMember({"order", "full"}));
    app.add_option("--max-log", into.max_log,
                   "Size limit of a log: bytes, or with K, M, G (1G); then full goes on as order")
        ->type_name("SIZE");
}

std::optional<int> parse_with_program(CLI::App& app, std::string_view command, const arguments& given,
                                      const program_options& program, recording_options& chosen) {
    set_usage(app, fmt::format("interlock {} [OPTIONS] [--] PROGRAM [ARGS]", command));
    const std::size_t count = ours(app, given);
    const auto middle = given.begin() + static_cast<std::ptrdiff_t>(count);
    if (const auto ended = parse(app, command, arguments(given.begin(), middle), exit_status::own_error)) return ended;
    auto first = middle;
    if (first != given.end() && *first == "--") ++first;
    chosen.command.assign(first, given.end());
    chosen.level = program.level;
    const auto size = parse_size(program.max_log);
    const std::uint64_t least = std::uint64_t{64} << 10;
    if (!size || *size < least) {
        say_wrong_call(command, fmt::format("--max-log: '{}' is no size of at least 64K", program.max_log));
        return exit_status::own_error;
    }
    chosen.max_log = *size;
    if (chosen.command.empty() || chosen.command.front().empty()) {
        say_wrong_call(command, "PROGRAM is missing");
        return exit_status::own_error;
    }
    return std::nullopt;
}

}  // namespace interlock::cli
