// What <interlock/gtest.hpp> asks of libinterlock-gtest: this process's own log, analysed while it grows. Knows nothing of GoogleTest,
// so that the library serves every version of it. Use <interlock/gtest.hpp>.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#if defined(__GNUC__)
#define INTERLOCK_TEST_API __attribute__((visibility("default")))
#else
#define INTERLOCK_TEST_API
#endif

namespace interlock::test_detail {

/// What a test has to be told of.
struct test_finding {
    std::string file;  // where the request was made that closed the cycle; empty: not known
    int line = -1;
    std::string text;    // as in the text report
    bool fails = false;  // by policy; else it is printed only
};

/// Thread-safe: tests ask from any of their threads. Where nothing is recorded in this process, nothing is found.
class INTERLOCK_TEST_API test_log {
public:
    /// `fail_on`: error, warning, note or never; empty: as INTERLOCK_OPTIONS says, else warning. `report_only`: nothing fails a test.
    /// `fail_unchecked`: that a test could not be checked does.
    test_log(const std::string& fail_on, bool report_only, bool fail_unchecked);
    ~test_log();
    test_log(const test_log&) = delete;
    test_log& operator=(const test_log&) = delete;

    /// All tests run, once more perhaps: each round stands for itself.
    void begin_round();
    /// A suite of tests begins, and ends.
    void begin_suite(const std::string& name);
    void end_suite();
    /// The test `name` begins: what is recorded from here on is of it. Returns what outside() would have.
    std::vector<test_finding> begin(const std::string& name);
    /// It ends: what is new since it began and was not told by a statement.
    std::vector<test_finding> end();
    /// What was done in no test since the last test ended, or since this was asked last.
    std::vector<test_finding> outside();

    /// A statement of the test begins; which, for its end.
    std::uint32_t begin_statement();
    /// It ends: the cycles, deadlocks and rank violations that came to be since, made by whatever thread.
    std::vector<test_finding> end_statement(std::uint32_t which);

    /// The findings of the test that runs fail nothing, for this reason; between tests those of the suite. Outside of both it is refused, in one
    /// line on standard error.
    void allow(const std::string& reason);

    /// What the calling thread holds, one a line; empty: nothing.
    std::string held();
    /// Whether, of two locks that lie at these addresses, `first` was held while `second` was requested, and never the other way round, be it by
    /// way of others. Empty: so it was; else what is wrong.
    std::string order_problem(const void* first, std::size_t first_size, const char* first_text, const void* second,
                              std::size_t second_size, const char* second_text);

    /// The last test is over. What there is to say of all of them, one a line; a log that is of no more use is removed. `all_tests_ran`:
    /// suppressions that hid nothing are of no use to anybody.
    std::string finish(bool all_tests_ran);

private:
    struct state;
    state* state_;
};

}  // namespace interlock::test_detail
