// The id of a defect holds still while everything around it moves.
#include "analysis/findings/fingerprint.hpp"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "analysis/findings/names.hpp"
#include "analysis/findings/severity.hpp"

namespace interlock::findings {
namespace {

frame at(std::string function, std::uint32_t line) {
    return {std::move(function), "bank.cpp", line, "/bin/bank", line * 16, false};
}

edge side(std::uint64_t thread, std::uint64_t held, std::uint64_t wanted, std::string function, std::uint32_t line) {
    edge out;
    out.thread = thread;
    out.held = held;
    out.wanted = wanted;
    out.held_stack = {at(function, line)};
    out.wanted_stack = {at(function, line + 1)};
    return out;
}

finding three_sides() {
    finding out;
    for (std::uint64_t id = 1; id <= 3; ++id) {
        lock one;
        one.id = id;
        one.address = id * 4096;
        out.locks.push_back(one);
    }
    out.edges = {side(1, 1, 2, "first(int)", 10), side(2, 2, 3, "second()", 20), side(3, 3, 1, "third()", 30)};
    return out;
}

TEST(fingerprint, does_not_depend_on_where_the_cycle_is_entered) {
    finding one = three_sides();
    const std::string id = fingerprint(one);
    EXPECT_EQ(id.size(), 16U);
    for (int turn = 0; turn < 3; ++turn) {
        std::rotate(one.edges.begin(), one.edges.begin() + 1, one.edges.end());
        EXPECT_EQ(fingerprint(one), id);
    }
}

TEST(fingerprint, does_not_depend_on_addresses_lines_ids_or_verdict) {
    const finding one = three_sides();
    finding other = three_sides();
    for (lock& l : other.locks) {
        l.id += 100;
        l.address += 0x7000;
    }
    for (edge& e : other.edges) {
        e.held += 100;
        e.wanted += 100;
        e.thread += 7;
        for (stack* s : {&e.held_stack, &e.wanted_stack})
            for (frame& f : *s) {
                f.line += 1000;
                f.offset += 64;
                f.file = "elsewhere/bank.cpp";
            }
    }
    other.verdict = verdict::guarded;
    EXPECT_EQ(fingerprint(one), fingerprint(other));
}

TEST(fingerprint, of_several_instances_is_that_of_the_least) {
    const finding told = three_sides();
    finding other = three_sides();  // the same cycle, of which another instance is told
    other.edges[1].held_stack = other.edges[1].wanted_stack = {at("a_first()", 70)};
    const std::vector<std::vector<other_place>> everywhere = {
        {{"first", "first"}}, {{"second", "second"}, {"a_first", "a_first"}}, {}};
    EXPECT_NE(fingerprint(told), fingerprint(other));
    EXPECT_EQ(fingerprint(told, everywhere), fingerprint(other, everywhere));
    EXPECT_EQ(fingerprint(told, everywhere), fingerprint(other));
}

TEST(fingerprint, depends_on_kind_function_and_mode) {
    std::set<std::string> ids = {fingerprint(three_sides())};
    finding other = three_sides();
    other.kind = kind::deadlock;
    EXPECT_TRUE(ids.insert(fingerprint(other)).second);
    other = three_sides();
    other.edges[1].wanted_stack[0].function = "fourth()";
    EXPECT_TRUE(ids.insert(fingerprint(other)).second);
    other = three_sides();
    other.edges[0].held_mode = lock_mode::shared;
    EXPECT_TRUE(ids.insert(fingerprint(other)).second);
    other = three_sides();
    std::swap(other.edges[0], other.edges[1]);  // another cycle, not a rotation of it
    EXPECT_TRUE(ids.insert(fingerprint(other)).second);
}

TEST(fingerprint, sees_through_lambdas_templates_and_clones) {
    const finding one = three_sides();
    finding other = three_sides();
    other.edges[0].held_stack[0].function = "void first<long>(long) [clone .isra.0]";
    other.edges[1].wanted_stack[0].function = "second()::{lambda()#7}::operator()() const";
    EXPECT_EQ(fingerprint(one), fingerprint(other));
}

TEST(fingerprint, tells_global_locks_apart_but_not_the_elements_of_an_array) {
    finding one = three_sides();
    one.locks[0].name = "accounts[0].m";
    finding other = three_sides();
    other.locks[0].name = "accounts[12].m";
    EXPECT_EQ(fingerprint(one), fingerprint(other));
    other.locks[0].name = "journal";
    EXPECT_NE(fingerprint(one), fingerprint(other));
    one.locks[0].name = "pool+80";
    other.locks[0].name = "pool+96";
    EXPECT_EQ(fingerprint(one), fingerprint(other));
}

TEST(fingerprint, ignores_names_that_the_run_made_up) {
    finding one = three_sides();
    one.locks[0].name = "session of alice";
    one.locks[0].named_by_user = true;
    EXPECT_EQ(fingerprint(one), fingerprint(three_sides()));
}

TEST(fingerprint, without_edges_is_over_the_place) {
    finding one;
    one.kind = kind::unlock_not_held;
    one.stack = {at("leave(int)", 5)};
    finding other = one;
    other.stack[0].line = 6;
    EXPECT_EQ(fingerprint(one), fingerprint(other));
    other.stack[0].function = "enter(int)";
    EXPECT_NE(fingerprint(one), fingerprint(other));
}

TEST(names, go_both_ways_and_are_all_different) {
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < kinds; ++i) {
        const auto what = static_cast<kind>(i);
        EXPECT_TRUE(seen.insert(name(what)).second);
        EXPECT_EQ(kind_named(name(what)), what);
    }
    for (std::size_t i = 0; i < verdicts; ++i) {
        const auto how_sure = static_cast<verdict>(i);
        EXPECT_TRUE(seen.insert(name(how_sure)).second);
        EXPECT_EQ(verdict_named(name(how_sure)), how_sure);
    }
    EXPECT_EQ(severity_named("never"), std::nullopt);
    EXPECT_EQ(severity_named("warning"), severity::warning);
}

TEST(severity, follows_the_table_of_verdicts) {
    EXPECT_EQ(severity_of(kind::lock_order_cycle, verdict::potential), severity::error);
    EXPECT_EQ(severity_of(kind::lock_order_cycle, verdict::unwitnessed), severity::warning);
    EXPECT_EQ(severity_of(kind::lock_order_cycle, verdict::ordered), severity::warning);
    EXPECT_EQ(severity_of(kind::lock_order_cycle, verdict::guarded), severity::note);
    EXPECT_EQ(severity_of(kind::lock_order_cycle, verdict::escapable), severity::note);
    EXPECT_EQ(severity_of(kind::unlock_not_held, verdict::observed), severity::error);
    EXPECT_EQ(severity_of(kind::unlock_not_held, verdict::unverifiable), severity::warning);
    EXPECT_EQ(severity_of(kind::stalled, verdict::observed), severity::warning);
    EXPECT_EQ(severity_of(kind::atomicity_violation, verdict::potential), severity::note);
    EXPECT_EQ(severity_of(kind::atomicity_violation, verdict::replayable), severity::error);
}

}  // namespace
}  // namespace interlock::findings
