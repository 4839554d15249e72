// A finding that went through a summary is told as it was: each of its fields is in the file. The laws of summaries are unit/analysis's.
#include "analysis/report/summary_file.hpp"

#include <utility>

#include <gtest/gtest.h>

#include "analysis/report/report.hpp"
#include "tests/golden/samples.hpp"

namespace interlock::report {
namespace {

using findings::finding;
using findings::report_data;

/// What a finding of one log is after it was written and read.
finding read_back(finding what) {
    findings::run_summary all;
    all.runs.emplace_back().id = "run";
    findings::set_run(what, 0);
    findings::finding_seen& seen = all.findings[findings::key_of(what)];
    seen.occurred[0] = what.occurrences;
    seen.what = std::move(what);
    std::string file;
    write_summary(all, "0.0.0", [&](std::string_view line) { file += line; });
    findings::run_summary back;
    EXPECT_EQ(read_summary("file", file, back), std::nullopt) << file;
    finding made = back.findings.empty() ? finding{} : back.findings.begin()->second.what;
    made.occurrences = seen.occurred[0];
    return made;
}

std::string told(const finding& what, format as) {
    report_data one;
    one.logs.emplace_back().path = "log";
    one.findings = {what};
    return render(as, one, {});
}

/// Those of every sample, as a summary takes them: what is suppressed or known is not kept.
std::vector<finding> all_findings() {
    std::vector<finding> all;
    for (const samples::sample& each : samples::reports("/src/"))
        for (finding one : each.data.findings) {
            one.suppressed = one.suppressed_in_source = one.known = false;
            one.suppressed_by.clear();
            findings::set_run(one, 0);
            all.push_back(std::move(one));
        }
    return all;
}

TEST(summary_file, keeps_what_reports_tell_of_every_sample) {
    for (const finding& one : all_findings())
        for (const format as : {format::text, format::json})
            EXPECT_EQ(told(read_back(one), as), told(one, as)) << one.id;
}

TEST(summary_file, keeps_what_no_sample_has) {
    finding what = samples::bank("/src/").findings.front();
    what.wrapper = {{"monitor::enter()", "/src/monitor.cpp", 5, "/bin/app", 16, false}};
    what.threads.front().task = 4712;
    what.edges.front().in_handler = what.edges.front().refused = true;
    what.edges.front().test = "bank.transfers";
    what.edges.back().thread_test = "bank.before";
    what.closing = 1;
    const finding back = read_back(what);
    EXPECT_EQ(told(back, format::json), told(what, format::json));
    EXPECT_EQ(told(back, format::text), told(what, format::text));
    EXPECT_EQ(back.threads.front().task, 4712U);
    EXPECT_TRUE(back.is_of_handler()) << "suppressions ask for it";
    EXPECT_TRUE(back.edges.front().refused);
    finding misuse;
    misuse.id = "1";
    misuse.kind = findings::kind::unlock_not_owner;
    misuse.threads = what.threads;
    misuse.holder = what.threads.back().id;
    misuse.held_stack = what.wrapper;
    EXPECT_EQ(told(read_back(misuse), format::json), told(misuse, format::json));
}

}  // namespace
}  // namespace interlock::report
