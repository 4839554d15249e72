#include "analysis/race_sides.hpp"

#include <algorithm>

#include "analysis/findings/function_name.hpp"
#include "analysis/findings/mention.hpp"

namespace interlock::analysis {

using detectors::draft;
using findings::access_kind;
using findings::mention_lock;
using findings::mention_thread;
using format::race_access;
using format::race_payload;

namespace {

access_kind kind_of(format::access_kind what) noexcept {
    switch (what) {
        case format::access_kind::read: return access_kind::read;
        case format::access_kind::write: return access_kind::write;
        case format::access_kind::atomic_read: return access_kind::atomic_read;
        case format::access_kind::atomic_write: return access_kind::atomic_write;
        case format::access_kind::free: return access_kind::free;
    }
    return access_kind::read;
}

std::string_view verb_of(format::access_kind what) noexcept {
    switch (what) {
        case format::access_kind::read: return "reads";
        case format::access_kind::write: return "writes";
        case format::access_kind::atomic_read: return "atomically reads";
        case format::access_kind::atomic_write: return "atomically writes";
        case format::access_kind::free: return "frees";
    }
    return "accesses";
}

std::string place_of(const findings::stack& stack) {
    if (stack.empty()) return "a place that is not known";
    const findings::frame& top = stack.front();
    const std::size_t slash = top.file.rfind('/');
    std::string text = top.function.empty() ? "unknown code" : findings::plain_function(top.function);
    if (!top.file.empty()) {
        text += " (" + (slash == std::string::npos ? top.file : top.file.substr(slash + 1));
        if (top.line != 0) text += ':' + std::to_string(top.line);
        text += ')';
    }
    return text;
}

std::string block_text(const race_payload& race, std::uint64_t address, naming& names) {
    return std::to_string(race.size) + " bytes at offset " + std::to_string(address - race.begin) + ", allocated in " +
           place_of(names.stack(race.allocated_at, {}));
}

std::string memory_text(const race_payload& race, std::uint64_t address, const std::string& variable, naming& names) {
    switch (race.region) {
        case format::memory_region::heap: return "heap block of " + block_text(race, address, names);
        case format::memory_region::freed: return "freed heap block of " + block_text(race, address, names);
        case format::memory_region::stack: return "stack of " + mention_thread(thread_id_of(race.owner));
        case format::memory_region::thread_local_storage:
            return "thread-local memory of " + mention_thread(thread_id_of(race.owner));
        case format::memory_region::descriptor: return "file descriptor " + std::to_string(race.begin);
        case format::memory_region::unknown: break;
    }
    return variable.empty() ? "" : "global " + variable;
}

findings::access side_of(const race_access& side, const draft& from, const std::string& variable, naming& names,
                         std::size_t log) {
    findings::access made;
    made.thread = thread_id_of(side.agent);
    made.does = kind_of(side.what);
    made.size = side.size;
    made.address = side.address;
    made.memory = memory_text(*from.race, side.address, variable, names);
    made.stack = names.stack(side.stack, {});
    for (const format::object_id lock : side.locks)
        if (lock != format::object_id::none) made.locks_held.push_back(lock_id_of(graph::lock_of(lock)));
    made.log = log;
    return made;
}

/// Locksets advise; they never decide (Savage and others, Eraser, 1997).
std::string advice_for(const race_payload& race, const findings::finding& made) {
    const auto& later = made.accesses[0].locks_held;
    const auto& earlier = made.accesses[1].locks_held;
    const auto is_atomic = [](format::access_kind what) {
        return what == format::access_kind::atomic_read || what == format::access_kind::atomic_write;
    };
    if (race.later.what == format::access_kind::free || race.earlier.what == format::access_kind::free)
        return "free it when nobody can use it any more: join or wait for the other thread first, or share it by "
               "std::shared_ptr.";
    if (race.region == format::memory_region::descriptor)
        return "close it when nobody uses it any more, or guard both with one mutex: its number may be another file's "
               "by then.";
    if (is_atomic(race.later.what) != is_atomic(race.earlier.what))
        return "one side is atomic, the other is not: make both atomic.";
    if (later.empty() != earlier.empty()) {
        const std::uint64_t lock = later.empty() ? earlier.back() : later.back();
        return "the other side holds " + mention_lock(lock) + ": hold it on both.";
    }
    if (!later.empty())
        return "each side holds a lock, but not the same: " + mention_lock(later.back()) + " here, " +
               mention_lock(earlier.back()) + " there; agree on one.";
    return "guard both with one mutex, or make it std::atomic.";
}

/// Where the value was read on which the act relies: the third access.
findings::access check_of(const draft& from, const findings::access& act, naming& names) {
    findings::access made = act;
    made.does = access_kind::read;
    made.stack = names.stack(from.check, {});
    return made;
}

void word_violation(const std::string& what, findings::finding& into) {
    const std::string lock =
        into.accesses[0].locks_held.empty() ? "the lock" : mention_lock(into.accesses[0].locks_held.back());
    const bool came_between = into.verdict == findings::verdict::observed;
    into.message = mention_thread(into.accesses[0].thread) + " reads " + what + ", lets go of " + lock +
                   " and later writes it without looking again; " + mention_thread(into.accesses[1].thread) +
                   (came_between ? " wrote it in between" : " writes it, too");
    into.advice = "hold " + lock + " from the check to the act, or check again before acting.";
}

}  // namespace

void add_race_sides(const draft& from, naming& names, std::size_t log, findings::finding& into) {
    const race_payload& race = *from.race;
    if (race.region == format::memory_region::unknown)
        into.variable = names.global(race.later.address, race.later.stack);
    into.accesses.push_back(side_of(race.later, from, into.variable, names, log));
    into.accesses.push_back(side_of(race.earlier, from, into.variable, names, log));
    const std::string what = race.region == format::memory_region::descriptor ? into.accesses[0].memory
                             : into.variable.empty() ? std::to_string(race.later.size) + " bytes"
                                                     : into.variable;
    if (from.kind == findings::kind::atomicity_violation) {
        into.accesses.push_back(check_of(from, into.accesses[0], names));
        return word_violation(what, into);
    }
    into.message = mention_thread(into.accesses[0].thread) + ' ' + std::string(verb_of(race.later.what)) + ' ' + what +
                   ", which " + mention_thread(into.accesses[1].thread) + ' ' +
                   std::string(verb_of(race.earlier.what)) + ", in no order";
    into.advice = advice_for(race, into);
}

namespace {

bool is_bare(const findings::finding& one) {
    return one.kind == findings::kind::data_race && one.accesses.size() == 2 && one.accesses[0].locks_held.empty() &&
           one.accesses[1].locks_held.empty();
}

/// The access of `other` that holds a lock at memory that `one` races on, or nullptr.
const findings::access* guarded_access(const findings::finding& one, const findings::finding& other) {
    if (other.kind != findings::kind::data_race) return nullptr;
    for (const findings::access& side : other.accesses)
        if (!side.locks_held.empty() && side.log == one.accesses[0].log && side.address == one.accesses[0].address)
            return &side;
    return nullptr;
}

}  // namespace

void advise_by_others(std::vector<findings::finding>& all) {
    for (findings::finding& one : all) {
        if (!is_bare(one)) continue;
        for (const findings::finding& other : all) {
            const findings::access* const side = guarded_access(one, other);
            if (side == nullptr) continue;
            const std::uint64_t lock = side->locks_held.back();
            const auto known = std::find_if(other.locks.begin(), other.locks.end(),
                                            [&](const findings::lock& each) { return each.id == lock; });
            if (known == other.locks.end()) continue;
            one.locks.push_back(*known);
            one.advice =
                mention_lock(lock) + " guards it elsewhere, in " + place_of(side->stack) + ": hold it on both.";
            break;
        }
    }
}

std::vector<graph::resource> locks_of(const format::race_payload& race) {
    std::vector<graph::resource> all;
    for (const race_access* side : {&race.later, &race.earlier})
        for (const format::object_id lock : side->locks)
            if (lock != format::object_id::none) all.push_back(graph::lock_of(lock));
    if (race.last_order != format::object_id::none) all.push_back(graph::lock_of(race.last_order));
    return all;
}

}  // namespace interlock::analysis
