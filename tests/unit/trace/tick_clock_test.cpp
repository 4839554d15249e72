// The counter of a log against the clocks that tell its frequency.
#include "analysis/trace/tick_clock.hpp"

#include <gtest/gtest.h>

#include "analysis/trace/trace.hpp"
#include "tests/support/trace_text.hpp"

namespace interlock::trace {
namespace {

TEST(tick_clock, has_the_frequency_of_the_moments_farthest_apart) {
    tick_clock clock;
    clock.add(5'000'000, 3'000'000);
    clock.add(3'000'000, 2'000'000);  // read late: 100 ns of noise do not matter over the whole
    clock.add(9'000'000, 5'000'000);
    EXPECT_DOUBLE_EQ(clock.ticks_per_second(), 2e9);
    EXPECT_DOUBLE_EQ(clock.seconds_at(5'000'000), 0.001);
    EXPECT_DOUBLE_EQ(clock.seconds_at(1'000'000), -0.001);
    EXPECT_DOUBLE_EQ(clock.ns_of(20), 10);
}

TEST(tick_clock, is_unknown_where_nothing_tells_it) {
    tick_clock clock;
    EXPECT_EQ(clock.ticks_per_second(), 0);
    clock.add(1000, 1000);
    EXPECT_EQ(clock.ticks_per_second(), 0);
    clock.add(1'000'000'000, 1500);
    EXPECT_EQ(clock.ticks_per_second(), 0) << "too short";
    clock.add(2'000'000'000, 500);
    EXPECT_EQ(clock.ticks_per_second(), 0) << "goes back";
    EXPECT_EQ(clock.ns_of(20), 0);
}

TEST(tick_clock, of_a_log_is_that_of_its_start_chunks_and_end) {
    testing::log_builder_options options;
    options.ticks_per_record = 1000;
    const testing::text_log made = testing::make_log("t1: lock A; unlock A; seal; lock A; unlock A; exit", options);
    trace log;
    ASSERT_FALSE(log.adopt("text", made.image.bytes()));
    std::uint64_t last = 0;
    ASSERT_FALSE(
        log.feed([&](std::span<const event> events) { last = events.back().ticks; }, expectation::nothing_more));
    EXPECT_DOUBLE_EQ(log.time().ticks_per_second(), 1e9) << "the builder counts nanoseconds";
    EXPECT_GT(log.time().seconds_at(last), 0);
}

}  // namespace
}  // namespace interlock::trace
