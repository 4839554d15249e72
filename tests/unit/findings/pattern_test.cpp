// Patterns as ThreadSanitizer and Valgrind match them.
#include "analysis/findings/pattern.hpp"

#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace interlock::findings {
namespace {

TEST(pattern, matches_as_thread_sanitizer_does) {
    std::ifstream table(PATTERN_TABLE);
    int rows = 0;
    for (std::string line; std::getline(table, line);) {
        if (line.starts_with('#')) continue;
        const std::size_t first = line.find('\t');
        const std::size_t second = line.find('\t', first + 1);
        ASSERT_NE(second, std::string::npos) << line;
        const std::string pattern = line.substr(0, first);
        const std::string text = line.substr(first + 1, second - first - 1);
        EXPECT_EQ(matches(pattern, text), line.substr(second + 1) == "yes") << line;
        ++rows;
    }
    EXPECT_GE(rows, 40);
}

TEST(pattern, matches_nothing_in_an_empty_text_and_everything_when_empty) {
    EXPECT_FALSE(matches("", ""));
    EXPECT_FALSE(matches("*", ""));
    EXPECT_FALSE(matches("^$", ""));
    EXPECT_TRUE(matches("", "text"));
}

TEST(pattern, of_valgrind_covers_the_whole_text) {
    EXPECT_TRUE(matches_whole("main", "main"));
    EXPECT_FALSE(matches_whole("main", "domain"));
    EXPECT_FALSE(matches_whole("main", "main2"));
    EXPECT_TRUE(matches_whole("m?in", "main"));
    EXPECT_FALSE(matches_whole("m?in", "min"));
    EXPECT_TRUE(matches_whole("*/libold.so*", "/usr/lib/libold.so.2"));
    EXPECT_TRUE(matches_whole("*a*b", "aab_ab"));
    EXPECT_FALSE(matches_whole("*a*b", "aab_a"));
    EXPECT_TRUE(matches_whole("*", ""));
    EXPECT_FALSE(matches_whole("?", ""));
    EXPECT_TRUE(matches_whole("", ""));
    EXPECT_FALSE(matches_whole("*x*x*x*x*y", std::string(2000, 'x')));
}

}  // namespace
}  // namespace interlock::findings
