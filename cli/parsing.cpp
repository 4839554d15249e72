// CLI11 does the reading; its messages become one line.
#include "cli/parsing.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/exit_status.hpp"
#include "cli/message.hpp"
#include "cli/option_table.hpp"

namespace interlock::cli {
namespace {

constexpr std::size_t name_width = 30;
constexpr std::size_t line_width = 100;

/// Options in two columns, lines that fit a terminal, no more type decoration than a word.
class plain_formatter : public CLI::Formatter {
public:
    std::string usage;

    std::string make_usage(const CLI::App* app, std::string name) const override {
        return usage.empty() ? CLI::Formatter::make_usage(app, std::move(name)) : "\nUsage: " + usage + "\n";
    }

    std::string make_option_opts(const CLI::Option* option) const override {
        const std::string type = option->get_type_name();  // with its checks behind a colon
        return type.empty() ? type : " " + type.substr(0, type.find(':'));
    }

    std::string make_option(const CLI::Option* option, bool is_positional) const override {
        std::string out = "  " + make_option_name(option, is_positional) + make_option_opts(option);
        std::size_t column = out.size();
        if (column + 2 > name_width) {
            out += '\n';
            column = 0;
        }
        std::istringstream words(make_option_desc(option));
        for (std::string word; words >> word;) {
            if (column > name_width && column + 1 + word.size() > line_width) {
                out += '\n';
                column = 0;
            }
            const std::size_t gap = column < name_width ? name_width - column : 1;
            out += std::string(gap, ' ') + word;
            column += gap + word.size();
        }
        return out + '\n';
    }
};

/// Behind an unknown option whatever follows may be its value: the option is to blame.
std::string what_was_not_expected(const std::vector<std::string>& all) {
    const auto option =
        std::find_if(all.begin(), all.end(), [](const std::string& one) { return one.starts_with('-'); });
    return option == all.end() ? fmt::format("one argument too many: {}", all.empty() ? "" : all.front())
                               : fmt::format("there is no option {}", *option);
}

}  // namespace

CLI::Validator one_of(std::string_view listed) {
    std::string text(listed);
    std::replace(text.begin(), text.end(), ',', ' ');
    std::istringstream parts(text);
    std::vector<std::string> words;
    for (std::string word; parts >> word;)
        if (word != "and") words.push_back(word);
    return CLI::IsMember(words);
}

void set_usage(CLI::App& app, std::string text) {
    const auto formatter = std::make_shared<plain_formatter>();
    formatter->usage = std::move(text);
    app.formatter(formatter);
}

std::optional<int> parse(CLI::App& app, std::string_view command, const arguments& given, int wrong_call) {
    if (std::dynamic_pointer_cast<plain_formatter>(app.get_formatter()) == nullptr) set_usage(app, "");
    app.get_option("--help")->description("Print this help and exit");
    if (given.size() == 1 && given.front() == option_table_option) {
        const std::string text = option_table(app);
        std::fwrite(text.data(), 1, text.size(), stdout);
        return exit_status::clean;
    }
    try {
        app.parse(std::vector<std::string>(given.rbegin(), given.rend()));
    } catch (const CLI::CallForHelp&) {
        const std::string text = app.help();
        std::fwrite(text.data(), 1, text.size(), stdout);
        return exit_status::clean;
    } catch (const CLI::ExtrasError&) {
        say_wrong_call(command, what_was_not_expected(app.remaining()));
        return wrong_call;
    } catch (const CLI::ParseError& wrong) {
        say_wrong_call(command, wrong.what());
        return wrong_call;
    }
    for (const CLI::Option* one : app.get_options()) {
        const std::vector<std::string>& names = one->results();
        const std::string type = one->get_type_name();
        const bool is_of_file =
            one->get_positional() || type == "FILE" || type == "PATH" || type == "LOG" || type == "SUMMARY";
        if (!is_of_file || std::find(names.begin(), names.end(), "") == names.end()) continue;
        say_wrong_call(command, fmt::format("{} is empty: the name of a file is meant", one->get_name()));
        return wrong_call;
    }
    return std::nullopt;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc{}) return std::nullopt;
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    unsigned shift = 0;
    if (unit == "K" || unit == "k")
        shift = 10;
    else if (unit == "M" || unit == "m")
        shift = 20;
    else if (unit == "G" || unit == "g")
        shift = 30;
    else if (!unit.empty())
        return std::nullopt;
    if (number > (UINT64_MAX >> shift)) return std::nullopt;
    return number << shift;
}

std::function<std::string(const std::string&)> is_seconds(double least) {
    return [least](const std::string& text) -> std::string {
        double seconds = 0;
        const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), seconds);
        if (failed == std::errc{} && end == text.data() + text.size() && std::isfinite(seconds) && seconds >= least)
            return {};
        return fmt::format("'{}' is not a number of seconds, {} or more", text, least);
    };
}

std::string current_folder() {
    std::error_code failed;
    const std::filesystem::path folder = std::filesystem::current_path(failed);
    return failed ? std::string() : folder.string();
}

}  // namespace interlock::cli
