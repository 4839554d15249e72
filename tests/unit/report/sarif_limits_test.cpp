// What GitHub's code scanning would refuse is cut, and said: docs.github.com, "SARIF results exceed one or more limits". The form of
// a report is held by golden/sarif_test.py.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "analysis/report/report.hpp"

namespace interlock::report {
namespace {

using nlohmann::json;

findings::stack deep_stack(std::uint64_t seed) {
    findings::stack made;
    for (std::uint64_t i = 0; i < 40; ++i)
        made.push_back({"f" + std::to_string(i), "ring.cpp", static_cast<std::uint32_t>(i + 1), "/bin/ring",
                        seed * 100 + i, false});
    return made;
}

/// A cycle through so many locks, each acquired at the end of calls that no other has.
findings::finding ring_of(std::uint64_t size) {
    findings::finding made;
    made.id = "0123456789abcdef";
    for (std::uint64_t i = 0; i < size; ++i) {
        made.locks.emplace_back().id = i + 1;
        made.threads.emplace_back().id = i + 1;
        findings::edge side;
        side.thread = side.held = i + 1;
        side.wanted = (i + 1) % size + 1;
        side.held_stack = deep_stack(2 * i);
        side.wanted_stack = deep_stack(2 * i + 1);
        made.edges.push_back(std::move(side));
    }
    return made;
}

std::string sarif_of(std::vector<findings::finding> all) {
    findings::report_data data;
    data.logs.emplace_back().path = "ring.ilk";
    data.findings = std::move(all);
    return render(format::sarif, data, {});
}

std::size_t count_of(std::string_view words, std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = text.find(words); at != std::string_view::npos; at = text.find(words, at + 1)) ++count;
    return count;
}

TEST(sarif_limits, a_long_cycle_is_cut_and_says_so) {
    const json result = json::parse(sarif_of({ring_of(600)}))["runs"][0]["results"][0];
    std::size_t steps = 0;
    for (const json& thread : result["codeFlows"][0]["threadFlows"]) steps += thread["locations"].size();
    EXPECT_GT(steps, 5'000U) << "the sample is no test of the bound";
    EXPECT_LE(steps, 10'000U);
    EXPECT_LE(result["relatedLocations"].size() + result["locations"].size(), 1'000U);
    EXPECT_EQ(result["properties"]["sides left out"], "400; the JSON report has them all");
    EXPECT_EQ(count_of("sides left out", sarif_of({ring_of(200)})), 0U);
}

TEST(sarif_limits, results_beyond_the_bound_are_counted) {
    findings::finding one;
    one.kind = findings::kind::unlock_not_held;
    one.severity = findings::severity::note;
    one.stack = {{"f", "a.cpp", 1, "/bin/a", 16, false}};
    std::vector<findings::finding> all(25'002, one);
    all.back().severity = findings::severity::error;
    const std::string text = sarif_of(std::move(all));
    EXPECT_EQ(count_of("\"ruleId\"", text), 25'000U);
    EXPECT_EQ(count_of("\"level\": \"error\"", text), 1U) << "the worst are kept";
    EXPECT_EQ(count_of("2 findings are left out", text), 1U);
}

}  // namespace
}  // namespace interlock::report
