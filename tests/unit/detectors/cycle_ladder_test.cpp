// Each step of the ladder of verdicts with its clean twin, on stories told as text.
#include <gtest/gtest.h>

#include "tests/unit/detectors/scenario.hpp"

namespace interlock {
namespace {

using detectors::fact;
using format::object_type;
using testing::scenario;
using testing::told;
using strings = std::vector<std::string>;

const strings nothing;

TEST(cycle_ladder, two_threads_with_opposite_orders_are_potential) {
    EXPECT_EQ(told("t1: lock A; lock B; unlock B; unlock A\n"
                   "t2: lock B; lock A; unlock A; unlock B"),
              strings{"A>B>A potential"});
}

TEST(cycle_ladder, two_threads_with_one_order_are_clean) {
    EXPECT_EQ(told("t1: lock A; lock B; unlock B; unlock A\n"
                   "t2: lock A; lock B; unlock B; unlock A"),
              nothing);
}

TEST(cycle_ladder, a_lock_released_before_the_next_makes_no_edge) {
    EXPECT_EQ(told("t1: lock A; unlock A; lock B; unlock B\n"
                   "t2: lock B; lock A; unlock A; unlock B"),
              nothing);
}

// -- the shapes of lockdep's self-test, each pair by a thread of its own ------------------------------------------------

struct shape {
    const char* name;
    const char* story;
    const char* expected;
};

class shapes : public ::testing::TestWithParam<shape> {};

TEST_P(shapes, are_found_among_threads_and_single_thread_in_one) {
    const std::string expected = GetParam().expected;
    EXPECT_EQ(told(GetParam().story), strings{expected + " potential"});
    std::string alone = GetParam().story;
    for (std::size_t at = alone.find('\n'); at != std::string::npos; at = alone.find('\n', at + 1)) alone[at + 2] = '1';
    EXPECT_EQ(told(alone), strings{expected + " single-thread"});
}

INSTANTIATE_TEST_SUITE_P(
    lockdep, shapes,
    ::testing::Values(shape{"ABBA", "t1: lock A; lock B; unlock B; unlock A\nt2: lock B; lock A; unlock A; unlock B",
                            "A>B>A"},
                      shape{"ABBCCA",
                            "t1: lock A; lock B; unlock B; unlock A\nt2: lock B; lock C; unlock C; unlock B\n"
                            "t3: lock C; lock A; unlock A; unlock C",
                            "A>B>C>A"},
                      shape{"ABCABC",
                            "t1: lock A; lock B; unlock B; unlock A\nt2: lock C; lock A; unlock A; unlock C\n"
                            "t3: lock B; lock C; unlock C; unlock B",
                            "A>B>C>A"},
                      shape{"ABBCCDDA",
                            "t1: lock A; lock B; unlock B; unlock A\nt2: lock B; lock C; unlock C; unlock B\n"
                            "t3: lock C; lock D; unlock D; unlock C\nt4: lock D; lock A; unlock A; unlock D",
                            "A>B>C>D>A"},
                      shape{"ABCDBDDA",
                            "t1: lock A; lock B; unlock B; unlock A\nt2: lock C; lock D; unlock D; unlock C\n"
                            "t3: lock B; lock D; unlock D; unlock B\nt4: lock D; lock A; unlock A; unlock D",
                            "A>B>D>A"},
                      shape{"ABCDBCDA",
                            "t1: lock A; lock B; unlock B; unlock A\nt2: lock C; lock D; unlock D; unlock C\n"
                            "t3: lock B; lock C; unlock C; unlock B\nt4: lock D; lock A; unlock A; unlock D",
                            "A>B>C>D>A"}),
    [](const auto& of) { return of.param.name; });

// -- single-thread -----------------------------------------------------------------------------------------------------

TEST(cycle_ladder, a_thread_that_made_two_of_three_edges_is_single_thread) {
    scenario s{
        "t1: lock A; lock B; unlock B; unlock A; lock B; lock C; unlock C; unlock B\n"
        "t2: lock C; lock A; unlock A; unlock C"};
    const auto found = s.find();
    EXPECT_EQ(s.summary(found), strings{"A>B>C>A single-thread"});
    EXPECT_EQ(found.drafts[0].reasons[0].what, fact::agent_twice);
}

TEST(cycle_ladder, the_strongest_instance_counts) {
    EXPECT_EQ(told("t1: lock A; lock B; unlock B; unlock A; lock B; lock A; unlock A; unlock B\n"
                   "t2: lock B; lock A; unlock A; unlock B"),
              strings{"A>B>A potential"});
}

// -- guards ------------------------------------------------------------------------------------------------------------

TEST(cycle_ladder, a_gate_held_by_both_sides_guards) {
    scenario s{
        "t1: lock G; lock A; lock B; unlock B; unlock A; unlock G\n"
        "t2: lock G; lock B; lock A; unlock A; unlock B; unlock G"};
    const auto found = s.find();
    EXPECT_EQ(s.summary(found), strings{"A>B>A guarded"});
    EXPECT_EQ(found.drafts[0].reasons[0].lock, s.lock_of("G"));
}

TEST(cycle_ladder, a_gate_held_shared_by_both_sides_guards_nothing) {
    EXPECT_EQ(told("t1: shared G; lock A; lock B; unlock B; unlock A; unlock G\n"
                   "t2: shared G; lock B; lock A; unlock A; unlock B; unlock G"),
              strings{"A>B>A potential"});
}

TEST(cycle_ladder, a_gate_held_shared_by_one_side_and_exclusively_by_the_other_guards) {
    EXPECT_EQ(told("t1: shared G; lock A; lock B; unlock B; unlock A; unlock G\n"
                   "t2: lock G; lock B; lock A; unlock A; unlock B; unlock G"),
              strings{"A>B>A guarded"});
}

TEST(cycle_ladder, a_gate_released_early_guards_nothing) {
    EXPECT_EQ(told("t1: lock G; lock A; unlock G; lock B; unlock B; unlock A\n"
                   "t2: lock G; lock B; lock A; unlock A; unlock B; unlock G"),
              strings{"A>B>A potential"});
}

TEST(cycle_ladder, a_gate_held_by_one_side_guards_nothing) {
    EXPECT_EQ(told("t1: lock G; lock A; lock B; unlock B; unlock A; unlock G\n"
                   "t2: lock B; lock A; unlock A; unlock B"),
              strings{"A>B>A potential"});
}

TEST(cycle_ladder, a_gate_of_two_among_three_sides_guards) {
    EXPECT_EQ(told("t1: lock G; lock A; lock B; unlock B; unlock A; unlock G\n"
                   "t2: lock G; lock B; lock C; unlock C; unlock B; unlock G\n"
                   "t3: lock C; lock A; unlock A; unlock C"),
              strings{"A>B>C>A guarded"});
}

// -- order -------------------------------------------------------------------------------------------------------------

TEST(cycle_ladder, a_thread_started_after_the_other_order_is_ordered) {
    scenario s{
        "t1: lock A; lock B; unlock B; unlock A; start t2\n"
        "t2: lock B; lock A; unlock A; unlock B"};
    const auto found = s.find();
    EXPECT_EQ(s.summary(found), strings{"A>B>A ordered"});
    EXPECT_EQ(found.drafts[0].reasons[0].what, fact::ordered);
    EXPECT_EQ(found.drafts[0].reasons[0].step, format::event_kind::agent_start);
    EXPECT_EQ(found.drafts[0].reasons[0].object, number(s.agent_of("t2")));
}

TEST(cycle_ladder, a_thread_started_before_the_other_order_is_potential) {
    EXPECT_EQ(told("t1: start t2; lock A; lock B; unlock B; unlock A\n"
                   "t2: lock B; lock A; unlock A; unlock B"),
              strings{"A>B>A potential"});
}

TEST(cycle_ladder, two_threads_one_joined_before_the_other_starts_are_ordered) {
    scenario s{
        "t0: start t1\n"
        "t1: lock A; lock B; unlock B; unlock A\n"
        "t0: join t1; start t2\n"
        "t2: lock B; lock A; unlock A; unlock B"};
    const auto found = s.find();
    EXPECT_EQ(s.summary(found), strings{"A>B>A ordered"});
}

TEST(cycle_ladder, two_threads_that_live_together_are_potential) {
    EXPECT_EQ(told("t0: start t1; start t2\n"
                   "t1: lock A; lock B; unlock B; unlock A\n"
                   "t0: join t1\n"
                   "t2: lock B; lock A; unlock A; unlock B"),
              strings{"A>B>A potential"});
}

TEST(cycle_ladder, an_order_seen_again_in_a_segment_that_is_not_ordered_is_potential) {
    EXPECT_EQ(told("t1: lock A; lock B; unlock B; unlock A; start t2; lock A; lock B; unlock B; unlock A\n"
                   "t2: lock B; lock A; unlock A; unlock B"),
              strings{"A>B>A potential"});
}

TEST(cycle_ladder, the_phases_of_a_barrier_order) {
    EXPECT_EQ(told("t1: lock A; lock B; unlock B; unlock A; arrive X\n"
                   "t2: arrive X; pass X; lock B; lock A; unlock A; unlock B\n"
                   "t1: pass X"),
              strings{"A>B>A ordered"});
}

TEST(cycle_ladder, an_arrival_in_the_next_phase_orders_nothing_for_the_one_before) {
    EXPECT_EQ(told("t1: arrive X\nt2: arrive X\nt1: pass X; lock A; lock B; unlock B; unlock A; arrive X\n"
                   "t2: pass X; lock B; lock A; unlock A; unlock B"),
              strings{"A>B>A potential"});
}

TEST(cycle_ladder, a_latch_orders) {
    EXPECT_EQ(told("t1: lock A; lock B; unlock B; unlock A; post L\n"
                   "t2: wait L; lock B; lock A; unlock A; unlock B"),
              strings{"A>B>A ordered"});
}

// -- tries, time-outs, groups, recursion -------------------------------------------------------------------------------

TEST(cycle_ladder, a_try_as_the_second_request_is_counted_and_no_finding) {
    scenario s{
        "t1: lock A; try B; unlock B; unlock A\n"
        "t2: lock B; lock A; unlock A; unlock B"};
    const auto found = s.find();
    EXPECT_EQ(s.summary(found), nothing);
    EXPECT_EQ(found.harmless, 1u);
    EXPECT_EQ(found.harmless_hold_and_wait, 1u);
}

TEST(cycle_ladder, a_lock_acquired_by_a_try_is_held_like_any_other) {
    EXPECT_EQ(told("t1: try A; lock B; unlock B; unlock A\n"
                   "t2: try B; lock A; unlock A; unlock B"),
              strings{"A>B>A potential"});
}

TEST(cycle_ladder, a_request_with_a_time_out_is_escapable) {
    scenario s{
        "t1: lock A; timed B; unlock B; unlock A\n"
        "t2: lock B; lock A; unlock A; unlock B"};
    const auto found = s.find();
    EXPECT_EQ(s.summary(found), strings{"A>B>A escapable"});
    EXPECT_EQ(found.drafts[0].reasons[0].what, fact::gives_up);
}

TEST(cycle_ladder, group_acquisitions_in_any_order_are_clean) {
    EXPECT_EQ(told("t1: group A B; unlock B; unlock A\n"
                   "t2: group B A; unlock A; unlock B"),
              nothing);
}

TEST(cycle_ladder, a_lock_held_before_a_group_waits_for_each_of_it) {
    scenario s{
        "t1: lock C; group A B; unlock B; unlock A; unlock C\n"
        "t2: lock B; lock C; unlock C; unlock B"};
    const auto found = s.find();
    EXPECT_EQ(s.summary(found), strings{"B>C>B potential"});
}

TEST(cycle_ladder, a_group_after_another_group_waits_for_it) {
    EXPECT_EQ(told("t1: group A B; group C D; unlock D; unlock C; unlock B; unlock A\n"
                   "t2: lock D; lock B; unlock B; unlock D"),
              strings{"B>D>B potential"});
}

TEST(cycle_ladder, recursion_makes_no_edge) {
    EXPECT_EQ(told("t1: lock A; lock B; lock A; unlock B; unlock A\n"
                   "t2: lock A; lock B; unlock B; unlock A"),
              nothing);
}

// -- shared modes ------------------------------------------------------------------------------------------------------

/// Two sides, A then B against B then A; the words say how each is acquired: hold A, want B, hold B, want A.
strings shared_story(const char* hold_a, const char* want_b, const char* hold_b, const char* want_a) {
    return told(std::string("t1: ") + hold_a + " A; " + want_b + " B; unlock B; unlock A\nt2: " + hold_b + " B; " +
                want_a + " A; unlock A; unlock B");
}

TEST(cycle_ladder, shared_requests_block_unless_shared_meets_shared) {
    for (int bits = 0; bits < 16; ++bits) {
        const bool hold_a = bits & 1, want_b = bits & 2, hold_b = bits & 4, want_a = bits & 8;
        const auto word = [](bool shared) { return shared ? "shared" : "lock"; };
        const bool blocks = !(want_b && hold_b) && !(want_a && hold_a);
        EXPECT_EQ(shared_story(word(hold_a), word(want_b), word(hold_b), word(want_a)),
                  blocks ? strings{"A>B>A potential"} : nothing)
            << hold_a << want_b << hold_b << want_a;
    }
}

TEST(cycle_ladder, the_examples_of_lockdep_for_three_locks) {
    // ER, ER, ER deadlocks; EN, SR, ER does; EN, SR, SN does not; ER, SR, EN does not.
    const auto story = [](const char* first, const char* second, const char* third) {
        const auto word = [](char c) { return std::string(c == 'S' || c == 'R' ? "shared " : "lock "); };
        return told("t1: " + word(first[0]) + "A; " + word(first[1]) + "B; unlock B; unlock A\n" +  //
                    "t2: " + word(second[0]) + "B; " + word(second[1]) + "C; unlock C; unlock B\n" +
                    "t3: " + word(third[0]) + "C; " + word(third[1]) + "A; unlock A; unlock C");
    };
    EXPECT_EQ(story("ER", "ER", "ER"), strings{"A>B>C>A potential"});
    EXPECT_EQ(story("EN", "SR", "ER"), strings{"A>B>C>A potential"});
    EXPECT_EQ(story("EN", "SR", "SN"), nothing);
    EXPECT_EQ(story("ER", "SR", "EN"), nothing);
}

TEST(cycle_ladder, shared_meeting_shared_is_counted) {
    scenario s{
        "t1: shared A; shared B; unlock B; unlock A\n"
        "t2: shared B; shared A; unlock A; unlock B"};
    const auto found = s.find();
    EXPECT_EQ(s.summary(found), nothing);
    EXPECT_EQ(found.harmless, 1u);
    EXPECT_EQ(found.harmless_mutual_exclusion, 1u);
}

TEST(cycle_ladder, readers_queue_behind_a_writer_where_writers_have_priority) {
    const char* story =
        "t1: shared A; shared B; unlock B; unlock A\n"
        "t2: shared B; shared A; unlock A; unlock B\n"
        "t3: lock A; unlock A\n"
        "t3: lock B; unlock B";
    scenario s{story};
    EXPECT_EQ(s.summary(), nothing);
    s.set_type("A", object_type::shared_mutex_writer_priority);
    EXPECT_EQ(s.summary(), nothing) << "B still lets readers pass";
    s.set_type("B", object_type::shared_mutex_writer_priority);
    const auto found = s.find();
    EXPECT_EQ(s.summary(found), strings{"A>B>A potential"});
    EXPECT_EQ(found.drafts[0].reasons.back().what, fact::writer_needed);
}

TEST(cycle_ladder, readers_do_not_wait_where_no_writer_can_come) {
    scenario s{
        "t1: shared A; shared B; unlock B; unlock A\n"
        "t2: shared B; shared A; unlock A; unlock B\n"
        "t3: lock A; unlock A"};
    s.set_type("A", object_type::shared_mutex_writer_priority);
    s.set_type("B", object_type::shared_mutex_writer_priority);
    EXPECT_EQ(s.summary(), nothing);
}

TEST(cycle_ladder, readers_do_not_wait_for_ever_behind_a_writer_that_gives_up) {
    const std::string readers =
        "t1: shared A; shared B; unlock B; unlock A\n"
        "t2: shared B; shared A; unlock A; unlock B\n";
    const auto judged = [&](const std::string& writers) {
        scenario s{readers + writers};
        s.set_type("A", object_type::shared_mutex_writer_priority);
        s.set_type("B", object_type::shared_mutex_writer_priority);
        return s.summary();
    };
    EXPECT_EQ(judged("t3: timed A; unlock A; lock B; unlock B"), strings{"A>B>A escapable"});
    EXPECT_EQ(judged("t3: lock A; unlock A; timed B; unlock B"), strings{"A>B>A escapable"});
    EXPECT_EQ(judged("t3: timed A; unlock A; lock A; unlock A; lock B; unlock B"), strings{"A>B>A potential"});
}

// -- one defect, its shortest form -------------------------------------------------------------------------------------

TEST(cycle_ladder, a_cycle_that_one_agent_shortens_is_told_by_its_shortest_form) {
    scenario s{
        "t1: lock A; lock B; lock C; unlock C; unlock B; unlock A\n"
        "t2: lock C; lock A; unlock A; unlock C"};
    const auto found = s.find();
    EXPECT_EQ(s.summary(found), strings{"A>C>A potential"});
    EXPECT_EQ(found.drafts[0].also, 1u);
}

TEST(cycle_ladder, two_nests_in_opposite_order_are_told_by_their_pairs) {
    scenario s{
        "t1: lock A; lock B; lock C; lock D; lock E; unlock E; unlock D; unlock C; unlock B; unlock A\n"
        "t2: lock E; lock D; lock C; lock B; lock A; unlock A; unlock B; unlock C; unlock D; unlock E"};
    const auto found = s.find();
    EXPECT_EQ(found.drafts.size(), 10u);
    for (const auto& d : found.drafts) EXPECT_EQ(d.sides.size(), 2u);
    EXPECT_EQ(found.not_listed, 0u);
}

// -- damage ------------------------------------------------------------------------------------------------------------

TEST(cycle_ladder, lost_order_lowers_potential_and_lost_segments_lower_ordered) {
    scenario potential{
        "t1: lock A; lock B; unlock B; unlock A\n"
        "t2: lock B; lock A; unlock A; unlock B"};
    scenario ordered{
        "t1: lock A; lock B; unlock B; unlock A; start t2\n"
        "t2: lock B; lock A; unlock A; unlock B"};
    scenario guarded{
        "t1: lock G; lock A; lock B; unlock B; unlock A; unlock G\n"
        "t2: lock G; lock B; lock A; unlock A; unlock B; unlock G"};
    for (scenario* s : {&potential, &ordered, &guarded}) s->damage.order_lost = true;
    EXPECT_EQ(potential.summary(), strings{"A>B>A unverifiable"});
    EXPECT_EQ(ordered.summary(), strings{"A>B>A ordered"});
    EXPECT_EQ(guarded.summary(), strings{"A>B>A guarded"}) << "a note never rises";
    for (scenario* s : {&ordered, &guarded}) s->damage.segments_lost = true;
    EXPECT_EQ(ordered.summary(), strings{"A>B>A unverifiable"});
    EXPECT_EQ(guarded.summary(), strings{"A>B>A guarded"});
}

}  // namespace
}  // namespace interlock
