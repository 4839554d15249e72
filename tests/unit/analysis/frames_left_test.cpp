// Pairs of stacks of one thread, written innermost first.
#include "analysis/frames_left.hpp"

#include <string>

#include <gtest/gtest.h>

namespace interlock::analysis {
namespace {

using stack = std::vector<symbols::frame>;

symbols::frame call(std::string function, std::uint64_t offset) {
    return {std::move(function), {}, 0, "app", offset, false};
}
symbols::frame inlined(std::string function, std::uint64_t offset, std::uint64_t inlining) {
    return {std::move(function), {}, 0, "app", offset, true, inlining};
}

std::string left(stack then, const stack& now) {
    std::string out;
    for (const symbols::frame& one : frames_left(std::move(then), now)) out += one.function + ' ';
    return out;
}

TEST(frames_left, are_the_functions_that_returned) {
    EXPECT_EQ(left({call("lock", 1), call("guard", 2), call("f", 3), call("main", 9)},
                   {call("lock", 1), call("guard", 2), call("f", 4), call("main", 9)}),
              "lock guard ")
        << "the same wrapper again";
    EXPECT_EQ(left({call("lock", 1), call("f", 3), call("main", 9)}, {call("f", 5), call("main", 9)}), "lock ");
    EXPECT_EQ(left({call("lock", 1), call("enter", 2), call("main", 8)}, {call("g", 3), call("main", 9)}),
              "lock enter ");
    EXPECT_EQ(left({call("lock", 1), call("enter", 2), call("f", 3), call("main", 9)},
                   {call("g", 4), call("f", 5), call("main", 9)}),
              "lock enter ");
}

TEST(frames_left, are_none_where_all_are_active_or_nothing_is_known) {
    EXPECT_EQ(left({call("f", 3), call("main", 9)}, {call("g", 1), call("f", 4), call("main", 9)}), "");
    EXPECT_EQ(left({call("lock", 1), call("f", 3), call("main", 9)}, {call("lock", 1), call("f", 3), call("main", 9)}),
              "");
    EXPECT_EQ(left({call("lock", 1), call("f", 3)}, {call("lock", 1), call("g", 3)}), "") << "no common root";
    EXPECT_EQ(left({call("lock", 1), call("f", 3), call("main", 9)}, {call("f", 3), call("main", 9)}), "")
        << "one instruction calls two functions";
    EXPECT_EQ(left({}, {call("main", 9)}), "");
    EXPECT_EQ(left({call("main", 9)}, {}), "");
}

TEST(frames_left, know_a_recursive_function_by_its_level) {
    EXPECT_EQ(left({call("f", 3), call("f", 2), call("main", 9)},
                   {call("f", 3), call("f", 2), call("f", 2), call("main", 9)}),
              "");
    EXPECT_EQ(left({call("lock", 1), call("f", 3), call("f", 2), call("main", 9)},
                   {call("lock", 1), call("f", 5), call("main", 9)}),
              "lock f ");
}

TEST(frames_left, tell_inlined_calls_of_one_line_apart) {
    const stack first = {inlined("lock", 3, 31), inlined("guard", 3, 30), call("f", 3), call("main", 9)};
    EXPECT_EQ(left(first, {inlined("lock", 4, 41), inlined("guard", 4, 40), call("f", 4), call("main", 9)}),
              "lock guard ");
    EXPECT_EQ(left(first, {inlined("guard", 4, 30), call("f", 4), call("main", 9)}), "lock ") << "still inside of one";
    EXPECT_EQ(left(first, {call("f", 4), call("main", 9)}), "lock guard ");
    EXPECT_EQ(left(first, {call("g", 1), call("f", 4), call("main", 9)}), "lock guard ");
}

}  // namespace
}  // namespace interlock::analysis
