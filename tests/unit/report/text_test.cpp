// What the text report promises whatever the findings are.
#include "analysis/report/text.hpp"

#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>

#include "analysis/findings/mention.hpp"
#include "analysis/report/report.hpp"
#include "tests/golden/samples.hpp"

namespace interlock::report {
namespace {

std::string text(const findings::report_data& data, bool colour = false) {
    options how;
    how.colour = colour;
    return render(format::text, data, how);
}

std::size_t lines(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

TEST(text_report, tells_two_locks_in_at_most_25_lines) {
    for (const samples::sample& one : samples::reports("/src/")) {
        if (one.data.findings.size() != 1 || one.data.findings[0].locks.size() > 3) continue;
        EXPECT_LE(lines(text(one.data)), one.data.logs[0].complete ? 25U : 29U) << one.name;
    }
}

TEST(text_report, tells_of_so_many_threads_of_a_stall_and_counts_the_others) {
    findings::finding stall;
    stall.kind = findings::kind::stalled;
    stall.verdict = findings::verdict::observed;
    findings::lock awaited;
    awaited.id = 1;
    awaited.name = "ready";
    stall.locks = {awaited};
    for (std::uint64_t i = 1; i <= 11; ++i) {
        findings::thread one;
        one.id = i;
        stall.threads.push_back(one);
        stall.waits.push_back({i, 1, {}});
    }
    findings::report_data data;
    data.findings = {stall};
    const std::string out = text(data);
    EXPECT_NE(out.find("  thread 8  waits for ready"), std::string::npos) << out;
    EXPECT_EQ(out.find("  thread 9  waits for ready"), std::string::npos) << out;
    EXPECT_NE(out.find("  ... and 3 more threads; the JSON report has them all\n"), std::string::npos) << out;
}

TEST(text_report, says_against_which_declaration_an_acquisition_is) {
    findings::report_data data = samples::bank("/src/");
    findings::finding& what = data.findings[0];
    what.kind = findings::kind::lock_rank_violation;
    what.verdict = findings::verdict::observed;
    what.edges.clear();
    what.coffman.reset();
    what.occurrences = 1;
    what.why = "lock-order.toml declares a (rank 10, lock-order.toml:2) before b (rank 20, lock-order.toml:3)";
    for (const format as : {format::text, format::markdown})
        EXPECT_NE(render(as, data, {}).find("It is observed: " + what.why + ".\n"), std::string::npos)
            << render(as, data, {});
}

TEST(text_report, counts_apart_what_is_suppressed_of_it) {
    findings::report_data data = samples::bank("/src/");
    data.findings[0].occurrences = 3;
    data.findings[0].occurrences_suppressed = 2;
    EXPECT_NE(text(data).find("(seen 3 times; 2 more suppressed"), std::string::npos) << text(data);
}

TEST(text_report, sums_a_cycle_up_where_its_test_fails) {
    findings::report_data data = samples::bank("/src/");
    findings::finding& what = data.findings[0];
    ASSERT_EQ(what.edges.size(), 2U);
    what.edges[1].wanted_stack[0].line = 77;
    what.closing = 1;
    EXPECT_EQ(text(data).find("SUMMARY: interlock: lock-order-inversion /src/bank.cpp:77"), std::string::npos);
    what.edges[1].test = "bank.transfers";
    EXPECT_NE(text(data).find("SUMMARY: interlock: lock-order-inversion /src/bank.cpp:77"), std::string::npos)
        << text(data);
}

TEST(text_report, has_the_lines_that_scripts_look_for) {
    const std::string out = text(samples::bank("/src/"));
    EXPECT_TRUE(
        out.starts_with("WARNING: interlock: lock-order-inversion (potential deadlock) (pid=4711) [potential]\n"));
    EXPECT_NE(
        out.find("\nSUMMARY: interlock: lock-order-inversion /src/bank.cpp:11 in transfer(account&, account&, long)\n"),
        std::string::npos);
}

TEST(text_report, tells_beside_its_own_numbers_what_the_process_calls_them) {
    findings::report_data data;
    for (const samples::sample& one : samples::reports("/src/"))
        if (std::string_view(one.name) == "nameless") data = one.data;
    ASSERT_EQ(data.findings.size(), 1U);
    data.findings[0].threads[0].task = 4712;
    const std::string out = text(data);
    EXPECT_NE(out.find("\n  thread 1 (tid 4712): created "), std::string::npos) << out;
    EXPECT_NE(out.find("\n  mutex 1 (0x7f00000010c0): first seen "), std::string::npos) << out;
}

TEST(text_report, passes_over_a_librarys_frames_among_the_callers) {
    findings::report_data data = samples::bank("/src/");
    findings::stack& wanted = data.findings[0].edges[0].wanted_stack;
    ASSERT_GE(wanted.size(), 2U);
    findings::frame inner = wanted[1];
    inner.function = "std::__invoke_impl<void, void (*)()>(std::__invoke_other, void (*&&)())";
    inner.file = "/usr/include/c++/12/bits/invoke.h";
    const std::string before = text(data);
    wanted.insert(wanted.begin() + 1, inner);
    EXPECT_EQ(text(data), before);
}

TEST(text_report, is_without_colour_unless_asked) {
    EXPECT_EQ(text(samples::bank("")).find('\x1b'), std::string::npos);
    EXPECT_NE(text(samples::bank(""), true).find('\x1b'), std::string::npos);
}

TEST(text_report, does_not_print_what_is_suppressed_but_counts_it) {
    findings::report_data data = samples::bank("");
    data.findings[0].suppressed = true;
    EXPECT_EQ(text(data),
              "interlock: 0 errors, 0 warnings, 0 notes, 1 suppressed; 3 threads, 2 locks, 26 acquisitions, 2 "
              "dependencies\n");
}

TEST(text_report, is_the_same_however_findings_were_numbered_and_found) {
    for (samples::sample& one : samples::reports("/src/")) {
        findings::report_data other = one.data;
        std::reverse(other.findings.begin(), other.findings.end());
        for (findings::finding& each : other.findings) {
            const auto renumber = [](std::uint64_t& id) { id += 1000; };
            for (findings::lock& lock : each.locks) renumber(lock.id);
            for (findings::thread& thread : each.threads) renumber(thread.id);
            for (findings::edge& side : each.edges) {
                renumber(side.held);
                renumber(side.wanted);
                renumber(side.thread);
                for (std::uint64_t& guard : side.guards) renumber(guard);
            }
            for (findings::access& side : each.accesses) {
                renumber(side.thread);
                for (std::uint64_t& lock : side.locks_held) renumber(lock);
            }
            for (findings::stuck_wait& one_wait : each.waits) {
                renumber(one_wait.thread);
                renumber(one_wait.wanted);
            }
            for (findings::bystander& behind : each.behind) {
                renumber(behind.who.id);
                renumber(behind.wanted.id);
            }
            for (findings::wanted_hold& hold : each.holds) {
                renumber(hold.who.id);
                renumber(hold.held.id);
            }
            for (std::string* said : {&each.why, &each.message})
                for (const findings::lock& lock : each.locks)
                    for (const auto& [from, to] :
                         {std::pair(findings::mention_lock(lock.id - 1000), findings::mention_lock(lock.id))})
                        if (const std::size_t at = said->find(from); at != std::string::npos)
                            said->replace(at, from.size(), to);
            for (std::string* said : {&each.why, &each.message})
                for (const findings::thread& thread : each.threads)
                    if (const std::size_t at = said->find(findings::mention_thread(thread.id - 1000));
                        at != std::string::npos)
                        said->replace(at, findings::mention_thread(thread.id - 1000).size(),
                                      findings::mention_thread(thread.id));
        }
        EXPECT_EQ(text(one.data), text(other)) << one.name;
    }
}

TEST(text_report, puts_names_where_texts_mention_ids) {
    findings::report_data data = samples::bank("");
    data.findings[0].why =
        findings::mention_thread(9) + " keeps " + findings::mention_lock(17) + ", {lock 99} {lock} {thread x}";
    EXPECT_NE(text(data).find("alice keeps accounts[1].m, another lock {lock} {thread x}"), std::string::npos)
        << text(data);
}

TEST(text_report, tells_two_threads_of_one_name_apart) {
    findings::report_data data = samples::bank("");
    for (findings::thread& one : data.findings[0].threads) one.name = "worker";
    const std::string out = text(data);
    EXPECT_NE(out.find("worker #1  holds"), std::string::npos) << out;
    EXPECT_NE(out.find("worker #2  holds"), std::string::npos) << out;
}

TEST(text_report, shows_paths_below_the_working_directory_relative_to_it) {
    options how;
    how.working_directory = "/src";
    EXPECT_NE(render(format::text, samples::bank("/src/app/"), how).find("   app/bank.cpp:10 in transfer"),
              std::string::npos);
    EXPECT_NE(render(format::text, samples::bank("/srcs/"), how).find("   /srcs/bank.cpp:10 in transfer"),
              std::string::npos);
}

}  // namespace
}  // namespace interlock::report
