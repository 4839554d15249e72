// Model: a thread waits for one thing, which has at most one owner whose word can be read. So each thread has at most one edge, to the one
// it waits for; following edges from each thread once finds every cycle. The threads stood still together when they were looked at,
// and a thread that waits for one lock does not release another: a cycle is a deadlock. Who waits for a lock whose owner is no more waits
// for ever too.
#include "analysis/stuck.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "analysis/detectors/draft.hpp"
#include "analysis/findings/fingerprint.hpp"
#include "analysis/findings/severity.hpp"
#include "analysis/findings/user_frames.hpp"
#include "analysis/naming.hpp"
#include "analysis/snapshot/held_at.hpp"
#include "analysis/snapshot/modules.hpp"
#include "analysis/snapshot/places.hpp"
#include "analysis/snapshot/unwinder.hpp"
#include "analysis/snapshot/waits.hpp"
#include "analysis/symbols/symboliser.hpp"
#include "analysis/wording.hpp"
#include "instrument/format/event.hpp"

namespace interlock::analysis {
namespace {

using findings::finding;
using snapshot::wait;
using snapshot::waited_for;

std::string type_word(waited_for what) {
    using format::object_type;
    switch (what) {
        case waited_for::something: return "futex";
        case waited_for::mutex: return std::string(name(object_type::mutex));
        case waited_for::recursive_mutex: return std::string(name(object_type::recursive_mutex));
        case waited_for::error_checking_mutex: return std::string(name(object_type::error_checking_mutex));
        case waited_for::adaptive_mutex: return std::string(name(object_type::adaptive_mutex));
        case waited_for::rwlock: return std::string(name(object_type::shared_mutex));
        case waited_for::writer_priority_rwlock: return std::string(name(object_type::shared_mutex_writer_priority));
        case waited_for::condition: return std::string(name(object_type::condition));
        case waited_for::semaphore: return std::string(name(object_type::semaphore));
        case waited_for::barrier: return std::string(name(object_type::barrier));
        case waited_for::end_of_thread: return "end of a thread";
        case waited_for::once: return std::string(name(object_type::once));
        case waited_for::static_guard: return std::string(name(object_type::static_guard));
    }
    return {};
}

class examination {
public:
    explicit examination(const snapshot::image& of)
        : of_{of}, files_{of}, places_{files_, symbols_}, stacks_{of, files_} {
        waits_ = snapshot::find_waits(of, stacks_, places_);
        for (std::size_t i = 0; i < waits_.size(); ++i) by_thread_.emplace(waits_[i].thread, i);
        in_finding_.assign(waits_.size(), false);
    }

    findings::report_data report() {
        findings::report_data out;
        for (const std::vector<std::size_t>& cycle : cycles()) {
            for (const std::size_t at : cycle) in_finding_[at] = true;
            out.findings.push_back(finding_of(cycle));
        }
        for (const std::vector<std::size_t>& group : left_locked()) {
            for (const std::size_t at : group) in_finding_[at] = true;
            out.findings.push_back(stall_of(group));
        }
        merge_same(out.findings);
        for (std::size_t i = 0; i < waits_.size(); ++i) out.waits.push_back(waiting_of(i));
        out.logs.push_back(summary());
        return out;
    }

private:
    static constexpr std::size_t none = ~std::size_t{0};

    std::size_t thread_at(std::uint64_t id) const {
        const auto found =
            std::lower_bound(of_.threads.begin(), of_.threads.end(), id,
                             [](const snapshot::thread& one, std::uint64_t wanted) { return one.id < wanted; });
        return found == of_.threads.end() || found->id != id ? none
                                                             : static_cast<std::size_t>(found - of_.threads.begin());
    }

    /// The wait of the thread that holds what wait `at` is for; none if nobody known holds it, or the holder does not wait.
    std::size_t next(std::size_t at) const {
        if (waits_[at].holder != snapshot::holder::a_thread) return none;
        const auto found = by_thread_.find(thread_at(waits_[at].holder_id));
        return found == by_thread_.end() ? none : found->second;
    }

    /// Each cycle once, as indices of waits.
    std::vector<std::vector<std::size_t>> cycles() const {
        std::vector<std::vector<std::size_t>> out;
        std::vector<std::size_t> seen(waits_.size(), 0);  // in which walk, from 1
        for (std::size_t start = 0; start < waits_.size(); ++start) {
            std::size_t at = start;
            while (at != none && seen[at] == 0 && !waits_[at].is_timed) {
                seen[at] = start + 1;
                at = next(at);
            }
            if (at == none || waits_[at].is_timed || seen[at] != start + 1) continue;
            std::vector<std::size_t>& cycle = out.emplace_back();
            for (std::size_t step = at; cycle.empty() || step != at; step = next(step)) cycle.push_back(step);
        }
        return out;
    }

    /// Who waits for a lock whose owner is no more, by lock.
    std::vector<std::vector<std::size_t>> left_locked() const {
        std::map<std::uint64_t, std::vector<std::size_t>> by_lock;
        for (std::size_t at = 0; at < waits_.size(); ++at)
            if (waits_[at].is_left && !waits_[at].is_timed) by_lock[waits_[at].address].push_back(at);
        std::vector<std::vector<std::size_t>> out;
        out.reserve(by_lock.size());
        for (auto& [address, group] : by_lock) out.push_back(std::move(group));
        return out;
    }

    /// Whether the wait ends in a finding that it is no part of.
    bool is_behind(std::size_t at) const {
        if (in_finding_[at]) return false;
        std::set<std::size_t> passed;
        for (std::size_t step = next(at); step != none && passed.insert(step).second; step = next(step))
            if (in_finding_[step]) return true;
        return false;
    }

    graph::resource resource_of(std::size_t at) {
        const wait& one = waits_[at];
        if (one.what == waited_for::end_of_thread) return graph::termination_of(agent_of(thread_at(one.address)));
        const auto known = objects_.try_emplace(one.address, static_cast<std::uint32_t>(objects_.size() + 1));
        return graph::lock_of(format::object_id{known.first->second});
    }

    static format::agent_id agent_of(std::size_t thread) {
        return format::agent_id{static_cast<std::uint32_t>(thread + 1)};
    }

    static findings::stack user_stack(const std::vector<symbols::frame>& frames) {
        findings::stack made;
        for (const symbols::frame& f : frames)
            made.push_back({f.function, f.file, f.line, f.module, f.offset, f.inlined});
        return findings::user_frames(std::move(made));
    }

    findings::stack stack_of(const wait& one) { return user_stack(places_.of(one.stack)); }

    /// Where the thread of wait `at` acquired what wait `held` is for.
    findings::stack held_stack(std::size_t at, std::size_t held) {
        if (waits_[held].what == waited_for::end_of_thread) return {};
        return user_stack(snapshot::held_at(of_, waits_[at].stack, waits_[held].address, places_));
    }

    std::string name_of(std::size_t thread) const {
        const snapshot::thread& one = of_.threads[thread];
        return one.name.empty() ? "tid " + std::to_string(one.told) : one.name;
    }

    findings::lock lock_of(std::size_t at) {
        const wait& one = waits_[at];
        findings::lock made;
        made.type = type_word(one.what);
        if (one.what == waited_for::end_of_thread) {
            const std::size_t thread = thread_at(one.address);
            made.name = "the end of " + (thread == none ? "tid " + std::to_string(one.address) : name_of(thread));
        } else {
            made.name = one.address == 0 ? std::string() : places_.data_name(one.address);
            made.address = one.address;
        }
        return made;
    }

    finding finding_of(const std::vector<std::size_t>& cycle) {
        finding made;
        detectors::draft facts;
        made.kind = facts.kind = cycle.size() == 1 ? findings::kind::self_deadlock : findings::kind::deadlock;
        made.verdict = facts.verdict = findings::verdict::observed;
        made.severity = findings::severity_of(made.kind, made.verdict);
        facts.reasons.push_back({.what = detectors::fact::standing});
        for (std::size_t i = 0; i < cycle.size(); ++i) {
            const wait& wanted = waits_[cycle[i]];
            const std::size_t before = cycle[i == 0 ? cycle.size() - 1 : i - 1];
            detectors::side side;
            side.agent = agent_of(wanted.thread);
            side.held = resource_of(before);
            side.wanted = resource_of(cycle[i]);
            facts.sides.push_back(side);
            findings::edge edge;
            edge.thread = thread_id_of(side.agent);
            edge.held = lock_id_of(side.held);
            edge.wanted = lock_id_of(side.wanted);
            edge.wanted_mode = wanted.is_shared ? findings::lock_mode::shared : findings::lock_mode::exclusive;
            edge.wanted_stack = stack_of(wanted);
            edge.held_stack = held_stack(cycle[i], before);
            edge.approximate = !edge.held_stack.empty();
            made.edges.push_back(std::move(edge));
            made.threads.push_back({thread_id_of(side.agent), 0, name_of(wanted.thread), {}, 0});
            findings::lock lock = lock_of(cycle[i]);
            lock.id = lock_id_of(side.wanted);
            made.locks.push_back(std::move(lock));
        }
        word(facts, made);
        made.id = findings::fingerprint(made);
        return made;
    }

    finding stall_of(const std::vector<std::size_t>& group) {
        const wait& first = waits_[group.front()];
        finding made;
        detectors::draft facts;
        made.kind = facts.kind = findings::kind::stalled;
        made.verdict = facts.verdict = findings::verdict::observed;
        made.severity = findings::severity_of(made.kind, made.verdict);
        facts.lock = resource_of(group.front());
        facts.agent = agent_of(first.thread);
        facts.reasons.push_back({.what = first.holder == snapshot::holder::gone ? detectors::fact::left_by_ended
                                                                                : detectors::fact::left_by_process,
                                 .lock = facts.lock});
        made.stack = stack_of(first);
        made.locks.push_back(lock_of(group.front()));
        made.locks.back().id = lock_id_of(facts.lock);
        for (const std::size_t at : group) {
            const format::agent_id agent = agent_of(waits_[at].thread);
            facts.agents.push_back(agent);
            facts.waits.push_back({agent, facts.lock, {}, {}});
            made.threads.push_back({thread_id_of(agent), 0, name_of(waits_[at].thread), {}, 0});
            made.waits.push_back({thread_id_of(agent), lock_id_of(facts.lock), stack_of(waits_[at])});
        }
        word(facts, made);
        made.id = findings::fingerprint(made);
        return made;
    }

    /// The same defect in other threads is told once.
    static void merge_same(std::vector<finding>& all) {
        std::map<std::string, std::size_t> told;
        std::vector<finding> kept;
        for (finding& one : all) {
            const auto [at, is_new] = told.try_emplace(one.id, kept.size());
            if (is_new)
                kept.push_back(std::move(one));
            else
                ++kept[at->second].occurrences;
        }
        all = std::move(kept);
    }

    findings::waiting waiting_of(std::size_t at) {
        const wait& one = waits_[at];
        findings::waiting made;
        made.thread = of_.threads[one.thread].told;
        made.thread_name = of_.threads[one.thread].name;
        made.wanted = lock_of(at);
        made.mode = one.is_shared ? findings::lock_mode::shared : findings::lock_mode::exclusive;
        made.timed = one.is_timed;
        set_holder(one, made);
        made.in_finding = in_finding_[at];
        made.behind_finding = is_behind(at);
        made.function = one.function;
        made.stack = stack_of(one);
        return made;
    }

    void set_holder(const wait& one, findings::waiting& into) const {
        using snapshot::holder;
        into.holder_id = one.holder_id;
        switch (one.holder) {
            case holder::untold: into.holder = findings::holder::untold; break;
            case holder::nobody: into.holder = findings::holder::nobody; break;
            case holder::readers: into.holder = findings::holder::readers; break;
            case holder::refusing: into.holder = findings::holder::refusing; break;
            case holder::gone: into.holder = findings::holder::gone; break;
            case holder::other_process: into.holder = findings::holder::other_process; break;
            case holder::a_thread: {
                const std::size_t thread = thread_at(one.holder_id);
                into.holder = thread == one.thread ? findings::holder::itself : findings::holder::thread;
                into.holder_id = of_.threads[thread].told;
                into.holder_name = of_.threads[thread].name;
                break;
            }
        }
        if (into.holder == findings::holder::readers) into.readers = one.readers;
    }

    findings::log_summary summary() const {
        findings::log_summary made;
        made.is_moment = true;
        made.path = of_.path;
        made.program = of_.program;
        made.pid = of_.pid;
        made.threads = of_.threads.size();
        made.waiting = waits_.size();
        std::set<std::uint64_t> locks;
        for (const wait& one : waits_)
            if (one.what != waited_for::end_of_thread && one.what != waited_for::something && one.address != 0)
                locks.insert(one.address);
        made.locks = locks.size();
        made.complete = of_.complete;
        made.blind_spots = of_.blind_spots;
        made.blind_spots.insert(made.blind_spots.end(), files_.problems().begin(), files_.problems().end());
        return made;
    }

    const snapshot::image& of_;
    symbols::symboliser symbols_;
    snapshot::modules files_;
    snapshot::places places_;
    snapshot::unwinder stacks_;
    std::vector<wait> waits_;
    std::unordered_map<std::size_t, std::size_t> by_thread_;    // index of a wait, by index of its thread
    std::vector<bool> in_finding_;                              // by index of a wait
    std::unordered_map<std::uint64_t, std::uint32_t> objects_;  // numbers of locks, by address
};

}  // namespace

findings::report_data examine(const snapshot::image& of) { return examination(of).report(); }

}  // namespace interlock::analysis
