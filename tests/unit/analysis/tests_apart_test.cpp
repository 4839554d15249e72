// Programs that run tests: each test stands for itself, and what several did one after the other is told as such.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/analysis/told.hpp"

namespace interlock::analysis {
namespace {

using testing::analysed;
using strings = std::vector<std::string>;

constexpr const char* one_order = "main: lock A @f; lock B @f; unlock B; unlock A\n";
constexpr const char* other_order = "main: lock B @g; lock A @g; unlock A; unlock B\n";

/// Main runs these stretches, each under the mark and in the test before it: "1 first".
std::string tests(const std::vector<std::pair<std::string, std::string>>& stretches) {
    std::string text = "mutex A B G\n";
    for (const auto& [mark, body] : stretches) text += (mark.empty() ? "" : "main: test " + mark + "\n") + body;
    return text;
}

/// The tests of the findings' sides, in their order.
strings sides_of(const findings::report_data& data) {
    strings made;
    for (const findings::finding& one : data.findings)
        for (const findings::edge& side : one.edges) made.push_back(side.test);
    return made;
}

TEST(tests_apart, of_two_tests_is_across_runs) {
    const analysed run{tests({{"1 first", one_order}, {"2 second", other_order}})};
    EXPECT_EQ(run.summary(), strings{"lock-order-cycle across-runs warning"});
    EXPECT_EQ(sides_of(run.data), (strings{"first", "second"}));
    EXPECT_EQ(run.data.findings.at(0).closing, 1u);
}

TEST(tests_apart, of_two_processes_are_named_too) {
    testing::log_builder_options one;
    testing::log_builder_options other;
    other.start_ticks = 2 * one.start_ticks;  // another process
    const std::string kinds = "mutex A B\nmain: class A journal; class B ledger\n";
    const testing::text_log first = testing::make_log(kinds + "main: test 1 first\n" + one_order, one);
    const testing::text_log second = testing::make_log(kinds + "main: test 1 second\n" + other_order, other);
    analyser both;
    ASSERT_FALSE(both.adopt("first.ilk", first.image.bytes()));
    ASSERT_FALSE(both.adopt("second.ilk", second.image.bytes()));
    ASSERT_FALSE(both.feed());
    const findings::report_data data = both.findings_so_far();
    ASSERT_EQ(data.findings.size(), 1U);
    EXPECT_EQ(data.findings[0].verdict, findings::verdict::across_runs);
    strings named = sides_of(data);
    std::sort(named.begin(), named.end());
    EXPECT_EQ(named, (strings{"first", "second"}));
}

TEST(tests_apart, of_one_test_is_what_it_would_be_alone) {
    const analysed run{tests({{"1 first", std::string(one_order) + other_order}, {"2 second", other_order}})};
    EXPECT_EQ(run.summary(), strings{"lock-order-cycle single-thread warning"});
}

TEST(tests_apart, of_one_test_under_two_marks_is_of_one_test) {
    const analysed run{tests({{"1 first", one_order}, {"2 first", other_order}})};
    EXPECT_EQ(run.summary(), strings{"lock-order-cycle single-thread warning"});
}

TEST(tests_apart, of_no_test_is_judged_as_ever) {
    const analysed run{tests({{"", one_order}, {"1 first", other_order}})};
    EXPECT_EQ(run.summary(), strings{"lock-order-cycle single-thread warning"});
}

TEST(tests_apart, a_guard_still_guards) {
    const std::string guarded = "main: lock G; lock A @f; lock B @f; unlock B; unlock A; unlock G\n";
    const std::string other = "main: lock G; lock B @g; lock A @g; unlock A; unlock B; unlock G\n";
    const analysed run{tests({{"1 first", guarded}, {"2 second", other}})};
    EXPECT_EQ(run.summary(), strings{"lock-order-cycle guarded note"});
}

TEST(tests_apart, threads_of_different_tests_are_not_ordered_by_the_runner) {
    const std::string begin = "main: create t1\nt1: test 1 first; lock A @f; lock B @f; unlock B; unlock A; exit\n";
    const std::string end = "main: create t2\nt2: test 2 second; lock B @g; lock A @g; unlock A; unlock B; exit\n";
    const analysed run{tests({{"1 first", begin + "main: join t1\n"}, {"2 second", end + "main: join t2\n"}})};
    EXPECT_EQ(run.summary(), strings{"lock-order-cycle across-runs warning"});
}

TEST(tests_apart, a_thread_that_outlives_its_test_is_named_with_it) {
    const analysed run{tests({{"1 first", "main: create t1\n"},
                              {"2 second", std::string(one_order) + "t1: test 2 second; lock B @g; lock A @g\n"}})};
    EXPECT_EQ(run.summary(), strings{"lock-order-cycle potential error"});
    const findings::finding& one = run.data.findings.at(0);
    EXPECT_EQ(one.edges.at(one.closing).test, "second");
    EXPECT_EQ(one.edges.at(one.closing).thread_test, "first");
    EXPECT_EQ(one.edges.at(1 - one.closing).thread_test, "");
}

TEST(tests_apart, a_test_is_told_of_what_it_closed_or_made_alone) {
    const std::string both = std::string(one_order) + other_order;
    analysed run{
        tests({{"1 first", one_order}, {"2 second", other_order}, {"3 third", other_order}, {"4 fourth", both}})};
    EXPECT_TRUE(run.of.findings_of_tests({1, 1}).findings.empty());
    EXPECT_EQ(run.of.findings_of_tests({3, 3}).findings.size(), 0u);
    const findings::report_data alone = run.of.findings_of_tests({4, 4});
    EXPECT_EQ(sides_of(alone), (strings{"fourth", "fourth"}));

    analysed apart{tests({{"1 first", one_order}, {"2 second", other_order}, {"3 third", other_order}})};
    EXPECT_EQ(sides_of(apart.of.findings_of_tests({2, 2})), (strings{"first", "second"}));
    EXPECT_TRUE(apart.of.findings_of_tests({3, 3}).findings.empty());
}

/// A test whose thread outlives it and the next one's: t1 is first in the merged log, for nothing orders the two.
TEST(tests_apart, fail_by_the_order_of_requests_and_not_by_that_of_the_merge) {
    const std::string begin = "mutex A B\nmain: create t1; create t2\n";
    const std::string ab = "lock A; lock B; unlock B; unlock A\n";
    const std::string ba = "lock B; lock A; unlock A; unlock B\n";
    testing::log_builder_options options;
    options.level = format::log_level::order;
    // The same threads, so the same log but for the order of the two.
    for (const std::string& story : {"t2: test 1 first; " + ba + "t1: test 2 second; " + ab,
                                     "t1: test 1 first; " + ab + "t2: test 2 second; " + ba}) {
        analysed run{begin + story, options};
        EXPECT_TRUE(run.of.findings_of_tests({1, 1}).findings.empty()) << story;
        const findings::report_data told = run.of.findings_of_tests({2, 2});
        ASSERT_EQ(told.findings.size(), 1U) << story;
        const findings::finding& one = told.findings[0];
        EXPECT_EQ(one.edges.at(one.closing).test, "second") << story;
    }
}

TEST(tests_apart, what_comes_late_from_a_judged_test_is_told_with_the_next) {
    const std::uint64_t judged = analysed{tests({{"1 first", one_order}})}.of.position();
    analysed run{tests({{"1 first", one_order}, {"2 second", other_order}, {"3 third", one_order}})};
    const std::uint64_t end = run.of.position();
    EXPECT_TRUE(run.of.findings_of_tests({.first = 3, .last = 3}).findings.empty()) << "nothing is late";
    EXPECT_TRUE(run.of.findings_of_tests({.first = 3, .last = 3, .judged = end}).findings.empty()) << "all was seen";
    EXPECT_EQ(sides_of(run.of.findings_of_tests({.first = 3, .last = 3, .judged = judged})),
              (strings{"first", "second"}));
    EXPECT_EQ(sides_of(run.of.findings_of_tests({.judged = judged})), (strings{"first", "second"})) << "in no test";
    EXPECT_TRUE(run.of.findings_of_tests({.first = 3, .last = 3, .since = end, .judged = judged}).findings.empty());
}

}  // namespace
}  // namespace interlock::analysis
