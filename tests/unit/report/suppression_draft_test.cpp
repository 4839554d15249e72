// Drafted entries hide what they were drafted for, and the first hides no other function.
#include "analysis/report/suppression_draft.hpp"

#include <sstream>

#include <gtest/gtest.h>

#include "analysis/findings/instances.hpp"
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
    for (findings::finding& one : data.findings) all.apply(one);
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
        for (findings::finding& each : data.findings) all.apply(each);
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

TEST(suppression_draft, hides_every_instance) {
    findings::finding legacy = misuse_in("flush()").findings[0];
    findings::finding modern = legacy;
    legacy.stack.insert(legacy.stack.begin(), {"legacy::close()", "/src/b.cpp", 5, "/bin/app", 32, false});
    modern.stack.insert(modern.stack.begin(), {"modern::close()", "/src/b.cpp", 9, "/bin/app", 48, false});
    findings::report_data data;
    data.findings = {findings::told_of({legacy, modern})};
    const std::string draft = suppression_draft(data, {});
    EXPECT_NE(draft.find("\nmutex:^flush()$\n"), std::string::npos) << draft;
    EXPECT_EQ(draft.find("legacy"), draft.rfind("legacy")) << "only in the remark\n" << draft;
}

TEST(suppression_draft, prefers_what_hides_no_other_finding_and_counts_those_that_it_does) {
    findings::report_data data = misuse_in("main::{lambda}::operator()");
    data.findings[0].stack.push_back({"first(int)", "/src/a.cpp", 8, "/bin/app", 32, false});
    data.findings.push_back(data.findings[0]);
    data.findings[0].id = "1";
    data.findings[1].id = "2";
    data.findings[1].stack[1].function = "second(int)";
    std::string draft = suppression_draft(data, {});
    EXPECT_NE(draft.find("\nmutex:^first(int)$\n"), std::string::npos) << draft;
    EXPECT_NE(draft.find("\nmutex:^second(int)$\n"), std::string::npos) << draft;
    EXPECT_EQ(draft.find("# hides"), std::string::npos) << draft;
    for (findings::finding& one : data.findings) one.stack.pop_back();
    draft = suppression_draft(data, {});
    EXPECT_NE(draft.find("# hides 1 more finding of these: nothing tells them apart\n"
                         "mutex:^main::{lambda}::operator()$\n"),
              std::string::npos)
        << draft;
}

TEST(suppression_draft, says_where_nothing_is_known) {
    findings::report_data data = misuse_in("");
    data.findings[0].stack.clear();
    EXPECT_NE(suppression_draft(data, {}).find("# nothing is known of where it happened"), std::string::npos);
}

}  // namespace
}  // namespace interlock::report
