// From the bytes of a log to findings: what the analyser makes of programs told as text, with the clean twin of each.
#include "analysis/analyser.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "analysis/findings/names.hpp"
#include "tests/unit/analysis/told.hpp"

namespace interlock::analysis {
namespace {

using testing::analysed;
using strings = std::vector<std::string>;

const strings nothing;

constexpr const char* inversion =
    "main: create t1; create t2\n"
    "t1: lock A @f; lock B @f; unlock B; unlock A; exit\n"
    "t2: lock B @g; lock A @g; unlock A; unlock B; exit\n"
    "main: join t1; join t2";

TEST(analyser, finds_the_inversion_of_two_threads) {
    const analysed run{inversion};
    EXPECT_EQ(run.summary(), strings{"lock-order-cycle potential error"});
    const findings::finding& f = run.data.findings.at(0);
    ASSERT_EQ(f.edges.size(), 2u);
    EXPECT_EQ(f.edges[0].wanted, f.edges[1].held);
    EXPECT_EQ(f.edges[1].wanted, f.edges[0].held);
    EXPECT_EQ(f.locks.size(), 2u);
    EXPECT_EQ(f.threads.size(), 2u);
    EXPECT_EQ(f.id.size(), 16u);
    ASSERT_EQ(run.data.logs.size(), 1u);
    EXPECT_EQ(run.data.logs[0].acquisitions, 4u);
    EXPECT_EQ(run.data.logs[0].dependencies, 2u);
    EXPECT_EQ(run.data.logs[0].locks, 2u);
    EXPECT_EQ(run.data.logs[0].threads, 3u);
    EXPECT_TRUE(run.data.logs[0].complete);
}

TEST(analyser, finds_it_in_an_order_log_too) {
    testing::log_builder_options options;
    options.level = format::log_level::order;
    EXPECT_EQ(analysed(inversion, options).summary(), strings{"lock-order-cycle potential error"});
}

TEST(analyser, knows_which_request_closed_a_cycle_that_no_object_orders) {
    const auto closing_lock = [](const std::string& story) {
        testing::log_builder_options options;
        options.level = format::log_level::order;
        const analysed run{"main: create t1; create t2; create t3\n" + story, options};
        EXPECT_EQ(run.data.findings.size(), 1u) << story;
        const findings::finding& one = run.data.findings.at(0);
        const std::uint64_t wanted = one.edges.at(one.closing).wanted;
        const auto lock =
            std::find_if(one.locks.begin(), one.locks.end(), [&](const auto& l) { return l.id == wanted; });
        return lock == one.locks.end() ? std::string{} : lock->name;
    };
    const std::string named = "mutex A B C\nmain: name A a; name B b; name C c\n";
    const std::string ab = "lock A; lock B; unlock B; unlock A\n";
    const std::string ba = "lock B; lock A; unlock A; unlock B\n";
    // The same threads, so the same log but for the order of the two.
    EXPECT_EQ(closing_lock(named + "t1: " + ab + "t2: " + ba), "a");
    EXPECT_EQ(closing_lock(named + "t2: " + ba + "t1: " + ab), "b");
    const std::string bc = "lock B; lock C; unlock C; unlock B\n";
    const std::string ca = "lock C; lock A; unlock A; unlock C\n";
    EXPECT_EQ(closing_lock(named + "t1: " + ab + "t2: " + bc + "t3: " + ca), "a");
    EXPECT_EQ(closing_lock(named + "t3: " + ca + "t1: " + ab + "t2: " + bc), "c");
    EXPECT_EQ(closing_lock(named + "t2: " + bc + "t3: " + ca + "t1: " + ab), "b");
    // What is seen again in a later segment is numbered too.
    EXPECT_EQ(closing_lock(named + "t2: count_down L\nt1: " + ab + "t1: latch_pass L\nt2: " + ba + "t1: " + ab), "a");
}

TEST(analyser, is_silent_where_both_keep_one_order) {
    EXPECT_EQ(analysed("main: create t1; create t2\n"
                       "t1: lock A; lock B; unlock B; unlock A; exit\n"
                       "t2: lock A; lock B; unlock B; unlock A; exit\n"
                       "main: join t1; join t2")
                  .summary(),
              nothing);
}

TEST(analyser, tells_of_threads_that_never_live_together_as_ordered) {
    const analysed run{
        "main: create t1\n"
        "t1: lock A; lock B; unlock B; unlock A; exit\n"
        "main: join t1; create t2\n"
        "t2: lock B; lock A; unlock A; unlock B; exit\n"
        "main: join t2"};
    EXPECT_EQ(run.summary(), strings{"lock-order-cycle ordered warning"});
    EXPECT_EQ(run.data.findings[0].coffman->circular_wait.holds, findings::answer::no);
}

TEST(analyser, says_which_condition_a_time_out_breaks) {
    const analysed run{
        "t1: lock A; lock B timed; unlock B; unlock A\n"
        "t2: lock B; lock A; unlock A; unlock B"};
    EXPECT_EQ(run.summary(), strings{"lock-order-cycle escapable note"});
    EXPECT_EQ(run.data.findings[0].coffman->no_preemption.holds, findings::answer::no);
}

}  // namespace
}  // namespace interlock::analysis
