// A line as people mean it.
#pragma once

#include <string_view>

namespace interlock::findings {

/// Without blanks, tabs and carriage returns at both ends. Reentrant.
constexpr std::string_view trimmed(std::string_view line) noexcept {
    constexpr std::string_view space = " \t\r";
    const std::size_t begin = line.find_first_not_of(space);
    if (begin == std::string_view::npos) return {};
    return line.substr(begin, line.find_last_not_of(space) - begin + 1);
}

}  // namespace interlock::findings
