// Which findings a test is told of, whether it fails by them, and in which words; the others are counted.
#pragma once

#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <interlock/detail/test_log.hpp>
#include <interlock/recorder.hpp>

#include "analysis/findings/finding.hpp"
#include "analysis/findings/known_findings.hpp"
#include "analysis/report/options.hpp"
#include "analysis/report/quote.hpp"

namespace interlock::gtest {

/// Why findings fail nothing, and who says so.
struct allowance {
    std::string whose;
    std::string reason;  // empty: they fail
};

/// Thread-bound.
class telling {
public:
    telling() = default;
    telling(const telling&) = delete;
    telling& operator=(const telling&) = delete;

    /// How reports look, and what is known already, as INTERLOCK_OPTIONS says. What of it cannot be is told in a line on standard error.
    void set_options(const interlock_recording& given);
    /// `fail_on`: see test_log's constructor. Precondition: set_options().
    void set_policy(std::string fail_on, const interlock_recording& given, bool report_only);

    /// What this test does fails no other one that meets it.
    void allow_all_of(const std::string& test) { allowing_.insert(test); }

    /// Of the findings those that somebody has to be told of, and that are not among `already`, which grows. `test`: the one that runs.
    std::vector<test_detail::test_finding> tell(findings::report_data data, const std::string& test,
                                                std::set<std::string>& already, const allowance& by);

    std::size_t told() const noexcept { return told_; }
    /// Of the others, one line each. `all_tests_ran`: suppressions that hid nothing are of no use to anybody.
    std::string rest(bool all_tests_ran) const;

    const report::options& looks() const noexcept { return looks_; }

private:
    bool is_left_out(const findings::finding& one, const std::string& test, std::set<std::string>& already);

    report::options looks_;
    findings::severity fail_on_ = findings::severity::warning;
    bool fails_ = true;
    report::source_lines sources_;
    findings::known_findings known_{
        [this](const std::string& file, std::uint32_t line) { return sources_.line_if_any(file, line); }};
    std::set<std::string> allowing_;  // tests, ever

    std::size_t below_ = 0;  // least severity
    std::size_t left_ = 0;   // allowed
    std::size_t suppressed_ = 0;
    std::size_t in_baseline_ = 0;
    std::size_t told_ = 0;
};

}  // namespace interlock::gtest
