// The analyser at work inside the process that it analyses: on the threads of the tests, one at a time, unrecorded.
#include <interlock/detail/test_log.hpp>

#include <unistd.h>

#include <algorithm>
#include <bit>
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
#include "analysis/findings/declared_order.hpp"
#include "analysis/findings/text_file.hpp"
#include "analysis/order_check.hpp"
#include "analysis/stack_room.hpp"
#include "analysis/wording.hpp"
#include "primitives/gtest/child_logs.hpp"
#include "primitives/gtest/lock_questions.hpp"
#include "primitives/gtest/telling.hpp"
#include "primitives/gtest/unrecorded.hpp"

namespace interlock::test_detail {

using findings::finding;

namespace {

/// What is told where it happened: cycles and what else the order of locks is.
bool is_order(const finding& one) noexcept {
    return one.kind == findings::kind::lock_order_cycle || one.kind == findings::kind::lock_rank_violation ||
           one.kind == findings::kind::deadlock;
}

/// A finding that is no cycle, kept for the test's end, and the statement that was about to begin when it was found.
struct put_off_finding {
    std::uint32_t before = 0;
    finding what;
};

/// What is missing from a log that had lost so many events before; empty: nothing more.
std::string what_is_missing(const trace::live_words& now, std::uint64_t lost_before) {
    const bool ended = (now.status & format::process_status::stopped) != 0;
    if (!ended && now.lost_events == lost_before) return {};
    trace::loss what;
    what.kind = trace::loss_kind::events_lost;
    if (now.loss_reasons != 0) what.reason = static_cast<format::loss_reason>(std::countr_zero(now.loss_reasons));
    if (!ended) what.count = now.lost_events - lost_before;
    return (ended ? "recording has ended, " : "") + analysis::sentence_of(what);
}

}  // namespace

struct test_log::state {
    class visit;

    void open();
    void give_up(std::string why);
    void read_order(const std::string& path);
    template <typename Work>
    void work(Work what);
    bool read();
    findings::report_data news(analysis::mark_range marks);
    void put_off(findings::report_data data, std::uint32_t before);
    void take_put_off(findings::report_data& into);
    const gtest::allowance& allowed() const { return test.empty() ? allowed_in_suite : allowed_in_test; }
    std::vector<test_finding> tell_of_no_test();
    void tell_of_children(std::vector<test_finding>& into);
    void tell_unchecked(std::vector<test_finding>& into);
    void end_test(std::vector<test_finding>& into);

    gtest::unrecorded_mutex mutex;  // guards all of it
    bool recorded = false;
    std::string unchecked;   // why no test is checked; empty: they are
    pid_t pid = ::getpid();  // a forked child is another process, with a log of its own
    interlock_recording recording{};
    std::string log_path;
    bool fail_unchecked = false;
    gtest::telling telling;
    std::optional<findings::declared_order> order;
    std::unique_ptr<analysis::analyser> all;
    std::unique_ptr<gtest::child_logs> children;
    std::uint64_t events = 0;  // read so far

    std::string test;  // that runs
    analysis::mark_range marks;
    std::uint64_t rounds = 0;
    std::string suite;  // around it
    gtest::allowance allowed_in_test, allowed_in_suite;
    std::set<std::string> told;                     // ids, in this test
    std::uint64_t outside_since = 0;                // position, of the last look at what was of no test
    std::map<std::string, std::uint64_t> occurred;  // occurrences of what is no cycle
    std::vector<put_off_finding> until_end;         // of this test
    std::uint64_t lost = 0;                         // events, up to the end of the last test
    bool missing_told = false;
};

/// A call from a test or from the listener, one at a time.
class test_log::state::visit {
public:
    /// Another process, a forked child, has nothing to do here: nobody may be there any more who would give the mutex back.
    explicit visit(state& of) : state_{::getpid() == of.pid ? &of : nullptr} {
        if (state_ != nullptr) state_->mutex.lock();
    }
    ~visit() {
        if (state_ != nullptr) state_->mutex.unlock();
    }
    visit(const visit&) = delete;
    visit& operator=(const visit&) = delete;

    bool is_own_process() const noexcept { return state_ != nullptr; }
    /// There is a log to be asked.
    explicit operator bool() const noexcept {
        return state_ != nullptr && state_->recorded && state_->unchecked.empty();
    }

private:
    state* state_;
};

void test_log::state::give_up(std::string why) {
    unchecked = std::move(why);
    std::fprintf(stderr, "interlock: %s: tests are not checked%s\n", unchecked.c_str(), all ? " any more" : "");
}

/// Nothing of `what` is recorded, and no exception leaves it: a log that cannot be analysed is told once. The test may have a small stack.
template <typename Work>
void test_log::state::work(Work what) {
    const std::exception_ptr failed = gtest::do_unrecorded([&] { analysis::with_stack_room(what); });
    if (!failed || !unchecked.empty()) return;
    try {
        std::rethrow_exception(failed);
    } catch (const std::exception& why) {
        give_up(why.what());
    }
}

void test_log::state::open() {
    recorded = interlock_v1_recording(&recording);
    if (!recorded) {
        give_up("nothing is recorded in this process");
        return;
    }
    interlock_v1_take_over_reports();
    work([&] {
        auto made = std::make_unique<analysis::analyser>();
        log_path = std::filesystem::absolute(recording.log_path).string();  // tests may change the folder
        if (const auto problem = made->add_log(log_path)) {
            give_up(log_path + ": " + problem->reason);
            return;
        }
        all = std::move(made);
        all->tell_tests_apart();
        children = std::make_unique<gtest::child_logs>(log_path, static_cast<std::uint32_t>(::getpid()));
        telling.set_options(recording);
        if (*recording.lock_order != '\0') read_order(recording.lock_order);
    });
}

void test_log::state::read_order(const std::string& path) {
    std::string text;
    auto wrong = findings::read_file(path, text);
    if (!wrong) wrong = order.emplace().read(path, text);
    if (wrong) order.reset();
    if (wrong) std::fprintf(stderr, "interlock: %s\n", wrong->c_str());
}

/// True: there was something new.
bool test_log::state::read() {
    if (const auto problem = all->feed(trace::expectation::more)) {
        give_up(problem->path + ": " + problem->reason);
        return false;
    }
    const std::uint64_t before = std::exchange(events, all->log(0).counted().events);
    return events != before;
}

/// What came to be under these marks, and, of what is no cycle, whatever is new.
findings::report_data test_log::state::news(analysis::mark_range which) {
    findings::report_data data = all->findings_of_tests(which);
    if (order) {
        std::vector<finding> violations = analysis::order_violations(all->graph_so_far(), *order);
        std::move(violations.begin(), violations.end(), std::back_inserter(data.findings));
    }
    std::erase_if(data.findings, [&](const finding& one) {
        if (one.kind == findings::kind::lock_order_cycle) return false;
        std::uint64_t& before = occurred[one.id];
        return std::exchange(before, one.occurrences) >= one.occurrences;
    });
    return data;
}

/// Cycles are found again.
void test_log::state::put_off(findings::report_data data, std::uint32_t before) {
    for (finding& one : data.findings)
        if (one.kind != findings::kind::lock_order_cycle) until_end.push_back({before, std::move(one)});
}

void test_log::state::take_put_off(findings::report_data& into) {
    for (put_off_finding& one : until_end) into.findings.push_back(std::move(one.what));
    until_end.clear();
}

/// What was done between tests since the last look: it stands for itself.
std::vector<test_finding> test_log::state::tell_of_no_test() {
    std::vector<test_finding> made;
    work([&] {
        read();
        findings::report_data data = news({0, 0, outside_since, marks.round, marks.first_round, marks.judged});
        take_put_off(data);
        outside_since = marks.judged = all->position();
        std::set<std::string> here;
        made = telling.tell(std::move(data), {}, here, allowed_in_suite);
    });
    return made;
}

void test_log::state::tell_of_children(std::vector<test_finding>& into) {
    for (findings::report_data& data : children->news()) {
        for (test_finding& found : telling.tell(std::move(data), test, told, allowed_in_test)) {
            found.text.insert(0, "in a process that the test started:\n");
            into.push_back(std::move(found));
        }
    }
}

/// What of the test that ends is not in the log. Told once, unless it is a failure.
void test_log::state::tell_unchecked(std::vector<test_finding>& into) {
    std::string why = unchecked;
    if (why.empty()) {
        const trace::live_words now = all->log(0).file().live();
        why = what_is_missing(now, std::exchange(lost, now.lost_events));
    }
    // give_up() has told of it.
    if (why.empty() || (!fail_unchecked && (!unchecked.empty() || std::exchange(missing_told, true)))) return;
    into.push_back({{}, -1, "interlock: what this test does is not, or not all, checked: " + why, fail_unchecked});
}

void test_log::state::end_test(std::vector<test_finding>& into) {
    interlock_v1_mark_test(nullptr, false);
    work([&] {
        if (read() || !until_end.empty()) {
            findings::report_data data = news(marks);
            take_put_off(data);
            into = telling.tell(std::move(data), test, told, allowed_in_test);
        }
        marks.judged = all->position();
        tell_of_children(into);
    });
    test.clear();
    told.clear();
    allowed_in_test = {};
}

test_log::test_log(const std::string& fail_on, bool report_only, bool fail_unchecked) : state_{new state} {
    state_->open();
    state_->fail_unchecked = (fail_unchecked || state_->recording.fail_unchecked) && !report_only;
    if (state_->recorded) state_->telling.set_policy(fail_on, state_->recording, report_only);
}

test_log::~test_log() { delete state_; }

void test_log::begin_round() {
    state& s = *state_;
    const state::visit here(s);
    if (!here) return;
    s.work([&] {
        s.read();
        s.marks.round = s.all->position();
    });
    if (s.rounds++ == 0) s.marks.first_round = s.marks.round;
}

void test_log::begin_suite(const std::string& name) {
    const state::visit here(*state_);
    state_->suite = name;
}

void test_log::end_suite() {
    const state::visit here(*state_);
    state_->suite.clear();
    state_->allowed_in_suite = {};
}

std::vector<test_finding> test_log::begin(const std::string& name) {
    state& s = *state_;
    std::vector<test_finding> made;
    const state::visit here(s);
    if (!here) return made;
    made = s.tell_of_no_test();
    s.test = name;
    s.told.clear();
    s.allowed_in_test = s.allowed_in_suite;
    if (!s.allowed_in_test.reason.empty()) s.telling.allow_all_of(name);
    s.marks.since = s.outside_since;
    s.marks.first = s.marks.last = interlock_v1_mark_test(name.c_str(), false);
    return made;
}

std::vector<test_finding> test_log::end() {
    std::vector<test_finding> made;
    const state::visit here(*state_);
    if (here) state_->end_test(made);
    if (here.is_own_process()) state_->tell_unchecked(made);
    return made;
}

std::vector<test_finding> test_log::outside() {
    const state::visit here(*state_);
    return here ? state_->tell_of_no_test() : std::vector<test_finding>{};
}

std::uint32_t test_log::begin_statement() {
    state& s = *state_;
    const state::visit here(s);
    if (!here) return 0;
    const std::uint32_t which = interlock_v1_mark_test(s.test.c_str(), true);
    s.work([&] {
        if (s.read()) s.put_off(s.news(s.marks), which);
    });
    return s.marks.last = which;
}

std::vector<test_finding> test_log::end_statement(std::uint32_t which) {
    state& s = *state_;
    std::vector<test_finding> made;
    const state::visit here(s);
    if (!here) return made;
    analysis::mark_range stretch = s.marks;
    stretch.first = which;
    stretch.judged = analysis::mark_range{}.judged;  // what the test did before the statement is none of it
    // In no test: what follows is of none again.
    s.marks.last = interlock_v1_mark_test(s.test.empty() ? nullptr : s.test.c_str(), true);
    s.work([&] {
        s.read();
        findings::report_data data = s.news(stretch);
        // What a statement inside of this one found before it began is of this one.
        const auto inside = std::stable_partition(s.until_end.begin(), s.until_end.end(), [&](const auto& one) {
            return one.before <= which || !is_order(one.what);
        });
        for (auto it = inside; it != s.until_end.end(); ++it) data.findings.push_back(std::move(it->what));
        s.until_end.erase(inside, s.until_end.end());
        const auto others = std::stable_partition(data.findings.begin(), data.findings.end(), is_order);
        for (auto it = others; it != data.findings.end(); ++it) s.until_end.push_back({which, std::move(*it)});
        data.findings.erase(others, data.findings.end());
        made = s.telling.tell(std::move(data), s.test, s.told, s.allowed());
    });
    return made;
}

void test_log::allow(const std::string& reason) {
    state& s = *state_;
    const state::visit here(s);
    const std::string why = reason.empty() ? "no reason given" : reason;
    if (!s.test.empty()) {
        s.allowed_in_test = {"test " + s.test, why};
        s.telling.allow_all_of(s.test);
    } else if (!s.suite.empty()) {
        s.allowed_in_suite = {"test suite " + s.suite, why};
    } else if (here) {
        std::fprintf(stderr, "interlock: allow_findings(\"%s\") is called in no test and no test suite; refused\n",
                     reason.c_str());
    }
}

std::string test_log::held() {
    state& s = *state_;
    std::string made;
    const state::visit here(s);
    if (!here) return made;
    const std::uint32_t agent = interlock_v1_this_agent();
    s.work([&] {
        s.read();
        made = gtest::held_by(*s.all, agent, s.telling.looks());
    });
    return made;
}

std::string test_log::order_problem(const void* first, std::size_t first_size, const char* first_text,
                                    const void* second, std::size_t second_size, const char* second_text) {
    state& s = *state_;
    std::string made;
    const state::visit here(s);
    if (!here) return made;
    s.work([&] {
        s.read();
        made = gtest::order_problem(*s.all, {reinterpret_cast<std::uint64_t>(first), first_size, first_text},
                                    {reinterpret_cast<std::uint64_t>(second), second_size, second_text},
                                    s.telling.looks());
    });
    return made;
}

std::string test_log::finish(bool all_tests_ran) {
    state& s = *state_;
    const state::visit here(s);
    if (!s.recorded || !here.is_own_process()) return {};
    const bool all_seen = all_tests_ran && s.unchecked.empty();
    std::string made = s.telling.rest(all_seen);
    if (s.order && all_seen)
        s.work([&] {
            const std::string unmet = analysis::unmet_names(s.all->graph_so_far(), *s.order);
            if (!unmet.empty()) made += "interlock: " + unmet + "\n";
        });
    const std::string missing = s.all ? what_is_missing(s.all->log(0).file().live(), 0) : std::string{};
    if (!missing.empty()) made += "interlock: findings may be missing: " + missing + "\n";
    if (!made.empty() || s.telling.told() > 0 || !s.unchecked.empty()) {
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
