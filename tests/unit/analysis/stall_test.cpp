// Logs that end with threads which nobody can wake, each with a twin in which somebody could.
#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "tests/unit/analysis/told.hpp"

namespace interlock::analysis {
namespace {

using testing::analysed;
using testing::log_builder_options;
using strings = std::vector<std::string>;

const strings nothing;
const strings stalled{"stalled observed warning"};
const strings deadlock{"deadlock observed error"};

log_builder_options killed(format::log_level level = format::log_level::full) {
    log_builder_options options;
    options.ended = false;
    options.level = level;
    return options;
}

strings found_in(std::string_view text) { return analysed{text, killed()}.summary(); }

std::size_t threads_of(const analysed& run) { return run.data.findings.at(0).threads.size(); }

TEST(stalls, of_a_condition_that_nobody_signals_are_told_with_who_is_behind) {
    const analysed run{
        "main: create t1\n"
        "t1: lock M; wait C M\n"
        "main: join_request t1\n",
        killed()};
    ASSERT_EQ(run.summary(), stalled);
    EXPECT_EQ(threads_of(run), 1u);
    EXPECT_EQ(run.data.findings[0].behind.size(), 1u);
    EXPECT_EQ(found_in("main: create t1\n"
                       "t1: lock M; wait C M\n"
                       "main: lock A\n"),
              nothing)
        << "main runs, and may signal";
}

TEST(stalls, need_that_no_signal_is_under_way) {
    EXPECT_EQ(found_in("main: create t1\n"
                       "t1: lock M; wait C M\n"
                       "main: notify C; join_request t1\n"),
              nothing);
    EXPECT_EQ(found_in("main: create t1; create t2\n"
                       "t1: lock M; wait C M\n"
                       "t2: lock M; wait C M\n"
                       "main: notify C\n"
                       "t1: wake C M\n"
                       "t1: wait C M\n"
                       "main: notify_all C; join_request t1\n"),
              nothing);
}

TEST(stalls, of_a_signal_that_came_too_early_are_a_deadlock_with_who_gave_it) {
    const analysed run{
        "main: create t1; notify C\n"
        "t1: lock M; wait C M\n"
        "main: join_request t1\n",
        killed()};
    ASSERT_EQ(run.summary(), deadlock);
    EXPECT_EQ(threads_of(run), 2u);
    EXPECT_EQ(run.data.findings[0].edges.size(), 2u);
}

TEST(stalls, of_semaphores_count_permits) {
    EXPECT_EQ(found_in("main: create t1; sem_init S 0\n"
                       "t1: sem_request S\n"
                       "main: join_request t1\n"),
              stalled);
    EXPECT_EQ(found_in("main: create t1; sem_init S 0; sem_post S\n"
                       "t1: sem_request S\n"
                       "main: join_request t1\n"),
              nothing);
}

TEST(stalls, of_permits_are_deadlocks_of_those_who_have_them) {
    const std::string each_wants_one_more =
        "t1: sem_wait S\n"
        "t2: sem_wait S\n"
        "t1: sem_request S\n"
        "t2: sem_request S\n"
        "main: join_request t1\n";
    const analysed run{"main: create t1; create t2; sem_init S 2\n" + each_wants_one_more, killed()};
    ASSERT_EQ(run.summary(), deadlock);
    EXPECT_EQ(threads_of(run), 2u);
    EXPECT_EQ(run.data.findings[0].behind.size(), 1u);
    EXPECT_EQ(found_in("main: create t1; create t2; sem_init S 3\n" + each_wants_one_more), nothing)
        << "one of them goes on";
}

TEST(stalls, of_latches_are_told_by_the_log) {
    EXPECT_EQ(found_in("main: create t1; count_down L\n"
                       "t1: latch_wait L\n"
                       "main: join_request t1\n"),
              nothing)
        << "how many are to come is not known";
    EXPECT_EQ(found_in("main: create t1\n"
                       "t1: latch_wait L\n"
                       "main: join_request t1\n"),
              stalled);
}

TEST(stalls, advise_what_helps_the_kind_of_wait) {
    const auto advice_of = [](const std::string& wait) {
        const analysed run{"main: create t1\nt1: " + wait + "\nmain: join_request t1\n", killed()};
        return run.data.findings.empty() ? "nothing told" : run.data.findings[0].advice;
    };
    EXPECT_EQ(advice_of("lock M; wait C M").find("signal after the waiter's condition"), 0u);
    EXPECT_EQ(advice_of("sem_init S 0; sem_request S").find("post it on every path"), 0u);
    EXPECT_EQ(advice_of("latch_wait L").find("count down once for each"), 0u);
    EXPECT_EQ(advice_of("event_wait E").find("set it on every path"), 0u);
    EXPECT_EQ(advice_of("future_wait F").find("give the promise a value"), 0u);
}

TEST(stalls, of_barriers_count_parties) {
    const std::string two_come =
        "main: create t1; create t2\n"
        "t1: arrive B\n"
        "t2: arrive B\n"
        "main: join_request t1\n";
    const analysed run{"main: parties B 3\n" + two_come, killed()};
    ASSERT_EQ(run.summary(), stalled);
    EXPECT_EQ(threads_of(run), 2u);
    EXPECT_EQ(found_in("main: parties B 2\n" + two_come), nothing) << "both are about to go on";
}

TEST(stalls, are_not_told_of_level_order_from_the_log_alone) {
    const std::string text =
        "main: create t1\n"
        "t1: lock M; wait C M\n"
        "main: join_request t1\n";
    analysed run{text, killed(format::log_level::order)};
    EXPECT_EQ(run.summary(), nothing);
    detectors::standing seen;
    seen.watched = true;
    run.of.note_standing(0, seen);
    run.data = run.of.findings_so_far();
    EXPECT_EQ(run.summary(), stalled) << "who watched knows that nothing is under way";
    seen.strangers = true;
    run.of.note_standing(0, seen);
    run.data = run.of.findings_so_far();
    EXPECT_EQ(run.summary(), nothing) << "a thread that the log does not know may signal";
}

TEST(stalls, are_none_for_a_thread_that_is_not_blocked) {
    analysed run{
        "main: create t1\n"
        "t1: lock M; wait C M\n"
        "main: join_request t1\n",
        killed()};
    detectors::standing seen;
    seen.watched = true;
    seen.live.insert(run.made.agent("t1"));
    run.of.note_standing(0, seen);
    run.data = run.of.findings_so_far();
    EXPECT_EQ(run.summary(), nothing);
}

TEST(stalls, tell_for_each_thread_what_it_waits_for) {
    const analysed run{
        "main: create t1; create t2; create t3\n"
        "t1: lock M; wait C M\n"
        "t2: lock N; wait D N\n"
        "t3: lock O; wait C O\n"
        "main: join_request t1\n",
        killed()};
    std::map<std::uint64_t, std::size_t> waiting;  // by object
    for (const findings::finding& one : run.data.findings) {
        if (one.kind != findings::kind::stalled) continue;
        EXPECT_EQ(one.waits.size(), one.threads.size());
        for (const findings::stuck_wait& each : one.waits) ++waiting[each.wanted];
    }
    ASSERT_EQ(waiting.size(), 2u);
    EXPECT_EQ(waiting.begin()->second + waiting.rbegin()->second, 3u);
}

TEST(stalls, tell_what_the_stuck_hold_that_others_of_them_want) {
    const analysed run{
        "main: create t1; create t2\n"
        "t1: lock X; lock Y; lock M; wait C M\n"
        "t2: request X\n"
        "main: join_request t1\n",
        killed()};
    ASSERT_EQ(run.summary(), stalled);
    const findings::finding& told = run.data.findings[0];
    ASSERT_EQ(told.holds.size(), 1u) << "nobody wants Y";
    ASSERT_EQ(told.behind.size(), 2u);
    EXPECT_EQ(told.holds[0].who.id, told.threads[0].id);
    EXPECT_TRUE(std::any_of(told.behind.begin(), told.behind.end(),
                            [&](const auto& one) { return one.wanted.id == told.holds[0].held.id; }));
}

TEST(stalls, leave_cycles_of_locks_to_the_deadlock) {
    const analysed run{
        "main: create t1; create t2; create t3\n"
        "t1: lock A; request B\n"
        "t2: lock B; request A\n"
        "t3: lock M; wait C M\n"
        "main: join_request t1\n",
        killed()};
    EXPECT_EQ(run.summary(), (strings{"deadlock observed error", "stalled observed warning"}));
}

}  // namespace
}  // namespace interlock::analysis
