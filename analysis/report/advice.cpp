// The types of the locks decide, then the places of the requests.
#include "analysis/report/advice.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "analysis/report/naming.hpp"

namespace interlock::report {

using findings::edge;
using findings::finding;
using findings::kind;
using findings::lock_mode;
using findings::verdict;

namespace {

constexpr std::size_t named_max = 4;

std::string_view type_of(const finding& what, std::uint64_t lock) {
    const findings::lock* found = find_lock(what, lock);
    return found == nullptr ? std::string_view() : std::string_view(found->type);
}

bool is_initialiser(std::string_view type) { return type == "once" || type == "static-guard"; }

/// What std::lock can take: it has lock(), unlock() and try_lock().
bool is_lockable(std::string_view type) {
    return type.ends_with("mutex") || type == "spinlock" || type == "ticket-lock" || type == "user-lock";
}

bool is_upgrade(const edge& side) {
    return side.held == side.wanted && side.held_mode == lock_mode::shared && side.wanted_mode == lock_mode::exclusive;
}

/// Whether its source is of another language than C++. What has no source may be C++.
bool is_foreign(const findings::stack& at) {
    return !at.empty() && (at[0].file.ends_with(".c") || at[0].file.ends_with(".py"));
}

/// The names of the locks held for which `wanted` is true, in the order of the cycle.
std::string names_of(const finding& what, const auto& wanted) {
    std::string out;
    std::set<std::uint64_t> seen;
    for (const edge& side : what.edges)
        if (wanted(type_of(what, side.held)) && seen.insert(side.held).second && seen.size() <= named_max)
            out += (out.empty() ? "" : ", ") + lock_name(what, side.held);
    return out + (seen.size() > named_max ? ", ..." : "");
}

std::string of_initialisers(const finding& what) {
    const std::string initialised = names_of(what, is_initialiser);
    const std::string locks = names_of(what, [](std::string_view type) { return !is_initialiser(type); });
    if (locks.empty())
        return fmt::format(
            "let no initialiser ({}) use what another of them initialises; make what both need before either.",
            initialised);
    return fmt::format(
        "do not initialise ({}) while {} is held: initialise before, or do without the lock in the initialiser.",
        initialised, locks);
}

/// Whether all requests are made in one function, which then has the locks by address alone.
bool is_of_one_function(const finding& what) {
    const findings::stack& first = what.edges[0].wanted_stack;
    return !first.empty() && !first[0].function.empty() &&
           std::all_of(what.edges.begin(), what.edges.end(), [&](const edge& side) {
               return !side.wanted_stack.empty() && side.wanted_stack[0].function == first[0].function;
           });
}

/// `array[index]rest` in its parts; no index where the name is no element's.
struct element {
    std::string_view array;
    std::string_view index;
    std::string_view rest;
};

element element_of(std::string_view name) {
    const std::size_t open = name.find('[');
    const std::size_t close = name.find(']', open);
    if (open == 0 || close == std::string_view::npos) return {};
    const std::string_view index = name.substr(open + 1, close - open - 1);
    const bool is_number = !index.empty() && index.find_first_not_of("0123456789") == std::string_view::npos;
    return is_number ? element{name.substr(0, open), index, name.substr(close + 1)} : element{};
}

/// The array whose elements, or one member of each, all the locks are; empty: they are not.
std::string array_of(const finding& what) {
    const std::string first_name = lock_name(what, what.edges[0].held);
    const element first = element_of(first_name);
    if (first.index.empty()) return {};
    for (const edge& side : what.edges) {
        const std::string name = lock_name(what, side.held);
        const element one = element_of(name);
        if (one.index.empty() || one.array != first.array || one.rest != first.rest) return {};
    }
    return std::string(first.array);
}

bool are_lockables(const finding& what) {
    return std::all_of(what.edges.begin(), what.edges.end(), [&](const edge& side) {
        return side.wanted_mode == lock_mode::exclusive && is_lockable(type_of(what, side.held));
    });
}

bool is_foreign(const finding& what) {
    return std::any_of(what.edges.begin(), what.edges.end(),
                       [](const edge& side) { return is_foreign(side.wanted_stack) || is_foreign(side.held_stack); });
}

}  // namespace

std::string default_advice(const finding& what) {
    if (what.kind == kind::self_deadlock)
        return "do not lock it again while it is held: pass the lock on, or split off a function that expects it held.";
    if (what.edges.empty()) return "";
    const auto upgrade = std::find_if(what.edges.begin(), what.edges.end(), is_upgrade);
    if (upgrade != what.edges.end())
        return fmt::format(
            "ask for {} exclusively from the start, or release the shared hold before asking for the exclusive one and "
            "check again what was read.",
            lock_name(what, upgrade->held));
    const std::string names = names_of(what, [](std::string_view) { return true; });
    if (what.verdict == verdict::guarded)
        return fmt::format(
            "one order everywhere ({}) would do without the guard; as long as that stays, nothing needs to change.",
            names);
    if (std::any_of(what.edges.begin(), what.edges.end(),
                    [&](const edge& side) { return is_initialiser(type_of(what, side.held)); }))
        return of_initialisers(what);
    const bool together = are_lockables(what) && !is_foreign(what);
    if (is_of_one_function(what) && are_lockables(what))
        return together ? "acquire them together with std::scoped_lock, or always the lower address first."
                        : "acquire the one at the lower address first, everywhere.";
    if (const std::string array = array_of(what); !array.empty())
        return fmt::format("acquire the element of {} with the lower index first, everywhere{}", array,
                           together ? ", or all together with std::scoped_lock." : ".");
    return fmt::format("keep one order everywhere ({}){}", names,
                       together ? ", or acquire them together with std::scoped_lock." : ".");
}

}  // namespace interlock::report
