#include "primitives/gtest/telling.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <utility>

#include "analysis/findings/names.hpp"
#include "analysis/report/naming.hpp"
#include "analysis/report/report.hpp"

namespace interlock::gtest {

using findings::finding;
using test_detail::test_finding;

namespace {

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

}  // namespace

void telling::set_options(const interlock_recording& given) {
    looks_.strip_path_prefix = given.strip_path_prefix;
    std::error_code failed;
    looks_.working_directory = std::filesystem::current_path(failed).string();
    if (*given.suppressions != '\0') say(known_.add_suppressions(given.suppressions));
    if (*given.baseline != '\0') say(known_.set_baseline(given.baseline));
}

void telling::set_policy(std::string fail_on, const interlock_recording& given, bool report_only) {
    if (!fail_on.empty() && fail_on != "never" && !findings::severity_named(fail_on)) {
        std::fprintf(stderr,
                     "interlock: watch_tests: fail_on: '%s' is none of error, warning, note and never; refused\n",
                     fail_on.c_str());
        fail_on.clear();
    }
    if (fail_on.empty()) fail_on = given.fail_on;
    fails_ = !report_only && fail_on != "never";
    if (const auto named = findings::severity_named(fail_on)) fail_on_ = *named;
}

/// Whether nothing is to be said of it: it was, or somebody wants it so. Counts it.
bool telling::is_left_out(const finding& one, const std::string& test, std::set<std::string>& already) {
    if (!one.is_told()) {
        ++(one.suppressed ? suppressed_ : in_baseline_);
        return true;
    }
    const bool of_allowing = std::any_of(one.edges.begin(), one.edges.end(), [&](const findings::edge& side) {
        // Names of tests: what is of no test was allowed by none.
        return side.test != test && (allowing_.contains(side.test) || allowing_.contains(side.thread_test));
    });
    left_ += of_allowing;
    return of_allowing || !already.insert(one.id).second;
}

std::vector<test_finding> telling::tell(findings::report_data data, const std::string& test,
                                        std::set<std::string>& already, const allowance& by) {
    known_.mark(data);
    std::vector<test_finding> made;
    std::vector<finding> each = std::move(data.findings);
    for (finding& one : each) {
        if (is_left_out(one, test, already)) continue;
        const bool counts = fails_ && one.severity >= fail_on_;
        if (!counts && fails_) {
            ++below_;
            continue;
        }
        test_finding found;
        found.fails = counts && by.reason.empty();
        if (const findings::frame* place = place_of(one)) {
            found.file = report::shown_path(place->file, looks_);
            found.line = static_cast<int>(place->line);
        }
        if (!by.reason.empty()) {
            ++left_;
            found.text = "interlock: allowed in " + by.whose + ": " + by.reason + "\n";
        }
        data.findings.clear();
        data.findings.push_back(std::move(one));
        found.text += report::render_findings(data, looks_);
        while (found.text.ends_with('\n')) found.text.pop_back();
        ++told_;
        made.push_back(std::move(found));
    }
    return made;
}

std::string telling::rest(bool all_tests_ran) const {
    std::string made;
    const auto line = [&](std::size_t count, const char* what) {
        if (count > 0) made += "interlock: " + std::to_string(count) + what + "\n";
    };
    line(below_, " found below the least severity that fails a test (fail_on)");
    line(left_, " left to tests that allow their findings");
    line(suppressed_, " suppressed");
    line(in_baseline_, " in the baseline");
    std::vector<std::string> problems = known_.problems();
    if (all_tests_ran)
        for (std::string& one : known_.unused()) problems.push_back(std::move(one));
    for (const std::string& problem : problems) made += "interlock: " + problem + "\n";
    return made;
}

}  // namespace interlock::gtest
