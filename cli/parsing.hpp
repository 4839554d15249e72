// One way to read a command's arguments, so that every command answers --help and a wrong call alike.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cli/commands.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): the library is called so
class App;
class Validator;
}  // namespace CLI

namespace interlock::cli {

/// Reads `given` into what `app` binds. Returns the exit status with which to end now: after --help (printed), or a wrong call
/// (said; `wrong_call` is the status then). Nothing: go on.
std::optional<int> parse(CLI::App& app, std::string_view command, const arguments& given, int wrong_call);

/// For an option's check(): one of the words that `listed` names as prose does, "text, json and csv".
CLI::Validator one_of(std::string_view listed);

/// What --help says behind "Usage:", where the options do not tell it.
void set_usage(CLI::App& app, std::string text);

/// 1048576, 64K, 1M, 2G: bytes. Nothing for anything else.
std::optional<std::uint64_t> parse_size(std::string_view text);

/// For an option's check(): a number of seconds, `least` or more. Says what is wrong with any other text; "" for a good one.
std::function<std::string(const std::string&)> is_seconds(double least);

/// The folder that the command runs in; empty if that cannot be told.
std::string current_folder();

}  // namespace interlock::cli
