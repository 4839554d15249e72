#include "primitives/gtest/lock_questions.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>

#include <interlock/recorder.hpp>

#include "analysis/findings/user_frames.hpp"
#include "analysis/report/naming.hpp"

namespace interlock::gtest {

namespace {

std::string place_of(const findings::stack& frames, const report::options& looks) {
    if (frames.empty()) return "a place that is not known";
    // Of a hold whose request was met before only the call itself is kept; unoptimised, that is in the library's wrapper.
    const std::string unknown = findings::is_library_frame(frames.front()) ? ", whose caller was not kept" : "";
    return report::place_and_function(frames.front(), looks) + unknown;
}

/// The youngest lock that lies there: what lay there before is gone, be it that nobody has used what lies there now.
std::optional<std::uint64_t> find_lock(const analysis::analyser& log, const named_lock& what) {
    std::optional<std::uint64_t> found;
    const trace::definitions& names = log.log(0).names();
    for (const format::object_id id : names.objects())
        if (names.object(id).address - what.address < what.size)
            found = std::max(found.value_or(0), std::uint64_t{number(id)});
    if (!found) return found;
    const auto object = static_cast<std::uint32_t>(*found);
    const std::uint64_t address = names.object(format::object_id{object}).address;
    return interlock_v1_is_lock_at(reinterpret_cast<void*>(address), object) ? found : std::nullopt;
}

/// The request that ends the shortest way from `from` to `to`, where there is one.
const findings::order_edge* last_on_way(const findings::lock_order& graph, std::uint64_t from, std::uint64_t to) {
    std::multimap<std::uint64_t, const findings::order_edge*> leaving;
    for (const findings::order_edge& one : graph.edges) leaving.emplace(one.held, &one);
    std::set<std::uint64_t> reached{from};
    std::deque<std::uint64_t> next{from};
    for (; !next.empty(); next.pop_front()) {
        const auto [begin, end] = leaving.equal_range(next.front());
        for (auto it = begin; it != end; ++it) {
            if (it->second->wanted == to) return it->second;
            if (reached.insert(it->second->wanted).second) next.push_back(it->second->wanted);
        }
    }
    return nullptr;
}

}  // namespace

std::string held_by(analysis::analyser& log, std::uint32_t agent, const report::options& looks) {
    std::string made;
    for (const findings::present_thread& one : log.present_now(0, 0).threads) {
        if (one.who.id != agent) continue;
        for (const findings::present_hold& hold : one.holds) {
            made += "  " + (hold.what.name.empty() ? "a " + hold.what.type : hold.what.name);
            made += (hold.mode == findings::lock_mode::shared ? " (shared)" : "");
            made += ", acquired at " + place_of(hold.since, looks) + "\n";
        }
    }
    return made;
}

std::string order_problem(analysis::analyser& log, const named_lock& first, const named_lock& second,
                          const report::options& looks) {
    const std::optional<std::uint64_t> a = find_lock(log, first);
    const std::optional<std::uint64_t> b = find_lock(log, second);
    for (const auto& [id, what] : {std::pair(a, &first), std::pair(b, &second)})
        if (!id) return what->text + " was never used up to here";
    const findings::lock_order graph = log.lock_order();
    if (const findings::order_edge* against = last_on_way(graph, *b, *a)) {
        return first.text + " was requested while " + second.text + " was held" +
               (against->held == *b ? "" : ", by way of other locks") + ": at " +
               place_of(against->wanted_stack, looks);
    }
    if (last_on_way(graph, *a, *b) == nullptr)
        return second.text + " was never requested while " + first.text + " was held";
    return {};
}

}  // namespace interlock::gtest
