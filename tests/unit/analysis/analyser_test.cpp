// From the bytes of a log to findings: what the analyser makes of programs told as text, with the clean twin of each.
#include "analysis/analyser.hpp"

#include <gtest/gtest.h>

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
