// Logs that end in a deadlock, each with a twin that ends in something alike which is none.
#include <gtest/gtest.h>

#include <cstring>

#include "analysis/report/arrange.hpp"
#include "tests/unit/analysis/told.hpp"

namespace interlock::analysis {
namespace {

using testing::analysed;
using testing::log_builder_options;
using strings = std::vector<std::string>;

const strings nothing;
const strings deadlock{"deadlock observed error"};

constexpr const char* crossed =
    "main: create t1; create t2\n"
    "t1: lock A @f1; request B @f2\n"
    "t2: lock B @g1; request A @g2\n";

log_builder_options killed(format::log_level level = format::log_level::full) {
    log_builder_options options;
    options.ended = false;
    options.level = level;
    return options;
}

strings found_in(std::string_view text) { return analysed{text, killed()}.summary(); }

TEST(deadlocks, of_joins_alone_advise_about_joins) {
    const analysed run{"main: create t1; create t2\nt1: join_request t2\nt2: join_request t1\n", killed()};
    ASSERT_EQ(run.summary(), deadlock);
    EXPECT_EQ(run.data.findings[0].advice.find("let the thread that started them join them"), 0u);
}

TEST(deadlocks, of_two_threads_are_observed_and_told_once) {
    for (const auto level : {format::log_level::full, format::log_level::order}) {
        const analysed run{
            "main: create t1; create t2; create t3\n"
            "t1: lock A @f1; request B @f2\n"
            "t2: lock B @g1; request A @g2\n"
            "t3: lock C @h1; request A @h2\n",
            killed(level)};
        ASSERT_EQ(run.summary(), deadlock) << "the lock-order cycle is the same defect";
        const findings::finding& f = run.data.findings[0];
        ASSERT_EQ(f.edges.size(), 2u);
        EXPECT_EQ(f.edges[0].wanted, f.edges[1].held);
        EXPECT_EQ(f.edges[1].wanted, f.edges[0].held);
        EXPECT_EQ(f.threads.size(), 2u) << "t3 waits for the cycle and is not part of it";
        EXPECT_EQ(f.locks.size(), 2u);
        ASSERT_EQ(f.edges[0].wanted_stack.size(), 1u);
        ASSERT_EQ(f.edges[0].held_stack.size(), 1u);
        EXPECT_FALSE(f.why.empty());
    }
}

TEST(deadlocks, need_every_one_of_the_requests) {
    EXPECT_EQ(found_in("main: create t1; create t2\n"
                       "t1: lock A @f1; request B @f2\n"
                       "t2: lock B @g1\n"),
              nothing)
        << "t2 runs, and may release B";
}

TEST(deadlocks, of_three_threads_tell_the_three) {
    const analysed run{
        "main: create t1; create t2; create t3\n"
        "t1: lock A; request B\n"
        "t2: lock B; request C\n"
        "t3: lock C; request A\n",
        killed()};
    ASSERT_EQ(run.summary(), deadlock);
    EXPECT_EQ(run.data.findings[0].edges.size(), 3u);
}

TEST(deadlocks, leave_other_inversions_as_they_are) {
    EXPECT_EQ(found_in("main: create t1; create t2\n"
                       "t1: lock X @x1; lock Y @x2; unlock Y; unlock X\n"
                       "t2: lock Y @y1; lock X @y2; unlock X; unlock Y\n"
                       "t1: lock A @f1; request B @f2\n"
                       "t2: lock B @g1; request A @g2\n"),
              (strings{"deadlock observed error", "lock-order-cycle potential error"}));
}

TEST(deadlocks, tell_an_inversion_of_other_locks_at_the_same_sites) {
    EXPECT_EQ(found_in("main: create t1; create t2\n"
                       "t1: lock X @f1; lock Y @f2; unlock Y; unlock X\n"
                       "t2: lock Y @g1; lock X @g2; unlock X; unlock Y\n"
                       "t1: lock A @f1; request B @f2\n"
                       "t2: lock B @g1; request A @g2\n"),
              deadlock);
}

TEST(deadlocks, are_none_where_a_request_gives_up) {
    EXPECT_EQ(found_in("main: create t1; create t2\n"
                       "t1: lock A @f1; request B timed @f2\n"
                       "t2: lock B @g1; request A @g2\n"),
              strings{"lock-order-cycle escapable note"});
}

TEST(deadlocks, of_semaphores_need_semaphores_that_are_locks) {
    const std::string waits =
        "main: sem_init S 1; create t1; create t2\n"
        "t1: sem_wait S; request B\n"
        "t2: lock B; sem_request S\n";
    EXPECT_EQ(found_in(waits), strings{"lock-order-cycle potential error"}) << "main runs, and anybody may post it";
    EXPECT_EQ(found_in("main: sem_init S 2; create t1; create t2\n"
                       "t1: sem_wait S; request B\n"
                       "t2: lock B; sem_request S\n"),
              nothing)
        << "it counts, so anybody may post it";
    EXPECT_EQ(found_in("main: sem_init S 1; create t1; create t2\n"
                       "main: sem_post S\n"
                       "t1: sem_wait S; request B\n"
                       "t2: lock B; sem_request S\n"),
              nothing)
        << "somebody posts it without holding it";
}

TEST(deadlocks, of_shared_holds_need_a_request_that_conflicts) {
    EXPECT_EQ(found_in("shared_mutex R\n"
                       "main: create t1; create t2\n"
                       "t1: lock R shared; request B\n"
                       "t2: lock B; request R\n"),
              deadlock);
    EXPECT_EQ(found_in("shared_mutex R\n"
                       "main: create t1; create t2\n"
                       "t1: lock R shared; request B\n"
                       "t2: lock B; request R shared\n"),
              nothing);
}

TEST(deadlocks, behind_a_queued_writer_need_a_lock_that_queues_readers) {
    const std::string waits =
        "main: create t1; create t2; create t3\n"
        "t1: lock R shared; request B\n"
        "t3: request R\n"
        "t2: lock B; request R shared\n";
    const analysed run{"shared_mutex_writer_priority R\n" + waits, killed()};
    ASSERT_EQ(run.summary(), deadlock);
    EXPECT_EQ(run.data.findings[0].edges.size(), 2u);
    EXPECT_EQ(run.data.findings[0].threads.size(), 3u) << "the writer is stuck with them";
    EXPECT_EQ(found_in("shared_mutex R\n" + waits), nothing) << "readers pass the writer";
}

TEST(deadlocks, behind_a_queued_writer_need_a_reader_that_saw_it) {
    EXPECT_EQ(found_in("shared_mutex_writer_priority R\n"
                       "main: create t1; create t2; create t3\n"
                       "t1: lock R shared; request B\n"
                       "t2: lock B; request_free R shared\n"
                       "t3: request R\n"),
              strings{"lock-order-cycle potential error"})
        << "the writer's request may be on its way, and the reader be let in before it";
}

TEST(deadlocks, of_a_reader_that_asks_again_behind_a_queued_writer_are_its_own) {
    const std::string again =
        "main: create t1; create t2\n"
        "t1: lock R shared @f1; request R shared @f2\n";
    const std::string writer = "t2: request R @g\n";
    const analysed run{"shared_mutex_writer_priority R\n" + again + writer + "main: join_request t2 @m\n", killed()};
    ASSERT_EQ(run.summary(), strings{"self-deadlock observed error"}) << "that it could happen is the same defect";
    const findings::finding& f = run.data.findings[0];
    EXPECT_TRUE(f.stuck);
    EXPECT_EQ(f.edges.size(), 1u);
    EXPECT_EQ(f.threads.size(), 2u) << "the writer is stuck with it";
    ASSERT_EQ(f.behind.size(), 1u) << "main joins the writer";
    const findings::report_data shown = report::arranged(run.data);
    EXPECT_EQ(shown.findings[0].behind[0].wanted.name, "the end of t2");
    EXPECT_EQ(found_in("shared_mutex R\n" + again + writer), nothing) << "readers pass the writer";
    EXPECT_EQ(found_in("shared_mutex_writer_priority R\n" + again), nothing) << "nobody is queued";
}

TEST(deadlocks, of_a_join_under_a_lock_that_the_joined_thread_wants_are_observed) {
    for (const auto level : {format::log_level::full, format::log_level::order}) {
        const analysed run{
            "main: create t1; lock A @f1\n"
            "t1: request A @g\n"
            "main: join_request t1 @f2\n",
            killed(level)};
        ASSERT_EQ(run.summary(), deadlock);
        const findings::finding& f = run.data.findings[0];
        EXPECT_EQ(f.edges.size(), 2u);
        EXPECT_EQ(f.advice.substr(0, 7), "release");
    }
    EXPECT_EQ(found_in("main: create t1; lock A @f1; unlock A\n"
                       "t1: lock A @g; unlock A; lock A @g\n"
                       "main: join_request t1 @f2\n"),
              nothing);
}

/// How many frames the wanted stack of t1 has, which holds nothing, where its page tells one caller.
std::size_t frames_of_bare_request(std::uint8_t flags) {
    testing::text_log made = testing::make_log(
        "main: create t1; lock A @f1<f0\n"
        "t1: request A @g\n"
        "main: join_request t1 @f2\n",
        killed(format::log_level::order));
    analyser all;
    EXPECT_FALSE(all.adopt("told.ilk", made.image.bytes()).has_value());
    EXPECT_FALSE(all.feed().has_value());
    for (const trace::agent_present& agent : all.log(0).present()) {
        if (agent.agent != made.agent("t1")) continue;
        auto& page = *reinterpret_cast<format::state_page*>(made.image.bytes().data() + agent.offset);
        page.want = format::want_word(made.object("A"), flags, format::event_kind::request);
        page.want_callers[0] = made.addresses.find("f0")->second;
    }
    for (const findings::finding& f : all.findings_so_far().findings)
        for (const findings::edge& e : f.edges)
            if (e.thread == format::number(made.agent("t1"))) return e.wanted_stack.size();
    return 0;
}

TEST(deadlocks, tell_the_callers_of_a_request_that_has_no_dependency) {
    EXPECT_EQ(frames_of_bare_request(format::lock_flags::contended), 2u);
    EXPECT_EQ(frames_of_bare_request(0), 1u) << "the callers are left over from another want";
}

TEST(deadlocks, of_threads_that_join_each_other_are_observed) {
    EXPECT_EQ(found_in("main: create t1; create t2\nt1: join_request t2\nt2: join_request t1\n"), deadlock);
    EXPECT_EQ(found_in("main: create t1; create t2\nt1: join_request t2\nt2: lock A\n"), nothing);
}

TEST(deadlocks, of_one_thread_alone_are_told_as_self_deadlock_only) {
    EXPECT_EQ(found_in("main: create t1\nt1: lock A; request A\n"), strings{"self-deadlock observed error"});
}

TEST(deadlocks, do_not_count_holds_that_another_thread_ended) {
    const analysed run{
        "main: create t1; create t2\n"
        "t1: lock A @f1; request B @f2\n"
        "t2: lock B @g1\n"
        "main: unlock_foreign A succeeded\n"
        "t2: request A @g2\n",
        killed()};
    for (const std::string& one : run.summary()) EXPECT_NE(one.substr(0, 8), "deadlock");
}

TEST(deadlocks, are_not_told_while_the_log_may_grow) {
    const testing::text_log made = testing::make_log(crossed, killed());
    analyser all;
    ASSERT_FALSE(all.adopt("told.ilk", made.image.bytes()).has_value());
    ASSERT_FALSE(all.feed(trace::expectation::more).has_value());
    for (const findings::finding& f : all.findings_so_far().findings) EXPECT_NE(f.kind, findings::kind::deadlock);
    ASSERT_FALSE(all.feed().has_value());
    ASSERT_EQ(all.findings_so_far().findings.size(), 1u);
    EXPECT_EQ(all.findings_so_far().findings[0].kind, findings::kind::deadlock);
}

TEST(deadlocks, in_a_log_with_gaps_are_unverifiable) {
    const analysed run{
        "main: create t1; create t2\n"
        "t1: lock A @f1; request B @f2\n"
        "t2: lock B @g1; lose 3; request A @g2\n",
        killed()};
    const strings all = run.summary();
    EXPECT_NE(std::find(all.begin(), all.end(), "deadlock unverifiable warning"), all.end());
    for (const std::string& one : all) EXPECT_EQ(one.find("error"), std::string::npos) << one;
}

TEST(deadlocks, of_an_agent_whose_page_is_damaged_are_unverifiable) {
    testing::text_log made = testing::make_log(crossed, killed());
    std::uint64_t page = 0;
    {
        analyser all;
        ASSERT_FALSE(all.adopt("told.ilk", made.image.bytes()).has_value());
        ASSERT_FALSE(all.feed().has_value());
        for (const trace::agent_present& agent : all.log(0).present())
            if (agent.agent == made.agent("t1")) page = agent.offset;
    }
    ASSERT_NE(page, 0u);
    const std::uint64_t lead = 1;  // beyond the holds that are counted
    std::memcpy(made.image.bytes().data() + page + offsetof(format::state_page, held) + 9 * sizeof(format::held_entry),
                &lead, sizeof lead);
    analyser all;
    ASSERT_FALSE(all.adopt("told.ilk", made.image.bytes()).has_value());
    ASSERT_FALSE(all.feed().has_value());
    std::size_t told = 0;
    for (const findings::finding& f : all.findings_so_far().findings) {
        if (f.kind != findings::kind::deadlock) continue;
        ++told;
        EXPECT_EQ(f.verdict, findings::verdict::unverifiable);
    }
    EXPECT_EQ(told, 1u);
}

TEST(deadlocks, are_not_made_by_any_one_wrong_bit) {
    testing::text_log made = testing::make_log(
        "main: create t1; create t2; create t3; lock M\n"
        "t1: lock A; request B\n"
        "t2: lock B\n"
        "t3: lock C; request A; \n"
        "main: join_request t2\n",
        killed());
    for (std::size_t at = 0; at < made.image.words.size() * 64; ++at) {
        std::uint64_t& word = made.image.words[at / 64];
        if (word == 0) continue;
        word ^= std::uint64_t{1} << at % 64;
        analyser all;
        if (!all.adopt("told.ilk", made.image.bytes()) && !all.feed()) {
            for (const findings::finding& f : all.findings_so_far().findings)
                ASSERT_FALSE(f.kind == findings::kind::deadlock && f.severity == findings::severity::error)
                    << "bit " << at;
        }
        word ^= std::uint64_t{1} << at % 64;
    }
}

}  // namespace
}  // namespace interlock::analysis
