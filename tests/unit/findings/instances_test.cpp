// A suppression of one instance of a finding hides no other.
#include "analysis/findings/instances.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "analysis/findings/known_findings.hpp"

namespace interlock::findings {
namespace {

finding called_by(const std::string& caller, verdict how_sure, std::uint64_t often) {
    finding made;
    made.id = "00000000deadbeef";
    made.verdict = how_sure;
    made.occurrences = often;
    edge side;
    side.held_stack = {{"both()", "fold.cpp", 3, "/bin/app", 16, false}};
    side.wanted_stack = {{"both()", "fold.cpp", 4, "/bin/app", 32, false},
                         {caller, "fold.cpp", 9, "/bin/app", 64, false}};
    made.edges = {side, side};
    return made;
}

/// What is left of the instances of `legacy()` and `modern()` under these suppressions and comments.
finding marked(const std::string& suppressions, const std::string& comment_at_9 = {}) {
    const std::string path = std::filesystem::path(testing::TempDir()) / "instances_test.supp";
    std::ofstream(path) << suppressions;
    known_findings known([&](const std::string&, std::uint32_t line) -> std::optional<std::string> {
        if (line > 9) return std::nullopt;
        return line == 4 ? comment_at_9 : std::string();
    });
    EXPECT_EQ(known.add_suppressions(path), std::nullopt);
    report_data data;
    data.findings = {
        told_of({called_by("modern()", verdict::unwitnessed, 2), called_by("legacy()", verdict::potential, 5)})};
    known.mark(data);
    EXPECT_EQ(known.unused(), std::vector<std::string>{});
    std::filesystem::remove(path);
    return data.findings.at(0);
}

TEST(instances, the_strongest_is_told_and_all_are_counted) {
    const finding told = marked("");
    EXPECT_EQ(told.edges[0].wanted_stack[1].function, "legacy()");
    EXPECT_EQ(told.verdict, verdict::potential);
    EXPECT_EQ(told.occurrences, 7U);
    EXPECT_FALSE(told.suppressed);
    EXPECT_EQ(told.occurrences_suppressed, 0U);
}

TEST(instances, what_no_entry_covers_is_told_in_place_of_what_one_does) {
    const finding told = marked("deadlock:legacy\n");
    EXPECT_FALSE(told.suppressed);
    EXPECT_EQ(told.edges[0].wanted_stack[1].function, "modern()");
    EXPECT_EQ(told.verdict, verdict::unwitnessed);
    EXPECT_EQ(told.occurrences, 2U);
    EXPECT_EQ(told.occurrences_suppressed, 5U);
    const finding other = marked("deadlock:modern\n");
    EXPECT_EQ(other.edges[0].wanted_stack[1].function, "legacy()");
    EXPECT_EQ(other.occurrences, 5U);
    EXPECT_EQ(other.occurrences_suppressed, 2U);
}

TEST(instances, all_of_them_covered_is_the_finding_suppressed) {
    for (const char* text : {"deadlock:legacy\ndeadlock:modern\n", "deadlock:both\n"}) {
        const finding told = marked(text);
        EXPECT_TRUE(told.suppressed) << text;
        EXPECT_EQ(told.occurrences, 7U) << text;
    }
    EXPECT_TRUE(marked("", "// interlock: allow(lock-order-cycle) both are of one thread").suppressed);
    EXPECT_TRUE(marked("", "// interlock: allow(lock-order-cycle) both are of one thread").suppressed_in_source);
}

TEST(instances, look_alike_whichever_side_is_first) {
    finding one = called_by("legacy()", verdict::potential, 1);
    one.edges[1].wanted_stack[1].function = "modern()";
    finding turned = one;
    std::swap(turned.edges[0], turned.edges[1]);
    EXPECT_EQ(look_of(one), look_of(turned));
    turned.edges[0].wanted_stack[0].line = 5;
    EXPECT_NE(look_of(one), look_of(turned));
    finding locked = one;
    locked.locks.emplace_back().name = "journal";
    EXPECT_NE(look_of(one), look_of(locked));
}

}  // namespace
}  // namespace interlock::findings
