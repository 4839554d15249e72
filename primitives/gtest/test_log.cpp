// The analyser at work inside the process that it analyses: on the thread that runs the tests, between them, unrecorded.
#include <interlock/detail/test_log.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include <interlock/recorder.hpp>

#include "analysis/analyser.hpp"
#include "analysis/findings/known_findings.hpp"
#include "analysis/findings/names.hpp"
#include "analysis/report/naming.hpp"
#include "analysis/report/quote.hpp"
#include "analysis/report/report.hpp"
#include "primitives/gtest/child_logs.hpp"
#include "primitives/gtest/lock_questions.hpp"

namespace interlock::test_detail {

using findings::finding;

namespace {

/// What is told where it happened: cycles and what else the order of locks is.
bool is_order(const finding& one) noexcept {
    return one.kind == findings::kind::lock_order_cycle || one.kind == findings::kind::lock_rank_violation ||
           one.kind == findings::kind::deadlock;
}

/// The user's line of the request that closed the cycle, or of what else happened.
const findings::frame* place_of(const finding& one) {
    const findings::stack& frames = !one.edges.empty()      ? one.edges[one.closing].wanted_stack
                                    : !one.accesses.empty() ? one.accesses.front().stack
                                                            : one.stack;
    const auto known =
        std::find_if(frames.begin(), frames.end(), [](const auto& frame) { return !frame.file.empty(); });
    return known == frames.end() ? nullptr : &*known;
}

/// A line of what is wrong; the tests are checked all the same.
void say(const std::optional<std::string>& wrong) {
    if (wrong) std::fprintf(stderr, "interlock: %s\n", wrong->c_str());
}

/// Why findings fail nothing, and who says so.
struct allowance {
    std::string whose;
    std::string reason;  // empty: they fail
};

}  // namespace

struct test_log::state {
    void open();
    template <typename Work>
    void work(Work what);
    bool read();
    findings::report_data news(analysis::mark_range marks);
    void put_off(findings::report_data data, std::vector<finding>& until) const;
    bool is_told(finding& one, std::set<std::string>& told);
    std::vector<test_finding> tell(findings::report_data data, std::set<std::string>& told, const allowance& by);
    std::vector<test_finding> tell_of_no_test();
    void tell_of_children(std::vector<test_finding>& into);
    bool is_here() const { return recorded && !unreadable && ::getpid() == pid; }

    bool recorded = false;
    bool unreadable = false;
    pid_t pid = ::getpid();  // a forked child is another process, with a log of its own
    interlock_recording recording{};
    std::string log_path;
    report::options looks;
    findings::severity fail_on = findings::severity::warning;
    bool fails = true;
    report::source_lines sources;
    findings::known_findings known{
        [this](const std::string& file, std::uint32_t line) { return sources.line(file, line); }};
    std::unique_ptr<analysis::analyser> all;
    std::unique_ptr<gtest::child_logs> children;
    std::uint64_t events = 0;  // read so far

    std::string test;  // that runs
    analysis::mark_range marks;
    std::string suite;  // around it
    allowance allowed_in_test, allowed_in_suite;
    std::set<std::string> allowing;                 // tests, ever
    std::set<std::string> told;                     // ids, in this test
    std::uint64_t outside_since = 0;                // position, of the last look at what was of no test
    std::map<std::string, std::uint64_t> occurred;  // occurrences of what is no cycle
    std::vector<finding> until_end;                 // of this test, put off by a statement

    std::size_t below = 0;  // least severity
    std::size_t left = 0;   // allowed
    std::size_t suppressed = 0;
    std::size_t in_baseline = 0;
    std::size_t told_count = 0;
};

/// Nothing of `what` is recorded, and no exception leaves it: a log that cannot be analysed is told once and fails no test.
template <typename Work>
void test_log::state::work(Work what) {
    struct call {
        Work& what;
        std::exception_ptr failed;
    } made{what, nullptr};
    interlock_v1_unrecorded(
        [](void* data) {
            auto& call_of = *static_cast<call*>(data);
            try {
                call_of.what();
            } catch (...) {
                call_of.failed = std::current_exception();
            }
        },
        &made);
    if (!made.failed || unreadable) return;
    unreadable = true;
    try {
        std::rethrow_exception(made.failed);
    } catch (const std::exception& why) {
        std::fprintf(stderr, "interlock: tests are not checked any more: %s\n", why.what());
    }
}

void test_log::state::open() {
    recorded = interlock_v1_recording(&recording);
    if (!recorded) {
        std::fprintf(stderr, "interlock: nothing is recorded in this process: its tests are not checked\n");
        return;
    }
    interlock_v1_take_over_reports();
    work([&] {
        all = std::make_unique<analysis::analyser>();
        log_path = std::filesystem::absolute(recording.log_path).string();  // tests may change the folder
        if (const auto problem = all->add_log(log_path)) {
            std::fprintf(stderr, "interlock: %s: %s: its tests are not checked\n", log_path.c_str(),
                         problem->reason.c_str());
            recorded = false;
            return;
        }
        all->tell_tests_apart();
        children = std::make_unique<gtest::child_logs>(log_path, static_cast<std::uint32_t>(::getpid()));
        looks.strip_path_prefix = recording.strip_path_prefix;
        std::error_code failed;
        looks.working_directory = std::filesystem::current_path(failed).string();
        if (*recording.suppressions != '\0') say(known.add_suppressions(recording.suppressions));
        if (*recording.baseline != '\0') say(known.set_baseline(recording.baseline));
    });
}

/// True: there was something new.
bool test_log::state::read() {
    if (const auto problem = all->feed(trace::expectation::more)) {
        unreadable = true;
        std::fprintf(stderr, "interlock: %s: %s: tests are not checked any more\n", problem->path.c_str(),
                     problem->reason.c_str());
        return false;
    }
    const std::uint64_t before = std::exchange(events, all->log(0).counted().events);
    return events != before;
}

/// What came to be under these marks, and, of what is no cycle, whatever is new.
findings::report_data test_log::state::news(analysis::mark_range which) {
    findings::report_data data = all->findings_of_tests(which);
    std::erase_if(data.findings, [&](const finding& one) {
        if (one.kind == findings::kind::lock_order_cycle) return false;
        std::uint64_t& before = occurred[one.id];
        return std::exchange(before, one.occurrences) >= one.occurrences;
    });
    return data;
}

/// Cycles are found again.
void test_log::state::put_off(findings::report_data data, std::vector<finding>& until) const {
    for (finding& one : data.findings)
        if (one.kind != findings::kind::lock_order_cycle) until.push_back(std::move(one));
}

/// Whether nothing is to be said of it: it was, or somebody wants it so. Counts it.
bool test_log::state::is_told(finding& one, std::set<std::string>& already) {
    if (!one.is_told()) {
        ++(one.suppressed ? suppressed : in_baseline);
        return true;
    }
    const bool of_allowing = std::any_of(one.edges.begin(), one.edges.end(), [&](const findings::edge& side) {
        // Names of tests: what is of no test was allowed by none.
        return side.test != test && (allowing.contains(side.test) || allowing.contains(side.thread_test));
    });
    left += of_allowing;
    return of_allowing || !already.insert(one.id).second;
}

std::vector<test_finding> test_log::state::tell(findings::report_data data, std::set<std::string>& already,
                                                const allowance& by) {
    known.mark(data);
    std::vector<test_finding> made;
    std::vector<finding> each = std::move(data.findings);
    for (finding& one : each) {
        if (is_told(one, already)) continue;
        const bool counts = fails && one.severity >= fail_on;
        if (!counts && fails) {
            ++below;
            continue;
        }
        test_finding found;
        found.fails = counts && by.reason.empty();
        if (const findings::frame* place = place_of(one)) {
            found.file = report::shown_path(place->file, looks);
            found.line = static_cast<int>(place->line);
        }
        if (!by.reason.empty()) {
            ++left;
            found.text = "interlock: allowed in " + by.whose + ": " + by.reason + "\n";
        }
        data.findings.clear();
        data.findings.push_back(std::move(one));
        found.text += report::render_findings(data, looks);
        while (found.text.ends_with('\n')) found.text.pop_back();
        ++told_count;
        made.push_back(std::move(found));
    }
    return made;
}

/// What was done between tests since the last look: it stands for itself.
std::vector<test_finding> test_log::state::tell_of_no_test() {
    std::vector<test_finding> made;
    work([&] {
        read();
        findings::report_data data = news({0, 0, outside_since});
        outside_since = all->position();
        std::set<std::string> here;
        made = tell(std::move(data), here, allowed_in_suite);
    });
    return made;
}

void test_log::state::tell_of_children(std::vector<test_finding>& into) {
    for (findings::report_data& data : children->news()) {
        for (test_finding& found : tell(std::move(data), told, allowed_in_test)) {
            found.text.insert(0, "in a process that the test started:\n");
            into.push_back(std::move(found));
        }
    }
}

test_log::test_log(const std::string& fail_on, bool report_only) : state_{new state} {
    state_->open();
    if (!state_->recorded) return;
    std::string least = fail_on;
    if (!least.empty() && least != "never" && !findings::severity_named(least)) {
        std::fprintf(stderr,
                     "interlock: watch_tests: fail_on: '%s' is none of error, warning, note and never; refused\n",
                     least.c_str());
        least.clear();
    }
    if (least.empty()) least = state_->recording.fail_on;
    state_->fails = !report_only && least != "never";
    if (const auto named = findings::severity_named(least)) state_->fail_on = *named;
}

test_log::~test_log() { delete state_; }

void test_log::begin_suite(const std::string& name) { state_->suite = name; }

void test_log::end_suite() {
    state_->suite.clear();
    state_->allowed_in_suite = {};
}

std::vector<test_finding> test_log::begin(const std::string& name) {
    state& s = *state_;
    std::vector<test_finding> made;
    if (!s.is_here()) return made;
    made = s.tell_of_no_test();
    s.test = name;
    s.told.clear();
    s.allowed_in_test = s.allowed_in_suite;
    if (!s.allowed_in_test.reason.empty()) s.allowing.insert(name);
    s.marks.since = s.outside_since;
    s.marks.first = s.marks.last = interlock_v1_mark_test(name.c_str(), false);
    return made;
}

std::vector<test_finding> test_log::end() {
    state& s = *state_;
    std::vector<test_finding> made;
    if (!s.is_here()) return made;
    interlock_v1_mark_test(nullptr, false);
    s.work([&] {
        if (s.read() || !s.until_end.empty()) {
            findings::report_data data = s.news(s.marks);
            std::move(s.until_end.begin(), s.until_end.end(), std::back_inserter(data.findings));
            s.until_end.clear();
            made = s.tell(std::move(data), s.told, s.allowed_in_test);
        }
        s.tell_of_children(made);
    });
    s.test.clear();
    s.allowed_in_test = {};
    return made;
}

std::vector<test_finding> test_log::outside() {
    state& s = *state_;
    return s.is_here() ? s.tell_of_no_test() : std::vector<test_finding>{};
}

std::uint32_t test_log::begin_statement() {
    state& s = *state_;
    if (!s.is_here()) return 0;
    s.work([&] {
        if (s.read()) s.put_off(s.news(s.marks), s.until_end);
    });
    return s.marks.last = interlock_v1_mark_test(s.test.c_str(), true);
}

std::vector<test_finding> test_log::end_statement(std::uint32_t which) {
    state& s = *state_;
    std::vector<test_finding> made;
    if (!s.is_here()) return made;
    const analysis::mark_range stretch{which, s.marks.last, s.marks.since};
    s.marks.last = interlock_v1_mark_test(s.test.c_str(), true);
    s.work([&] {
        if (!s.read()) return;
        findings::report_data data = s.news(stretch);
        const auto others = std::stable_partition(data.findings.begin(), data.findings.end(), is_order);
        std::move(others, data.findings.end(), std::back_inserter(s.until_end));
        data.findings.erase(others, data.findings.end());
        made = s.tell(std::move(data), s.told, s.allowed_in_test);
    });
    return made;
}

void test_log::allow(const std::string& reason) {
    state& s = *state_;
    const std::string why = reason.empty() ? "no reason given" : reason;
    if (!s.test.empty()) {
        s.allowed_in_test = {"test " + s.test, why};
        s.allowing.insert(s.test);
    } else if (!s.suite.empty()) {
        s.allowed_in_suite = {"test suite " + s.suite, why};
    } else if (s.is_here()) {
        std::fprintf(stderr, "interlock: allow_findings(\"%s\") is called in no test and no test suite; refused\n",
                     reason.c_str());
    }
}

std::string test_log::held() {
    state& s = *state_;
    std::string made;
    if (!s.is_here()) return made;
    const std::uint32_t agent = interlock_v1_this_agent();
    s.work([&] {
        s.read();
        made = gtest::held_by(*s.all, agent, s.looks);
    });
    return made;
}

std::string test_log::order_problem(const void* first, std::size_t first_size, const char* first_text,
                                    const void* second, std::size_t second_size, const char* second_text) {
    state& s = *state_;
    std::string made;
    if (!s.is_here()) return made;
    s.work([&] {
        s.read();
        made = gtest::order_problem(*s.all, {reinterpret_cast<std::uint64_t>(first), first_size, first_text},
                                    {reinterpret_cast<std::uint64_t>(second), second_size, second_text}, s.looks);
    });
    return made;
}

std::string test_log::finish(bool all_tests_ran) {
    state& s = *state_;
    if (!s.recorded || ::getpid() != s.pid) return {};
    std::string made;
    const auto line = [&](std::size_t count, const char* what) {
        if (count > 0) made += "interlock: " + std::to_string(count) + what + "\n";
    };
    line(s.below, " found below the least severity that fails a test (fail_on)");
    line(s.left, " left to tests that allow their findings");
    line(s.suppressed, " suppressed");
    line(s.in_baseline, " in the baseline");
    std::vector<std::string> problems = s.known.problems();
    if (all_tests_ran && !s.unreadable)
        for (std::string& one : s.known.unused()) problems.push_back(std::move(one));
    for (const std::string& problem : problems) made += "interlock: " + problem + "\n";
    if (!made.empty() || s.told_count > 0 || s.unreadable) {
        made += "interlock: the log of these tests: " + s.log_path + "\n";
    } else if (!s.recording.log_path_chosen) {
        std::vector<std::string> logs = s.children->paths();
        logs.push_back(s.log_path);
        std::error_code failed;
        for (const std::string& path : logs) std::filesystem::remove(path, failed);
    }
    return made;
}

}  // namespace interlock::test_detail
