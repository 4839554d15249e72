// What `interlock dump` prints of an event.
#include "analysis/trace/dump.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/trace_text.hpp"

namespace interlock::trace {
namespace {

std::string dumped(std::string_view text, const dump_options& options = {},
                   const testing::log_builder_options& built = {}) {
    const auto made = testing::make_log(text, built);
    trace log;
    EXPECT_FALSE(log.adopt("dump.ilk", made.image.bytes()).has_value());
    std::string all;
    EXPECT_FALSE(dump(log, options, [&](std::string_view line) { (all += line) += '\n'; }).has_value());
    return all;
}

constexpr std::string_view story = R"(
    shared_mutex R
    main: create t1 @start
    t1: lock A @f; lock R shared @g; unlock R @h; exit
    main: join t1 @stop
)";

TEST(dump, prints_one_line_an_event_with_names_and_places) {
    EXPECT_EQ(dumped(story),
              "main#1 agent_start\n"
              "main#1 module_load\n"
              "main#1 agent_name main#1 \"main\"\n"
              "main#1 agent_create t1#2 @ program+0x1000\n"
              "t1#2 agent_start main#1\n"
              "t1#2 agent_name t1#2 \"t1\"\n"
              "t1#2 lock_init A#1 mutex\n"
              "t1#2 acquire A#1 exclusive @ program+0x1010\n"
              "t1#2 lock_init R#2 shared-mutex\n"
              "t1#2 dependency R#2 holding A#1 shared @ program+0x1020\n"
              "t1#2 acquire R#2 shared @ program+0x1020\n"
              "t1#2 release R#2 shared @ program+0x1030\n"
              "t1#2 held_at_exit A#1 exclusive @ program+0x1040\n"
              "t1#2 agent_exit @ program+0x1040\n"
              "main#1 agent_join t1#2 @ program+0x1050\n");
}

TEST(dump, tells_which_signals_open_with_which_handler_and_what_is_held_then) {
    const std::string text =
        dumped("main: lock A @f; open 10 2; held_open A @f; signal_enter 10 2; signal_exit 10; close 10; unlock A");
    const auto begin = text.find("main#1 acquire ");
    ASSERT_NE(begin, std::string::npos);
    EXPECT_EQ(text.substr(begin),
              "main#1 acquire A#1 exclusive @ program+0x1000\n"
              "main#1 signal_open 2 10 @ program+0x1010\n"
              "main#1 held_open A#1 exclusive @ program+0x1000\n"
              "main#1 signal_enter 2 10 @ program+0x1020\n"
              "main#1 signal_exit 10 @ program+0x1030\n"
              "main#1 signal_open 0 10 @ program+0x1040\n"
              "main#1 release A#1 exclusive @ program+0x1050\n");
}

TEST(dump, prints_the_same_whatever_the_clock_said) {
    testing::log_builder_options slow;
    slow.ticks_per_record = 3'000'000;  // does not fit in a record: time records come between
    EXPECT_EQ(dumped(story, {}, slow), dumped(story));
}

TEST(dump, shows_times_addresses_and_numbers_when_asked) {
    dump_options all;
    all.times = all.addresses = all.sequences = true;
    testing::log_builder_options slow;
    slow.ticks_per_record = 3'000'000;
    const std::string text = dumped("t1: lock A @f; unlock A @g", all, slow);
    EXPECT_NE(text.find(" t1#1 acquire A#1=0x70000040 n=1 exclusive @ 0x401000 program+0x1000\n"), std::string::npos)
        << text;
    const auto time_of = [&](std::string_view what) {
        const auto at = text.find(what);
        const auto line = text.rfind('\n', at) + 1;
        return std::stod(text.substr(line));
    };
    EXPECT_NEAR(time_of("release") - time_of("acquire"), 0.006, 1e-9) << "two records of 0.003 s";
    EXPECT_GT(time_of("release"), time_of("acquire"));
}

TEST(dump, tells_losses_after_the_events) {
    const std::string text = dumped("t1: lock A @f; lose 3");
    EXPECT_NE(text.find("# offset 0x"), std::string::npos) << text;
    EXPECT_NE(text.find("events that were not recorded, of t1#1, 3\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace interlock::trace
