// Baselines as text, and what is new beside one.
#include "analysis/findings/baseline.hpp"

#include <gtest/gtest.h>

namespace interlock::findings {
namespace {

finding cycle(std::string id, std::uint32_t line) {
    finding what;
    what.id = std::move(id);
    lock one;
    one.id = 1;
    one.name = "accounts[3].m";
    lock two = one;
    two.id = 2;
    two.name = "journal";
    what.locks = {one, two};
    edge there;
    there.held = 1;
    there.wanted = 2;
    there.held_stack = there.wanted_stack = {{"transfer(int)", "bank.cpp", line, "/bin/bank", line * 4, false}};
    edge back = there;
    back.held = 2;
    back.wanted = 1;
    what.edges = {back, there};
    return what;
}

baseline one_finding(std::uint32_t line = 3) {
    report_data data;
    data.findings = {cycle("0123456789abcdef", line)};
    run_summary graph;
    kind_edge key;
    key.held.word = "accounts[].m";
    key.wanted.word = "journal";
    key.held_function = key.wanted_function = "transfer";
    graph.edges[key] = {};
    return baseline_of(data, graph);
}

TEST(baseline, is_text_without_lines_and_elements) {
    EXPECT_EQ(
        text_of(one_finding()),
        "# interlock baseline 1\n"
        "# Findings that are known, and the lock-order graph they were found in: --baseline fails on others only.\n"
        "finding 0123456789abcdef lock-order-cycle potential accounts[].m in transfer => journal in transfer, "
        "journal in transfer => accounts[].m in transfer\n"
        "edge accounts[].m in transfer => journal in transfer\n");
    EXPECT_EQ(text_of(one_finding(3)), text_of(one_finding(300)));
}

TEST(baseline, names_both_locks_of_a_rank_violation) {
    report_data data;
    data.findings = {cycle("0123456789abcdef", 3)};
    finding& what = data.findings[0];
    what.kind = kind::lock_rank_violation;
    what.verdict = verdict::observed;
    what.stack = what.edges[0].wanted_stack;
    what.edges.clear();
    EXPECT_NE(text_of(baseline_of(data, {}))
                  .find("lock-rank-violation observed accounts[].m in transfer while holding journal\n"),
              std::string::npos)
        << text_of(baseline_of(data, {}));
}

TEST(baseline, reads_back_what_it_wrote) {
    baseline back;
    ASSERT_EQ(read_baseline("b", text_of(one_finding()), back), std::nullopt);
    EXPECT_EQ(text_of(back), text_of(one_finding()));
    baseline bare;
    bare.findings = one_finding().findings;
    baseline again;
    ASSERT_EQ(read_baseline("b", text_of(bare), again), std::nullopt);
    EXPECT_FALSE(again.has_edges);
}

TEST(baseline, leaves_out_what_is_suppressed) {
    report_data data;
    data.findings = {cycle("0123456789abcdef", 3)};
    data.findings[0].suppressed = true;
    EXPECT_TRUE(baseline_of(data, {}).findings.empty());
}

TEST(baseline, marks_what_it_knows_and_nothing_else) {
    report_data data;
    data.findings = {cycle("0123456789abcdef", 9), cycle("0123456789abcdee", 9)};
    mark_known(one_finding(), data);
    EXPECT_TRUE(data.findings[0].known);
    EXPECT_FALSE(data.findings[1].known);
}

TEST(baseline, tells_what_is_new_gone_and_still_there) {
    baseline before = one_finding();
    baseline now = one_finding();
    before.findings["00000000000000aa"] = {kind::deadlock, verdict::observed, "gone"};
    now.findings["00000000000000bb"] = {kind::deadlock, verdict::observed, "new"};
    now.findings["0123456789abcdef"].verdict = verdict::guarded;
    before.edges.insert("x => y");
    now.edges.insert("y => x");
    const difference found = compare(before, now);
    ASSERT_EQ(found.fresh.size(), 1U);
    EXPECT_EQ(found.fresh.begin()->second.text, "new");
    ASSERT_EQ(found.gone.size(), 1U);
    EXPECT_EQ(found.gone.begin()->second.text, "gone");
    ASSERT_EQ(found.still.size(), 1U);
    EXPECT_EQ(found.verdict_before.at("0123456789abcdef"), verdict::potential);
    EXPECT_EQ(found.fresh_edges, std::set<std::string>{"y => x"});
    EXPECT_EQ(found.gone_edges, std::set<std::string>{"x => y"});
    now.has_edges = false;
    EXPECT_FALSE(compare(before, now).has_edges);
    EXPECT_TRUE(compare(before, now).gone_edges.empty());
}

}  // namespace
}  // namespace interlock::findings
