// Names, raw: escaping is left to each format.
#include "analysis/report/naming.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "analysis/findings/function_name.hpp"
#include "analysis/findings/names.hpp"

namespace interlock::report {

using findings::finding;
using findings::kind;

namespace {

template <typename Thing>
const Thing* find_in(const std::vector<Thing>& all, std::uint64_t id) noexcept {
    const auto at = std::find_if(all.begin(), all.end(), [&](const Thing& one) { return one.id == id; });
    return at == all.end() ? nullptr : &*at;
}

template <typename Thing>
std::string named(const std::vector<Thing>& all, const Thing& one) {
    const bool shared =
        std::count_if(all.begin(), all.end(), [&](const Thing& other) { return other.name == one.name; }) > 1;
    return shared ? fmt::format("{} #{}", one.name, one.id) : one.name;
}

std::string_view without_prefix(std::string_view path, std::string_view prefix) {
    if (!prefix.empty() && path.starts_with(prefix)) path.remove_prefix(prefix.size());
    return path;
}

}  // namespace

const findings::lock* find_lock(const finding& where, std::uint64_t id) noexcept { return find_in(where.locks, id); }
const findings::thread* find_thread(const finding& where, std::uint64_t id) noexcept {
    return find_in(where.threads, id);
}

std::string lock_name(const finding& where, std::uint64_t id) {
    const findings::lock* found = find_lock(where, id);
    if (found != nullptr && !found->name.empty()) return named(where.locks, *found);
    return fmt::format("{} {}", found == nullptr || found->type.empty() ? "lock" : found->type, id);
}

std::string thread_name(const finding& where, std::uint64_t id) {
    const findings::thread* found = find_thread(where, id);
    if (found != nullptr && !found->name.empty()) return named(where.threads, *found);
    return fmt::format("thread {}", id);
}

finding all_named(const finding& what) {
    finding out;
    out.locks = what.locks;
    out.threads = what.threads;
    const auto add = [](auto& all, const auto& one) {
        if (find_in(all, one.id) == nullptr) all.push_back(one);
    };
    for (const findings::bystander& one : what.behind) {
        add(out.threads, one.who);
        add(out.locks, one.wanted);
    }
    for (const findings::wanted_hold& one : what.holds) {
        add(out.threads, one.who);
        add(out.locks, one.held);
    }
    return out;
}

std::string held_by(const finding& what, const finding& named, std::uint64_t lock) {
    std::set<std::uint64_t> holders;
    for (const findings::edge& side : what.edges)
        if (side.held == lock && !side.signals) holders.insert(side.thread);
    for (const findings::wanted_hold& one : what.holds)
        if (one.held.id == lock) holders.insert(one.who.id);
    std::string out;
    for (const std::uint64_t each : holders) out += (out.empty() ? ", held by " : ", ") + thread_name(named, each);
    return out;
}

std::string with_names(std::string_view text, const finding& where) {
    constexpr std::string_view lock_word = "{lock ";
    constexpr std::string_view thread_word = "{thread ";
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const std::string_view rest = text.substr(i);
        const bool is_lock = rest.starts_with(lock_word);
        const std::size_t start = is_lock ? lock_word.size() : rest.starts_with(thread_word) ? thread_word.size() : 0;
        std::uint64_t id = 0;
        const auto [end, failed] = std::from_chars(rest.data() + start, rest.data() + rest.size(), id);
        if (start == 0 || failed != std::errc{} || end == rest.data() + rest.size() || *end != '}') {
            out += text[i++];
            continue;
        }
        out += is_lock ? lock_name(where, id) : thread_name(where, id);
        i += static_cast<std::size_t>(end - rest.data()) + 1;
    }
    return out;
}

std::string shown_path(const std::string& path, const options& how) {
    std::string_view shown = without_prefix(path, how.strip_path_prefix);
    if (shown.size() == path.size() && !how.working_directory.empty() && how.working_directory != "/")
        shown = without_prefix(
            path, how.working_directory.ends_with('/') ? how.working_directory : how.working_directory + '/');
    return std::string(shown.empty() ? path : shown);
}

std::string place(const findings::frame& where, const options& how) {
    if (!where.file.empty()) {
        const std::string path = shown_path(where.file, how);
        return where.line == 0 ? path : fmt::format("{}:{}", path, where.line);
    }
    if (where.module.empty()) return fmt::format("{:#x}", where.offset);
    const std::size_t slash = where.module.rfind('/');
    return fmt::format("{}+{:#x}", slash == std::string::npos ? where.module : where.module.substr(slash + 1),
                       where.offset);
}

std::string place_and_function(const findings::frame& where, const options& how) {
    const std::string at = place(where, how);
    return where.function.empty() ? at : fmt::format("{} in {}", at, findings::plain_function(where.function));
}

std::string_view title(kind what) noexcept {
    return what == kind::lock_order_cycle ? "lock-order-inversion" : findings::name(what);
}

}  // namespace interlock::report
