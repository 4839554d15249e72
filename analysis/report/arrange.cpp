// Sorts, then deals out numbers in reading order.
#include "analysis/report/arrange.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "analysis/report/naming.hpp"

namespace interlock::report {

using findings::finding;

namespace {

using identity = std::pair<std::size_t, std::uint64_t>;  // log, id

class numbering {
public:
    /// `kept`: the log's own numbers stay.
    explicit numbering(bool kept = false) : kept_{kept} {}

    std::uint64_t of(std::size_t log, std::uint64_t id) {
        return kept_ ? id : numbers_.try_emplace(identity(log, id), numbers_.size() + 1).first->second;
    }

private:
    bool kept_;
    std::map<identity, std::uint64_t> numbers_;
};

void renumber(finding& what, numbering& locks, numbering& threads) {
    // Sides of different logs may share a lock: its number is that of the lock's own log.
    std::map<std::uint64_t, std::size_t> logs;
    for (const findings::lock& one : what.locks) logs.try_emplace(one.id, one.log);
    for (findings::edge& side : what.edges) {
        const auto number = [&](std::uint64_t id) {
            const auto known = logs.find(id);
            return locks.of(known == logs.end() ? side.log : known->second, id);
        };
        side.thread = threads.of(side.log, side.thread);
        side.held = number(side.held);
        side.wanted = number(side.wanted);
        for (std::uint64_t& guard : side.guards) guard = number(guard);
    }
    for (findings::access& side : what.accesses) {
        side.thread = threads.of(side.log, side.thread);
        for (std::uint64_t& lock : side.locks_held) lock = locks.of(side.log, lock);
    }
    for (findings::stuck_wait& one : what.waits) {  // of the log of what the finding lists
        const std::size_t log = what.threads.empty() ? 0 : what.threads.front().log;
        one.thread = threads.of(log, one.thread);
        if (one.wanted != 0) one.wanted = locks.of(log, one.wanted);
    }
    const auto holder = std::find_if(what.threads.begin(), what.threads.end(),
                                     [&](const findings::thread& one) { return one.id == what.holder; });
    for (findings::lock& one : what.locks) one.id = locks.of(one.log, one.id);
    for (findings::thread& one : what.threads) one.id = threads.of(one.log, one.id);
    if (holder != what.threads.end()) what.holder = holder->id;
    for (findings::bystander& one : what.behind) {
        one.who.id = threads.of(one.who.log, one.who.id);
        one.wanted.id = locks.of(one.wanted.log, one.wanted.id);
    }
    for (findings::wanted_hold& one : what.holds) {
        one.who.id = threads.of(one.who.log, one.who.id);
        one.held.id = locks.of(one.held.log, one.held.id);
    }
    const auto by_id = [](const auto& a, const auto& b) { return a.id < b.id; };
    std::stable_sort(what.locks.begin(), what.locks.end(), by_id);
    std::stable_sort(what.threads.begin(), what.threads.end(), by_id);
}

/// Mentions, from the old numbers to the new. Of what its finding does not list a text can only say that there is another.
class mentions {
public:
    explicit mentions(const finding& before) {
        for (const findings::lock& one : before.locks) locks_.try_emplace(one.id, one.log);
        for (const findings::thread& one : before.threads) threads_.try_emplace(one.id, one.log);
        for (const findings::bystander& one : before.behind) {
            threads_.try_emplace(one.who.id, one.who.log);
            locks_.try_emplace(one.wanted.id, one.wanted.log);
        }
        for (const findings::wanted_hold& one : before.holds) {
            threads_.try_emplace(one.who.id, one.who.log);
            locks_.try_emplace(one.held.id, one.held.log);
        }
    }

    void follow(std::string& text, numbering& locks, numbering& threads) const {
        std::string out;
        for (std::size_t i = 0; i < text.size();) {
            if (text[i] == '{' && (replace(text, i, "{lock ", locks_, locks, "another lock", out) ||
                                   replace(text, i, "{thread ", threads_, threads, "another thread", out)))
                continue;
            out += text[i++];
        }
        text = std::move(out);
    }

private:
    using logs = std::map<std::uint64_t, std::size_t>;

    static bool replace(const std::string& text, std::size_t& at, const std::string& word, const logs& known,
                        numbering& numbers, std::string_view unknown, std::string& out) {
        if (text.compare(at, word.size(), word) != 0) return false;
        std::size_t end = at + word.size();
        std::uint64_t id = 0;
        while (end < text.size() && text[end] >= '0' && text[end] <= '9' && id < UINT32_MAX)
            id = id * 10 + static_cast<std::uint64_t>(text[end++] - '0');
        const auto found = known.find(id);
        if (end == at + word.size() || end >= text.size() || text[end] != '}') return false;
        out += found == known.end() ? std::string(unknown) : word + std::to_string(numbers.of(found->second, id)) + '}';
        at = end + 1;
        return true;
    }

    logs locks_;
    logs threads_;
};

void sort(std::vector<finding>& all) {
    std::stable_sort(all.begin(), all.end(), [](const finding& a, const finding& b) {
        return std::tuple(-static_cast<int>(a.severity), a.verdict, a.kind, std::string_view(a.id)) <
               std::tuple(-static_cast<int>(b.severity), b.verdict, b.kind, std::string_view(b.id));
    });
}

/// Numbers what the findings speak of, and puts names for mentions.
void settle_all(std::vector<finding>& all, numbering& locks, numbering& threads) {
    for (finding& one : all) {
        const mentions old(one);
        renumber(one, locks, threads);
        const auto settle = [&](std::string& text, const finding& where) {
            old.follow(text, locks, threads);
            text = with_names(text, where);
        };
        finding stuck = one;  // with who is stuck behind it
        for (const findings::bystander& each : one.behind) stuck.threads.push_back(each.who);
        for (findings::lock& each : one.locks)
            if (each.type == findings::thread_end_type) settle(each.name, stuck);
        for (findings::bystander& each : one.behind)
            if (each.wanted.type == findings::thread_end_type) settle(each.wanted.name, stuck);
        for (std::string* text : {&one.message, &one.why, &one.advice}) settle(*text, one);
        for (findings::access& side : one.accesses) settle(side.memory, one);
        if (!one.coffman) continue;
        for (findings::condition* each : {&one.coffman->mutual_exclusion, &one.coffman->hold_and_wait,
                                          &one.coffman->no_preemption, &one.coffman->circular_wait})
            settle(each->because, one);
    }
}

}  // namespace

findings::report_data arranged(findings::report_data data) {
    sort(data.findings);
    numbering locks;
    numbering threads;
    settle_all(data.findings, locks, threads);
    return data;
}

findings::present arranged(findings::present now) {
    sort(now.stuck);
    numbering locks(true);
    numbering threads(true);
    settle_all(now.stuck, locks, threads);
    finding all;
    for (const findings::present_thread& one : now.threads) all.threads.push_back(one.who);
    for (findings::present_thread& one : now.threads)
        if (one.wants && one.wants->what.type == findings::thread_end_type)
            one.wants->what.name = with_names(one.wants->what.name, all);
    return now;
}

findings::lock_order arranged(findings::lock_order graph) {
    const auto by_identity = [](const auto& a, const auto& b) {
        return std::tuple(a.log, a.id) < std::tuple(b.log, b.id);
    };
    std::stable_sort(graph.locks.begin(), graph.locks.end(), by_identity);
    std::stable_sort(graph.threads.begin(), graph.threads.end(), by_identity);
    std::unordered_map<std::uint64_t, std::uint64_t> locks;
    std::unordered_map<std::uint64_t, std::uint64_t> threads;
    for (findings::lock& one : graph.locks) one.id = locks.try_emplace(one.id, locks.size() + 1).first->second;
    for (findings::thread& one : graph.threads) one.id = threads.try_emplace(one.id, threads.size() + 1).first->second;
    for (findings::order_edge& arc : graph.edges) {
        arc.held = locks[arc.held];
        arc.wanted = locks[arc.wanted];
        for (std::uint64_t& thread : arc.threads) thread = threads[thread];
        std::sort(arc.threads.begin(), arc.threads.end());
    }
    std::stable_sort(graph.edges.begin(), graph.edges.end(),
                     [](const findings::order_edge& a, const findings::order_edge& b) {
                         return std::tuple(a.held, a.wanted, a.held_mode, a.wanted_mode, a.blocking) <
                                std::tuple(b.held, b.wanted, b.held_mode, b.wanted_mode, b.blocking);
                     });
    return graph;
}

}  // namespace interlock::report
