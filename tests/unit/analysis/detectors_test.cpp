// What detectors find in whole logs: joins, semaphores, signals, self-deadlocks, misuse, each with its clean twin.
#include <gtest/gtest.h>

#include "tests/unit/analysis/told.hpp"

namespace interlock::analysis {
namespace {

using testing::analysed;
using strings = std::vector<std::string>;

const strings nothing;

strings found_in(std::string_view text) { return analysed{text}.summary(); }

// -- joins -------------------------------------------------------------------------------------------------------------

TEST(joins, under_a_lock_that_the_joined_thread_acquires_are_a_cycle) {
    const analysed run{
        "main: create t1; lock A; join_request t1\n"
        "t1: lock B; unlock B; exit\n"
        "main: join t1; unlock A\n"};
    EXPECT_EQ(run.summary(), nothing) << "t1 needs B alone";
    EXPECT_EQ(found_in("main: create t1\n"
                       "t1: lock A; unlock A; exit\n"
                       "main: lock A; join_request t1; join t1; unlock A\n"),
              strings{"lock-order-cycle potential error"});
}

TEST(joins, of_a_thread_that_needs_the_lock_under_another_are_told_by_the_shortest_cycle) {
    const analysed run{
        "main: create t1\n"
        "t1: lock A; lock B; unlock B; unlock A; exit\n"
        "main: lock B; join_request t1; join t1; unlock B\n"};
    ASSERT_EQ(run.summary(), strings{"lock-order-cycle potential error"}) << "t1 holds its end, whatever else it holds";
    EXPECT_EQ(run.data.findings[0].edges.size(), 2u);
    EXPECT_EQ(run.data.findings[0].also, 1u);
}

TEST(joins, after_the_lock_is_released_are_clean) {
    EXPECT_EQ(found_in("main: create t1\n"
                       "t1: lock A; unlock A; exit\n"
                       "main: lock A; unlock A; join_request t1; join t1\n"),
              nothing);
}

TEST(joins, of_a_thread_that_joins_one_that_needs_the_lock_are_a_cycle) {
    EXPECT_EQ(found_in("main: create t1\n"
                       "t1: create t2\n"
                       "t2: lock A; unlock A; exit\n"
                       "t1: join_request t2; join t2; exit\n"
                       "main: lock A; join_request t1; join t1; unlock A\n"),
              strings{"lock-order-cycle potential error"});
}

// -- semaphores --------------------------------------------------------------------------------------------------------

constexpr const char* crossed =
    "main: sem_init S 1; sem_init T 1\n"
    "t1: sem_wait S; sem_wait T; sem_post T; sem_post S\n"
    "t2: sem_wait T; sem_wait S; sem_post S; sem_post T\n";

TEST(semaphores, used_as_locks_and_crossed_are_potential) {
    EXPECT_EQ(found_in(crossed), strings{"lock-order-cycle potential error"});
}

TEST(semaphores, released_by_others_are_no_locks) {
    EXPECT_EQ(found_in(std::string(crossed) + "t3: sem_post S\n"), nothing);
}

TEST(semaphores, that_start_at_two_are_no_locks) {
    EXPECT_EQ(found_in("main: sem_init S 2; sem_init T 1\n"
                       "t1: sem_wait S; sem_wait T; sem_post T; sem_post S\n"
                       "t2: sem_wait T; sem_wait S; sem_post S; sem_post T\n"),
              nothing);
}

// -- signals -----------------------------------------------------------------------------------------------------------

constexpr const char* in_handler = "t2: signal_enter 10; lock A in_signal; unlock A in_signal; signal_exit 10\n";

TEST(signals, whose_handler_acquires_what_they_can_interrupt_are_found) {
    EXPECT_EQ(found_in(std::string("t1: open 10; lock A; unlock A\n") + in_handler),
              strings{"self-deadlock potential error"});
}

TEST(signals, that_are_blocked_while_the_lock_is_held_are_clean) {
    EXPECT_EQ(found_in(std::string("t1: open 10; close 10; lock A; unlock A; open 10\n") + in_handler), nothing);
}

TEST(signals, that_have_no_handler_yet_while_the_lock_is_held_are_clean) {
    EXPECT_EQ(found_in(std::string("t1: lock A; unlock A; open 10\n") + in_handler), nothing);
}

TEST(signals, that_open_while_the_lock_is_held_are_found) {
    EXPECT_EQ(found_in(std::string("t1: lock A; open 10; held_open A; close 10; unlock A\n") + in_handler),
              strings{"self-deadlock potential error"});
}

TEST(signals, that_open_after_the_lock_was_released_are_clean) {
    EXPECT_EQ(found_in(std::string("t1: lock A; unlock A; lock B; open 10; held_open B; unlock B\n") + in_handler),
              nothing);
}

TEST(signals, that_brought_another_handler_while_the_lock_was_held_are_clean) {
    EXPECT_EQ(found_in(std::string("t1: open 10 2; lock A; unlock A; open 10 1\n") + in_handler), nothing);
    EXPECT_EQ(found_in(std::string("t1: open 10 2; open 10 1; lock A; unlock A\n") + in_handler),
              strings{"self-deadlock potential error"});
}

TEST(signals, are_told_apart_by_number_whoever_handles_them) {
    EXPECT_EQ(found_in(std::string("t1: open 12; lock A; unlock A\n") + in_handler), nothing);
}

TEST(signals, of_which_ever_more_open_are_all_kept_in_mind) {
    std::string text;
    for (int signal = 1; signal <= 64; ++signal) {
        text += "t1: open " + std::to_string(signal) + " " + std::to_string(signal % 3 + 1) +
                "; lock A; unlock A; lock B; unlock B\n";
        if (signal % 2 == 0) text += "t1: close " + std::to_string(signal - 1) + "\n";
    }
    EXPECT_EQ(found_in(text + "t2: signal_enter 64 2; lock A in_signal; unlock A in_signal; signal_exit 64\n"
                              "t2: signal_enter 63 1; lock B in_signal; unlock B in_signal; signal_exit 63\n"),
              (strings{"self-deadlock potential error", "self-deadlock potential error"}));
}

TEST(signals, whose_handler_only_tries_are_clean) {
    EXPECT_EQ(found_in("t1: open 10; lock A; unlock A\n"
                       "t1: signal_enter 10; try A in_signal; unlock A in_signal; signal_exit 10\n"),
              nothing);
}

// -- self-deadlock -----------------------------------------------------------------------------------------------------

TEST(self_deadlocks, of_a_plain_mutex_locked_again_are_observed) {
    const analysed run{"t1: lock A; request A"};
    EXPECT_EQ(run.summary(), strings{"self-deadlock observed error"});
    EXPECT_EQ(run.data.findings[0].edges.size(), 1u);
    EXPECT_TRUE(run.data.findings[0].coffman.has_value());
}

TEST(self_deadlocks, that_the_mutex_refuses_are_observed_and_counted) {
    const analysed run{
        "error_checking_mutex A\nt1: lock A; request A; refused A 35; request A; refused A 35; unlock A"};
    EXPECT_EQ(run.summary(), strings{"self-deadlock observed error"});
    EXPECT_EQ(run.data.findings[0].occurrences, 2u);
}

TEST(self_deadlocks, are_not_seen_in_recursive_mutexes) {
    EXPECT_EQ(found_in("recursive_mutex A\nt1: lock A; lock A; unlock A; unlock A"), nothing);
}

TEST(self_deadlocks, of_a_shared_hold_that_wants_to_be_exclusive_are_observed) {
    EXPECT_EQ(found_in("shared_mutex A\nt1: lock A shared; request A"), strings{"self-deadlock observed error"});
}

TEST(self_deadlocks, of_a_semaphore_used_as_a_lock_are_stalls) {
    EXPECT_EQ(found_in("t1: sem_init S 1; sem_wait S; sem_request S"), strings{"stalled observed warning"});
    EXPECT_EQ(found_in("t1: sem_init S 2; sem_wait S; sem_request S; sem_wait S"), nothing);
}

TEST(self_deadlocks, with_a_time_out_are_escapable) {
    EXPECT_EQ(found_in("t1: lock A; request A timed; timed_out A timed; unlock A"),
              strings{"self-deadlock escapable note"});
}

// -- misuse ------------------------------------------------------------------------------------------------------------

TEST(misuse, of_unlocking_what_nobody_holds_is_observed) {
    EXPECT_EQ(found_in("t1: lock A; unlock A; unlock_foreign A"), strings{"unlock-not-held observed error"});
}

TEST(misuse, of_unlocking_what_another_holds_is_observed_and_ends_the_hold) {
    EXPECT_EQ(found_in("t1: lock A\nt2: unlock_foreign A succeeded\nt2: lock A; unlock A"),
              strings{"unlock-not-owner observed error"});
}

TEST(misuse, of_destroying_a_held_lock_is_observed) {
    EXPECT_EQ(found_in("t1: lock A; destroy_while_held A"), strings{"destroy-while-held observed error"});
    EXPECT_EQ(found_in("t1: lock A; unlock A; destroy A"), nothing);
}

TEST(misuse, of_initialising_a_held_lock_again_is_observed) {
    EXPECT_EQ(found_in("t1: lock A; reinit_while_held A"), strings{"reinit-while-held observed error"});
}

TEST(misuse, of_ending_with_a_lock_held_is_observed) {
    EXPECT_EQ(found_in("main: create t1\nt1: lock A; exit\nmain: join t1"),
              strings{"held-at-thread-exit observed error"});
    EXPECT_EQ(found_in("main: create t1\nt1: lock A; unlock A; exit\nmain: join t1"), nothing);
}

TEST(misuse, of_the_same_kind_at_one_place_is_one_finding) {
    const analysed run{"t1: lock A; unlock A; unlock_foreign A @f; unlock_foreign A @f"};
    EXPECT_EQ(run.summary(), strings{"unlock-not-held observed error"});
    EXPECT_EQ(run.data.findings[0].occurrences, 2u);
}

TEST(misuse, of_a_hold_that_another_ended_is_not_told_at_the_threads_end) {
    EXPECT_EQ(found_in("main: create t1\nt1: lock A\nmain: unlock_foreign A succeeded\nt1: exit\nmain: join t1"),
              strings{"unlock-not-owner observed error"});
}

// -- tries -------------------------------------------------------------------------------------------------------------

/// A holds B's try and meets B's holder who wants A; what happened at the try's place before is said by `before`.
strings found_after(const std::string& before, const std::string& place = "take<f<main") {
    return found_in(before + "t1: lock A @f; try B @" + place +
                    "; unlock B; unlock A\n"
                    "t2: lock B @g; lock A @g; unlock A; unlock B\n");
}

const std::string waited =
    "t3: lock C\n"
    "t1: try_failed C @take<f<main; request C @take<f<main\n"
    "t3: unlock C\n"
    "t1: lock C @take<f<main; unlock C\n";

TEST(tries, whose_code_waits_after_a_failed_try_count_as_requests) {
    EXPECT_EQ(found_after(waited), strings{"lock-order-cycle potential error"});
    EXPECT_EQ(found_after(""), nothing);
}

TEST(tries, may_let_go_of_what_they_acquired_since_before_they_wait) {
    EXPECT_EQ(found_after("t3: lock C\n"
                          "t1: lock D; try_failed C @take<f<main; lock G; unlock G; request C @take<f<main\n"
                          "t3: unlock C\n"
                          "t1: lock C @take<f<main; unlock C; unlock D\n"),
              strings{"lock-order-cycle potential error"});
}

TEST(tries, that_let_go_of_what_they_held_before_they_wait_are_clean) {
    EXPECT_EQ(found_after("t3: lock C\n"
                          "t1: lock D; try_failed C @take<f<main; unlock D; request C @take<f<main\n"
                          "t3: unlock C\n"
                          "t1: lock C @take<f<main; unlock C\n"),
              nothing);
}

TEST(tries, one_of_which_was_not_followed_by_a_wait_are_clean) {
    const std::string gave_up =
        "t3: lock E\n"
        "t4: lock F; try_failed E @take<f<main; unlock F\n"
        "t3: unlock E\n";
    EXPECT_EQ(found_after(waited + gave_up), nothing);
    EXPECT_EQ(found_after(gave_up + waited), nothing);
    EXPECT_EQ(found_after("t3: lock E\nt4: try_failed E @take<f<main\n" + waited), nothing);
}

TEST(tries, followed_by_a_wait_with_a_time_out_or_by_another_try_are_clean) {
    EXPECT_EQ(found_after("t3: lock C\n"
                          "t1: try_failed C @take<f<main; request C timed @take<f<main\n"
                          "t3: unlock C\n"
                          "t1: lock C timed @take<f<main; unlock C\n"),
              nothing);
    EXPECT_EQ(found_after("t3: lock C\n"
                          "t1: try_failed C @take<f<main; try_failed C @take<f<main\n"
                          "t3: unlock C\n"
                          "t1: lock C @take<f<main; unlock C\n"),
              nothing);
}

TEST(tries, followed_by_a_wait_elsewhere_are_clean) {
    EXPECT_EQ(found_after("t3: lock C\n"
                          "t1: try_failed C @take<f<main; request C @finish<g<h\n"
                          "t3: unlock C\n"
                          "t1: lock C @finish<g<h; unlock C\n"),
              nothing);
    EXPECT_EQ(found_after(
                  "t3: lock C\n"
                  "t1: try_failed C @take<f<main; lock D; unlock D; lock D; unlock D; lock D; lock E; lock F; lock G; "
                  "lock H; request C @take<f<main\n"
                  "t3: unlock C\n"
                  "t1: lock C @take<f<main; unlock C; unlock D; unlock E; unlock F; unlock G; unlock H\n"),
              nothing);
}

TEST(tries, of_the_same_function_called_from_elsewhere_are_clean) {
    const auto in = [](const std::string& caller) {
        return "t3: lock C\n"
               "t1: try_failed C @take<" +
               caller + "; request C @take<" + caller +
               "\n"
               "t3: unlock C\n"
               "t1: lock C @take<" +
               caller + "; unlock C\n";
    };
    EXPECT_EQ(found_after(in("wait<main"), "take<wait<main"), strings{"lock-order-cycle potential error"});
    EXPECT_EQ(found_after(in("wait<main"), "take<try<main"), nothing);
}

TEST(tries, whose_function_never_waits_are_counted_and_no_finding) {
    const analysed run{
        "t3: lock B\n"
        "t1: try_failed B @take\n"
        "t3: unlock B\n"
        "t1: lock A @f; try B @take; unlock B; unlock A\n"
        "t2: lock B @g; lock A @g; unlock A; unlock B\n"};
    EXPECT_EQ(run.summary(), nothing);
    EXPECT_EQ(run.data.harmless_cycles, 1u);
    EXPECT_EQ(run.data.harmless_hold_and_wait, 1u);
}

// -- condition waits ---------------------------------------------------------------------------------------------------

TEST(conditions, whose_wait_acquires_again_under_a_lock_make_an_edge) {
    EXPECT_EQ(found_in("t1: lock A; lock B; wait C A; wake C A; unlock B; unlock A\n"
                       "t2: lock A; lock B; unlock B; unlock A\n"),
              strings{"lock-order-cycle potential error"});
    EXPECT_EQ(found_in("t1: lock A; wait C A; wake C A; unlock A\n"
                       "t2: lock A; lock B; unlock B; unlock A\n"),
              nothing);
}

}  // namespace
}  // namespace interlock::analysis
