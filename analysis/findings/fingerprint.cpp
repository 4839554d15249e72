// Least rotation of the edges' texts, hashed.
#include "analysis/findings/fingerprint.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <string_view>

#include <xxhash.h>

#include "analysis/findings/function_name.hpp"
#include "analysis/findings/names.hpp"

namespace interlock::findings {

std::string place_word(const stack& frames) {
    if (frames.empty()) return "?";
    const frame& top = frames.front();
    if (!top.function.empty()) return enclosing_function(top.function);
    const std::size_t slash = top.module.rfind('/');
    return (slash == std::string::npos ? top.module : top.module.substr(slash + 1)) + '+' + std::to_string(top.offset);
}

std::string without_elements(const std::string& name) {
    std::string out;
    bool inside = false;
    for (const char c : name) {
        if (c == ']') inside = false;
        if (!inside) out += c;
        if (c == '[') inside = true;
    }
    return out;
}

std::string without_indices(const std::string& name) {
    std::string out = without_elements(name);
    // A symbol and an offset into it: the offset moves with unrelated edits.
    if (const std::size_t plus = out.rfind('+');
        plus != std::string::npos && plus + 1 < out.size() &&
        std::all_of(out.begin() + static_cast<std::ptrdiff_t>(plus) + 1, out.end(),
                    [](unsigned char c) { return std::isdigit(c) != 0; }))
        out.resize(plus);
    return out;
}

namespace {

/// The source name or class of a lock, array indices left out: which element it was may differ from run to run. Names that
/// the user gave are data of the run and do not count.
std::string lock_word(const finding& what, std::uint64_t id) {
    const auto at = std::find_if(what.locks.begin(), what.locks.end(), [&](const lock& one) { return one.id == id; });
    if (at == what.locks.end()) return {};
    if (!at->lock_class.empty()) return at->lock_class;
    if (at->named_by_user) return {};
    std::string word = without_indices(at->name);
    // Where debug information has no size of an element, it is not known to be one.
    for (std::size_t i = word.find("[]"); i != std::string::npos; i = word.find("[]")) word.erase(i, 2);
    return word;
}

std::string edge_text(const finding& what, const edge& side, const other_place& at) {
    std::string out = at.held;
    out += '\t';
    out += name(side.held_mode);
    out += '\t';
    out += lock_word(what, side.held);
    out += '\t';
    out += at.wanted;
    out += '\t';
    out += name(side.wanted_mode);
    out += '\n';
    return out;
}

/// The rotation that compares least. Quadratic at worst, cycles are short.
std::string least_rotation(std::vector<std::string> parts) {
    if (parts.empty()) return {};
    std::vector<std::string> best = parts;
    for (std::size_t i = 1; i < parts.size(); ++i) {
        std::rotate(parts.begin(), parts.begin() + 1, parts.end());
        if (parts < best) best = parts;
    }
    std::string out;
    for (const std::string& part : best) out += part;
    return out;
}

}  // namespace

std::string fingerprint_text(const finding& what, std::span<const std::vector<other_place>> elsewhere) {
    std::string text(name(what.kind));
    text += '\n';
    if (!what.accesses.empty()) {  // whichever was first, and whether it read before it wrote, is chance
        std::vector<std::string> places;
        for (const access& side : what.accesses) places.push_back(place_word(side.stack));
        std::sort(places.begin(), places.end());
        for (const std::string& each : places) text += each + '\n';
        return text + without_indices(what.variable);
    }
    if (what.edges.empty()) {
        std::string place = place_word(what.stack);
        // Which of several threads came first is chance.
        for (const stuck_wait& one : what.waits) place = std::min(place, place_word(one.at));
        text += place;
        text += '\n';
        if (!what.locks.empty()) text += lock_word(what, what.locks.front().id);
        // An order is one of two locks.
        if (what.kind == kind::lock_rank_violation && what.locks.size() > 1)
            text += '\n' + lock_word(what, what.locks[1].id);
        return text;
    }
    std::vector<std::string> parts;
    parts.reserve(what.edges.size());
    for (std::size_t i = 0; i < what.edges.size(); ++i) {
        const edge& side = what.edges[i];
        std::string least = edge_text(what, side, {place_word(side.held_stack), place_word(side.wanted_stack)});
        if (i < elsewhere.size())
            for (const other_place& at : elsewhere[i]) least = std::min(least, edge_text(what, side, at));
        parts.push_back(std::move(least));
    }
    return text + least_rotation(std::move(parts));
}

std::string fingerprint(const finding& what, std::span<const std::vector<other_place>> elsewhere) {
    return digest(fingerprint_text(what, elsewhere));
}

std::string digest(std::string_view text) {
    std::array<char, 17> digits{};
    std::snprintf(digits.data(), digits.size(), "%016llx",
                  static_cast<unsigned long long>(XXH3_64bits(text.data(), text.size())));
    return digits.data();
}

}  // namespace interlock::findings
