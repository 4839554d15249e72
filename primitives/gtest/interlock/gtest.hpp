// Fails the GoogleTest tests that make a lock-order inversion, a rank violation, misuse of a lock or a data race. One line in main():
//
//      int main(int count, char** arguments) {
//          testing::InitGoogleTest(&count, arguments);
//          interlock::watch_tests();
//          return RUN_ALL_TESTS();
//      }
//
// or link interlock-gtest-main, whose main() this is. The program links libinterlock (pkg-config interlock-gtest, CMake interlock::gtest, Meson
// dependency('interlock-gtest')). A finding fails the test in which it came to be, at the line of the request that closed the cycle. Each test
// stands for itself: what two tests did one after the other is told as `across-runs`, a warning.
#pragma once

#include <gtest/gtest.h>
#include <interlock/detail/test_log.hpp>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace interlock {

struct test_options {
    /// Least severity that fails a test: error, warning, note or never. Empty: as `fail_on` in INTERLOCK_OPTIONS says, else warning.
    std::string fail_on;
    /// Findings are printed, and fail nothing.
    bool report_only = false;
    /// A test that could not be checked fails: nothing is recorded in its process, or its log is full or cannot be read. Else that is told once.
    bool fail_unchecked = false;
};

namespace test_detail {

/// The process's one. Empty until watch_tests().
inline std::unique_ptr<test_log>& the_test_log() {
    static auto* const log = new std::unique_ptr<test_log>;  // never destroyed: tests may end in exit()
    return *log;
}

/// A finding in the output, or a failure at its line; at `file` and `line` if it has none, or where the caller insists on these.
inline void tell(const test_finding& found, const char* file, int line, bool insist) {
    if (!found.fails) {
        std::printf("%s\n", found.text.c_str());
        std::fflush(stdout);
        return;
    }
    const bool own = !insist && !found.file.empty();
    ADD_FAILURE_AT(own ? found.file.c_str() : file, own ? found.line : line) << found.text;
}

class test_listener final : public testing::EmptyTestEventListener {
public:
    void OnTestIterationStart(const testing::UnitTest&, int) override { the_test_log()->begin_round(); }
    void OnTestSuiteStart(const testing::TestSuite& suite) override { the_test_log()->begin_suite(suite.name()); }
    // What was done between tests, by fixtures of a suite, by environments, by threads, fails the next one: reports have a place for it.
    void OnTestStart(const testing::TestInfo& test) override {
        const std::string suite = test.test_suite_name();
        tell_outside(the_test_log()->begin(suite + "." + test.name()), suite);
    }
    void OnTestEnd(const testing::TestInfo& test) override {
        for (const test_finding& found : the_test_log()->end()) tell(found, test.file(), test.line(), false);
    }
    // After the last test of a suite: the suite fails, at once, and the program's own result too, since the XML leaves out what is of a suite.
    void OnTestSuiteEnd(const testing::TestSuite& suite) override {
        for (test_finding& found : tell_outside(the_test_log()->outside(), suite.name()))
            if (found.fails) of_suites_.push_back(std::move(found));
        the_test_log()->end_suite();
    }
    void OnEnvironmentsTearDownEnd(const testing::UnitTest&) override {
        for (const test_finding& found : of_suites_) tell(found, nullptr, -1, false);
        of_suites_.clear();
        tell_outside(the_test_log()->outside(), "the tests");
    }
    void OnTestProgramEnd(const testing::UnitTest& tests) override {
        const bool all_ran = tests.test_to_run_count() + tests.disabled_test_count() >= tests.total_test_count() &&
                             tests.skipped_test_count() == 0;
        const std::string last = the_test_log()->finish(all_ran);
        if (!last.empty()) std::printf("%s", last.c_str());
    }

private:
    static std::vector<test_finding> tell_outside(std::vector<test_finding> all, const std::string& whose) {
        for (test_finding& found : all) {
            found.text = "in no test, around " + whose + ":\n" + found.text;
            tell(found, nullptr, -1, false);
        }
        return all;
    }

    std::vector<test_finding> of_suites_;
};

/// The stretch of one statement.
class statement_watch {
public:
    statement_watch() {
        if (the_test_log()) which_ = the_test_log()->begin_statement();
    }
    void end(const char* text, const char* file, int line) {
        if (!the_test_log()) return;
        for (test_finding found : the_test_log()->end_statement(which_)) {
            found.text = std::string(text) + "\nmakes a lock-order inversion\n" + found.text;
            tell(found, file, line, true);
        }
    }

private:
    std::uint32_t which_ = 0;
};

inline testing::AssertionResult holds_no_locks() {
    const std::string held = the_test_log() ? the_test_log()->held() : std::string{};
    if (held.empty()) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "this thread holds\n" << held;
}

/// A pthread_spinlock_t is volatile.
template <typename Lock>
const void* address_of(const Lock& lock) {
    return const_cast<const void*>(static_cast<const volatile void*>(std::addressof(lock)));
}

template <typename First, typename Second>
testing::AssertionResult is_lock_order(const char* first_text, const char* second_text, const First& first,
                                       const Second& second) {
    if (!the_test_log()) return testing::AssertionSuccess();
    const std::string wrong = the_test_log()->order_problem(address_of(first), sizeof first, first_text,
                                                            address_of(second), sizeof second, second_text);
    if (wrong.empty()) return testing::AssertionSuccess();
    return testing::AssertionFailure() << wrong;
}

}  // namespace test_detail

/// From here on each test that makes a finding fails. Before RUN_ALL_TESTS(), once; later calls change nothing. The report at exit, the line
/// at the first inversion and the option `exitcode` are off from here on: the tests tell.
inline void watch_tests(const test_options& options = {}) {
    if (test_detail::the_test_log()) return;
    if (testing::GTEST_FLAG(list_tests)) {
        test_detail::test_log(options.fail_on, options.report_only, false).finish(false);  // no test runs
        return;
    }
    test_detail::the_test_log() =
        std::make_unique<test_detail::test_log>(options.fail_on, options.report_only, options.fail_unchecked);
    testing::UnitTest::GetInstance()->listeners().Append(new test_detail::test_listener);
}

/// In a test, or its fixture's SetUp(): its findings are printed and fail nothing, neither this test nor another that meets what it did. The
/// reason is printed with them. In SetUpTestSuite(): so it is with all tests of the suite, and with what is done between them. Anywhere else it
/// is refused.
inline void allow_findings(const std::string& reason) {
    if (test_detail::the_test_log()) test_detail::the_test_log()->allow(reason);
}

}  // namespace interlock

/// The expectations may be used on any thread of a test.
///
/// The statement makes no lock-order inversion and no rank violation, by itself or with what was done before it. What other threads do
/// meanwhile counts too. Other findings are left to the end of the test.
#define EXPECT_NO_LOCK_INVERSION(...) \
    INTERLOCK_TEST_STATEMENT(GTEST_CONCAT_TOKEN_(interlock_statement_watch_, __COUNTER__), #__VA_ARGS__, __VA_ARGS__)

// One may stand inside another: `watch` is a name of its own.
#define INTERLOCK_TEST_STATEMENT(watch, text, ...)       \
    do {                                                 \
        ::interlock::test_detail::statement_watch watch; \
        { __VA_ARGS__; }                                 \
        watch.end(text, __FILE__, __LINE__);             \
    } while (false)

/// Up to here somebody has requested `second` while holding `first`, and nobody the other way round, be it by way of other locks. The
/// arguments are the locks themselves: std's, pthreads' or interlock's.
#define EXPECT_LOCK_ORDER(first, second) EXPECT_PRED_FORMAT2(::interlock::test_detail::is_lock_order, first, second)

/// The calling thread holds no lock.
#define EXPECT_NO_LOCKS_HELD()                                                                                        \
    if (const ::testing::AssertionResult interlock_held = ::interlock::test_detail::holds_no_locks(); interlock_held) \
        static_cast<void>(0);                                                                                         \
    else                                                                                                              \
        ADD_FAILURE() << interlock_held.message()
