#include "analysis/report/steps.hpp"

#include "analysis/report/naming.hpp"
#include "analysis/report/tally.hpp"

namespace interlock::report {

using findings::finding;

namespace {

std::string_view verb(findings::access_kind does) {
    switch (does) {
        case findings::access_kind::read: return "reads";
        case findings::access_kind::write: return "writes";
        case findings::access_kind::atomic_read: return "atomically reads";
        case findings::access_kind::atomic_write: return "atomically writes";
        case findings::access_kind::free: return "frees";
    }
    return "";
}

std::string_view mode(findings::lock_mode mode) { return mode == findings::lock_mode::shared ? " (shared)" : ""; }

std::string test_of(const findings::edge& side) {
    std::string out = side.test.empty() ? "" : "in test " + side.test;
    if (!side.thread_test.empty())
        out += (out.empty() ? "by a thread that test " : ", by a thread that test ") + side.thread_test + " started";
    return out;
}

void add_edge(const finding& what, std::size_t side, std::vector<step>& into) {
    const findings::edge& edge = what.edges[side];
    step holds;
    holds.side = side;
    holds.who = thread_name(what, edge.thread);
    holds.does = edge.signals ? "signals" : "holds";
    holds.what = lock_name(what, edge.held).append(mode(edge.held_mode));
    holds.at = &edge.held_stack;
    holds.approximate = edge.approximate;
    step wants;
    wants.side = side;
    wants.who = holds.who;
    wants.does = "wants";
    wants.what = lock_name(what, edge.wanted).append(mode(edge.wanted_mode)).append(edge.timed ? " (timed)" : "");
    wants.at = &edge.wanted_stack;
    wants.is_request = true;
    wants.test = test_of(edge);
    into.push_back(std::move(holds));
    into.push_back(std::move(wants));
}

void add_access(const finding& what, std::size_t side, std::vector<step>& into) {
    const findings::access& access = what.accesses[side];
    step made;
    made.side = side;
    made.who = thread_name(what, access.thread);
    made.does = verb(access.does);
    made.what = counted(access.size, "byte");
    for (const std::uint64_t lock : access.locks_held)
        made.while_holding += (made.while_holding.empty() ? "" : ", ") + lock_name(what, lock);
    made.at = &access.stack;
    into.push_back(std::move(made));
}

void add_wait(const finding& what, std::size_t side, std::vector<step>& into) {
    const findings::stuck_wait& wait = what.waits[side];
    step made;
    made.side = side;
    made.who = thread_name(what, wait.thread);
    made.does = "waits for";
    if (wait.wanted != 0) made.what = lock_name(what, wait.wanted);
    made.at = &wait.at;
    into.push_back(std::move(made));
}

void add_place(const finding& what, std::vector<step>& into) {
    step place;
    if (!what.threads.empty()) place.who = thread_name(what, what.threads[0].id);
    if (!what.locks.empty()) place.what = lock_name(what, what.locks[0].id);
    place.at = &what.stack;
    into.push_back(std::move(place));
}

/// Where what is held was acquired: by another thread the lock misused, by the same the one that comes later in the order.
void add_holder(const finding& what, std::vector<step>& out) {
    step holds;
    holds.who = thread_name(what, what.holder);
    holds.does = "holds";
    const std::size_t held = what.kind == findings::kind::lock_rank_violation ? 1 : 0;
    if (held < what.locks.size()) holds.what = lock_name(what, what.locks[held].id);
    holds.at = &what.held_stack;
    out.push_back(std::move(holds));
}

void add_holds(const finding& what, std::vector<step>& into) {
    const finding named = all_named(what);
    const std::size_t sides = into.back().side + 1;
    for (std::size_t i = 0; i < what.holds.size(); ++i) {
        const findings::wanted_hold& one = what.holds[i];
        step made;
        made.side = sides + i;
        made.is_besides = true;
        made.who = thread_name(named, one.who.id);
        made.does = "holds";
        made.what = lock_name(named, one.held.id).append(mode(one.mode));
        made.at = &one.at;
        into.push_back(std::move(made));
    }
}

}  // namespace

std::vector<step> steps_of(const finding& what) {
    std::vector<step> out;
    for (std::size_t i = 0; i < what.edges.size(); ++i) add_edge(what, i, out);
    for (std::size_t i = 0; i < what.accesses.size(); ++i) add_access(what, i, out);
    for (std::size_t i = 0; i < what.waits.size(); ++i) add_wait(what, i, out);
    if (out.empty()) {
        add_place(what, out);
        if (!what.held_stack.empty()) add_holder(what, out);
    }
    if (!what.holds.empty()) add_holds(what, out);
    return out;
}

const findings::stack& main_stack(const finding& what) noexcept {
    if (!what.edges.empty()) return what.edges[0].wanted_stack;
    return what.stack.empty() && !what.accesses.empty() ? what.accesses[0].stack : what.stack;
}

}  // namespace interlock::report
