// Drafted entries hide what they were drafted for, and the first hides no other function.
#include "analysis/report/suppression_draft.hpp"

#include <sstream>

#include <gtest/gtest.h>

#include "analysis/findings/suppressions.hpp"
#include "tests/golden/samples.hpp"

namespace interlock::report {
namespace {

findings::report_data misuse_in(std::string function) {
    findings::finding what;
    what.kind = findings::kind::unlock_not_held;
    what.stack = {{std::move(function), "/src/a.cpp", 3, "/bin/app", 16, false}};
    findings::report_data out;
    out.findings = {what};
    return out;
}

bool hides(const std::string& text, findings::report_data data) {
    findings::suppressions all;
    EXPECT_EQ(all.add("draft", text), std::nullopt) << text;
    all.apply(data);
    for (const findings::finding& one : data.findings)
        if (!one.suppressed) return false;
    return true;
}

TEST(suppression_draft, hides_every_sample_and_then_drafts_nothing) {
    for (const samples::sample& one : samples::reports("/src/")) {
        findings::report_data data = one.data;
        const std::string draft = suppression_draft(data, {});
        findings::suppressions all;
        ASSERT_EQ(all.add("draft", draft), std::nullopt) << draft;
        all.apply(data);
        for (const findings::finding& each : data.findings) EXPECT_TRUE(each.suppressed) << one.name << draft;
        EXPECT_EQ(suppression_draft(data, {}), "");
    }
}

TEST(suppression_draft, begins_with_the_whole_innermost_function) {
    for (const char* function :
         {"f(char*)", "f(int (*)(char*, int*))", "main::$_0::operator()() const", "operator^(a, b)", "f"}) {
        const std::string draft = suppression_draft(misuse_in(function), {});
        std::istringstream lines(draft);
        std::string first;
        while (std::getline(lines, first) && first.starts_with('#')) continue;
        EXPECT_TRUE(hides(first, misuse_in(function))) << draft;
        EXPECT_FALSE(hides(first, misuse_in("un" + std::string(function)))) << first;
    }
    const std::string narrow = "mutex:^f(char*)$";
    EXPECT_NE(suppression_draft(misuse_in("f(char*)"), {}).find(narrow), std::string::npos);
    EXPECT_FALSE(hides(narrow, misuse_in("f(char*) const")));
}

TEST(suppression_draft, of_a_finding_without_symbols_names_its_module) {
    findings::report_data data = misuse_in("");
    data.findings[0].stack[0].file.clear();
    EXPECT_NE(suppression_draft(data, {}).find("\nmutex:app\n"), std::string::npos);
}

TEST(suppression_draft, says_where_nothing_is_known) {
    findings::report_data data = misuse_in("");
    data.findings[0].stack.clear();
    EXPECT_NE(suppression_draft(data, {}).find("# nothing is known of where it happened"), std::string::npos);
}

}  // namespace
}  // namespace interlock::report
