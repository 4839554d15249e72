// Comments in the source that allow a finding.
#include "analysis/findings/source_comments.hpp"

#include <map>

#include <gtest/gtest.h>

namespace interlock::findings {
namespace {

using lines = std::map<std::uint32_t, std::string>;

report_data cycle_at(std::uint32_t line) {
    finding what;
    edge side;
    side.held_stack = {{"hold()", "bank.cpp", 100, "/bin/bank", 1, false}};
    side.wanted_stack = {{"transfer()", "bank.cpp", line, "/bin/bank", 2, false},
                         {"main", "bank.cpp", 50, "/bin/bank", 3, false}};
    what.edges = {side};
    report_data out;
    out.findings = {what};
    return out;
}

source_comments reading(const lines& source, std::string today = {}) {
    return source_comments(
        [source](const std::string& file, std::uint32_t number) -> std::optional<std::string> {
            if (file != "bank.cpp" || number > 200) return std::nullopt;
            const auto at = source.find(number);
            return at != source.end() ? at->second : std::string();
        },
        std::move(today));
}

bool allows(const lines& source, std::string today = {}) {
    report_data data = cycle_at(10);
    source_comments all = reading(source, std::move(today));
    all.apply(data.findings[0]);
    EXPECT_TRUE(all.problems().empty()) << all.problems().front();
    return data.findings[0].suppressed;
}

TEST(source_comments, allow_on_the_line_or_alone_above_it) {
    const std::string comment = "// interlock: allow(lock-order-cycle) the writer is not started yet";
    EXPECT_TRUE(allows({{10, "m.lock();  " + comment}}));
    EXPECT_TRUE(allows({{9, comment}}));
    EXPECT_TRUE(allows({{9, "/* interlock: allow(lock-order-cycle) kept */"}}));
    EXPECT_TRUE(allows({{100, "m.lock(); " + comment}}));  // where the hold began
    EXPECT_FALSE(allows({{9, "n.lock();  " + comment}}));  // of its own line
    EXPECT_FALSE(allows({{8, comment}}));
    EXPECT_FALSE(allows({{50, comment}}));  // a caller
    EXPECT_FALSE(allows({{10, "say(\"interlock: allow(lock-order-cycle) x\");"}}));
}

TEST(source_comments, are_no_literals) {
    const std::string comment = "// interlock: allow(lock-order-cycle) x";
    for (const std::string& line :
         {"lock(\"" + comment + "\");", "lock(\"\\\"" + comment + "\");", "lock(u8\"/* " + comment.substr(3) + "*/\");",
          "lock(R\"(\" " + comment + ")\");", "lock(LR\"ab(\" )\" " + comment + ")ab\");", "lock(R\"( " + comment,
          "lock(\"" + comment + "\\", "lock('\"'); say(\"" + comment + "\");",
          "lock(1'000, \"" + comment + "\", 1'000);",
          std::string("lock(/* that */ \"interlock: allow(lock-order-cycle) x\");")})
        EXPECT_FALSE(allows({{10, line}})) << line;
    for (const std::string& line :
         {"lock(\"//\"); " + comment, "lock(\"\\\\\"); " + comment, "lock('\"'); " + comment,
          "lock('\\'', '\\\\'); " + comment, "lock(1'000'000, 0xA'B); " + comment, "lock(R\"(\\)\"); " + comment,
          "lock(VAR\"(\"); " + comment, "ends a literal of the line above\"); " + comment,
          "lock(/* that */ x); " + comment, std::string("lock(/* \" */ /* interlock: allow(lock-order-cycle) x */);"),
          std::string("lock(/* *//* interlock: allow(lock-order-cycle) x */);")})
        EXPECT_TRUE(allows({{10, line}})) << line;
}

TEST(source_comments, allow_the_kinds_they_name) {
    EXPECT_FALSE(allows({{10, "// interlock: allow(destroy-while-held) known"}}));
    EXPECT_TRUE(allows({{10, "// interlock: allow(destroy-while-held, lock-order-cycle) known"}}));
}

TEST(source_comments, keep_their_reason) {
    report_data data = cycle_at(10);
    reading({{10, "// interlock: allow(lock-order-cycle)   see docs  "}}).apply(data.findings[0]);
    EXPECT_EQ(data.findings[0].suppressed_by, "bank.cpp:10: see docs");
}

TEST(source_comments, hold_through_their_last_day) {
    const lines source = {{10, "// interlock: allow(lock-order-cycle until 2027-01-31) known"}};
    EXPECT_TRUE(allows(source));
    EXPECT_TRUE(allows(source, "2027-01-31"));
    report_data data = cycle_at(10);
    source_comments late = reading(source, "2027-02-01");
    late.apply(data.findings[0]);
    EXPECT_FALSE(data.findings[0].suppressed);
    EXPECT_EQ(late.problems(), std::vector<std::string>{"bank.cpp:10: interlock: allow: it expired on 2027-01-31"});
}

TEST(source_comments, that_allow_nothing_in_the_files_of_what_was_met_are_told) {
    const lines source = {{10, "// interlock: allow(lock-order-cycle) known"},
                          {20, "// interlock: allow(lock-order-cycle) stale"},
                          {30, "// interlock: allow(lock-order-cycle) left behind"},
                          {31, "// interlock: allow(lock-order-cycle)"},
                          {32, "// interlock: allow(lock-order-cycle until 2026-01-01) late"}};
    source_comments all = reading(source, "2026-11-21");
    EXPECT_TRUE(all.unused().empty()) << "no file is known";
    all.pass({{"f", "bank.cpp", 10, "/bin/app", 16, false}});
    all.pass({{"g", "bank.cpp", 20, "/bin/app", 32, false}, {"main", "bank.cpp", 30, "/bin/app", 48, false}});
    all.pass({});
    report_data data = cycle_at(10);
    data.findings[0].suppressed = true;  // by a file
    all.apply(data.findings[0]);
    EXPECT_FALSE(data.findings[0].suppressed_in_source);
    EXPECT_EQ(all.unused(), (std::vector<std::string>{"bank.cpp:20: interlock: allow: stale",
                                                      "bank.cpp:30: interlock: allow: left behind"}));
    source_comments other = reading({{10, "// interlock: allow(destroy-while-held) not this"}});
    data.findings[0].suppressed = false;
    other.apply(data.findings[0]);
    EXPECT_EQ(other.unused(), std::vector<std::string>{"bank.cpp:10: interlock: allow: not this"});
}

TEST(source_comments, with_a_mistake_are_told_once_and_do_not_count) {
    for (const auto& [comment, why] :
         {std::pair("// interlock: allow(lock-order-cycle)", "it gives no reason"),
          std::pair("// interlock: allow lock-order-cycle known", "not of the form allow(kind) reason"),
          std::pair("// interlock: allow(lock-order) known", "'lock-order' is no kind of finding"),
          std::pair("// interlock: allow() known", "'' is no kind of finding"),
          std::pair("// interlock: allow(lock-order-cycle until spring) known", "until needs a day as YYYY-MM-DD")}) {
        report_data data = cycle_at(10);
        data.findings.push_back(data.findings[0]);
        source_comments all = reading({{10, comment}});
        for (finding& each : data.findings) all.apply(each);
        EXPECT_FALSE(data.findings[0].suppressed) << comment;
        EXPECT_EQ(all.problems(), std::vector<std::string>{std::string("bank.cpp:10: interlock: allow: ") + why});
    }
}

}  // namespace
}  // namespace interlock::findings
