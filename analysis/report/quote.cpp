// Reads source files with care: their paths come from debug information that anybody may have written.
#include "analysis/report/quote.hpp"

#include <filesystem>
#include <fstream>
#include <string_view>

#include "analysis/report/escape.hpp"

namespace interlock::report {
namespace {

constexpr std::uintmax_t size_max = std::uintmax_t{4} << 20;

std::vector<std::string> read_lines(const std::string& path) {
    std::vector<std::string> out;
    std::error_code failed;
    if (!std::filesystem::is_regular_file(path, failed) || std::filesystem::file_size(path, failed) > size_max ||
        failed)
        return out;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) out.push_back(std::move(line));
    return out;
}

/// Without the space around it.
std::string_view trimmed(std::string_view line) {
    constexpr std::string_view space = " \t\r\f\v";
    const std::size_t begin = line.find_first_not_of(space);
    if (begin == std::string_view::npos) return {};
    return line.substr(begin, line.find_last_not_of(space) - begin + 1);
}

}  // namespace

const std::string* source_lines::find(const std::string& path, std::uint32_t number) {
    if (path.empty() || number == 0) return nullptr;
    const auto [at, is_new] = files_.try_emplace(path);
    if (is_new) at->second = read_lines(path);
    return number <= at->second.size() ? &at->second[number - 1] : nullptr;
}

std::string source_lines::line(const std::string& path, std::uint32_t number) {
    return line_if_any(path, number).value_or("");
}

std::optional<std::string> source_lines::line_if_any(const std::string& path, std::uint32_t number) {
    const std::string* found = find(path, number);
    if (found == nullptr) return std::nullopt;
    return std::string(trimmed(*found));
}

columns source_lines::extent(const std::string& path, std::uint32_t number) {
    const std::string* found = find(path, number);
    const std::string_view text = found == nullptr ? std::string_view() : trimmed(*found);
    if (text.empty()) return {};
    const std::size_t begin = width_of({found->data(), static_cast<std::size_t>(text.data() - found->data())}) + 1;
    return {begin, begin + width_of(text)};
}

}  // namespace interlock::report
