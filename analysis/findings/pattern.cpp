// One scan each, no recursion.
#include "analysis/findings/pattern.hpp"

namespace interlock::findings {

bool matches(std::string_view pattern, std::string_view text) noexcept {
    if (text.empty()) return false;
    bool at_begin = pattern.starts_with('^');
    if (at_begin) pattern.remove_prefix(1);
    bool after_star = false;
    while (!pattern.empty()) {
        if (pattern.front() == '*') {
            pattern.remove_prefix(1);
            at_begin = false;
            after_star = true;
            continue;
        }
        if (pattern.front() == '$') return text.empty() || after_star;
        const std::string_view part = pattern.substr(0, pattern.find_first_of("*$"));
        const std::size_t found = text.find(part);
        if (found == std::string_view::npos || (at_begin && found != 0)) return false;
        text.remove_prefix(found + part.size());
        pattern.remove_prefix(part.size());
        at_begin = false;
        after_star = false;
    }
    return true;
}

bool matches_whole(std::string_view pattern, std::string_view text) noexcept {
    std::size_t at = 0;
    std::size_t in = 0;
    std::size_t star = std::string_view::npos;  // the last star met, and what it stands for so far ends at `resume`
    std::size_t resume = 0;
    while (in < text.size()) {
        if (at < pattern.size() && pattern[at] == '*') {
            star = at++;
            resume = in;
        } else if (at < pattern.size() && (pattern[at] == '?' || pattern[at] == text[in])) {
            ++at;
            ++in;
        } else if (star != std::string_view::npos) {
            at = star + 1;
            in = ++resume;
        } else {
            return false;
        }
    }
    while (at < pattern.size() && pattern[at] == '*') ++at;
    return at == pattern.size();
}

}  // namespace interlock::findings
