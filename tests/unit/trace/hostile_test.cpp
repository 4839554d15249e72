// Logs that somebody made to hurt: every checksum fits, and ids, counts and links say what they like.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "analysis/trace/dump.hpp"
#include "analysis/trace/trace.hpp"
#include "tests/support/allocation_meter.hpp"
#include "tests/support/trace_text.hpp"

namespace interlock::trace {
namespace {

using format::event_kind;
using format::number;
using format::slot;
using testing::log_builder;

constexpr std::size_t memory_max = std::size_t{64} << 20;
constexpr std::size_t file_size = std::size_t{1} << 20;

/// Most memory that reading `image` took.
std::size_t memory_to_read(const testing::log_image& image) {
    testing::reset_allocated_bytes_max();
    const std::size_t before = testing::allocated_bytes();
    trace log;
    EXPECT_FALSE(log.adopt("hostile.ilk", image.bytes()).has_value());
    EXPECT_FALSE(log.feed([](auto) {}, expectation::nothing_more).has_value());
    (void)log.present();
    return testing::allocated_bytes_max() - before;
}

/// A log of about a mebibyte, of what `write` writes.
template <typename Write>
testing::log_image filled_log(Write write) {
    log_builder log;
    const auto agent = log.make_agent();
    for (std::uint32_t i = 1; log.image_size() < file_size; ++i) write(log, agent, i);
    return log.image();
}

TEST(hostile, ids_do_not_size_tables) {
    const slot object[] = {format::encode(format::object_payload{})};
    const slot held[] = {format::encode(format::held_set_payload{})};
    EXPECT_LT(memory_to_read(filled_log([&](log_builder& log, auto agent, std::uint32_t i) {
                  log.record(agent, event_kind::lock_init, 1, {}, 0u - i, 0, object);
              })),
              memory_max);
    EXPECT_LT(memory_to_read(filled_log([&](log_builder& log, auto agent, std::uint32_t i) {
                  log.record(agent, event_kind::acquire, 0, {}, i * 0x9E37'79B9u, 1);
              })),
              memory_max);
    EXPECT_LT(memory_to_read(filled_log([&](log_builder& log, auto agent, std::uint32_t i) {
                  log.record(agent, event_kind::held_set, 0, {}, 0u - i, 0u - i - 1, held);
              })),
              memory_max);
    EXPECT_LT(memory_to_read(filled_log([&](log_builder& log, auto agent, std::uint32_t i) {
                  log.record(agent, event_kind::agent_create, 0, {}, 0u - i, 0);
              })),
              memory_max);
}

TEST(hostile, numbers_that_never_come_cost_no_memory_and_end) {
    EXPECT_LT(memory_to_read(filled_log([&](log_builder& log, auto agent, std::uint32_t i) {
                  log.record(agent, event_kind::acquire, 0, {}, 1, i * 1000);
              })),
              memory_max);
}

TEST(hostile, counts_are_held_against_what_is_there) {
    // A string that claims four gigabytes, a stack that claims 65,535 frames: the slots are not there.
    log_builder log;
    const auto agent = log.make_agent();
    log.record(agent, event_kind::agent_start, 0, {}, 0, 1);
    testing::log_image image = log.image();
    auto* const slots =
        reinterpret_cast<slot*>(image.bytes().data() + 2 * format::page_size + sizeof(format::chunk_header));
    slots[1] = format::encode(event_kind::string, 0, {}, 0, 1, 0xffff'ffff);
    slots[2] = format::encode(event_kind::stack, 0, {}, 0, 1, 0xffff'ffff);
    slots[3] = format::encode(event_kind::agent_exit, 0, {}, 0, 0, 0);
    testing::reset_allocated_bytes_max();
    const std::size_t before = testing::allocated_bytes();
    trace made;
    ASSERT_FALSE(made.adopt("hostile.ilk", image.bytes()).has_value());
    std::size_t events = 0;
    ASSERT_FALSE(made.feed([&](auto batch) { events += batch.size(); }, expectation::nothing_more).has_value());
    EXPECT_EQ(events, 2u) << "what can be read is read";
    ASSERT_EQ(made.losses().size(), 1u);
    EXPECT_EQ(made.losses()[0].kind, loss_kind::record_cut);
    EXPECT_EQ(made.losses()[0].count, 2u);
    EXPECT_LT(testing::allocated_bytes_max() - before, std::size_t{1} << 20);
}

TEST(hostile, held_paths_end_although_parents_go_round) {
    log_builder log;
    const auto agent = log.make_agent();
    const slot held[] = {format::encode(format::held_set_payload{format::object_id{1}, 0, {}, false})};
    log.record(agent, event_kind::held_set, 0, {}, 1, 2, held);
    log.record(agent, event_kind::held_set, 0, {}, 2, 1, held);
    log.record(agent, event_kind::held_set, 0, {}, 1, 2, held);
    log.record(agent, event_kind::held_set, 0, {}, 3, 3, held);
    const testing::log_image image = log.image();
    trace made;
    ASSERT_FALSE(made.adopt("hostile.ilk", image.bytes()).has_value());
    ASSERT_FALSE(made.feed([](auto) {}, expectation::nothing_more).has_value());
    std::vector<held_step> path;
    for (std::uint32_t id = 0; id < 5; ++id) {
        made.names().held_path(agent, format::held_set_id{id}, path);
        EXPECT_LE(path.size(), 3u);
    }
}

TEST(hostile, spill_chains_end_although_links_go_round) {
    auto made = testing::make_log("t1: lock A; lock B");
    auto& page = *reinterpret_cast<format::state_page*>(made.image.bytes().data() + format::page_size);
    page.held_count = 0xffff'ffff;
    page.next = format::page_size;
    trace log;
    ASSERT_FALSE(log.adopt("hostile.ilk", made.image.bytes()).has_value());
    ASSERT_FALSE(log.feed([](auto) {}, expectation::nothing_more).has_value());
    const auto present = log.present();
    ASSERT_EQ(present.size(), 1u);
    EXPECT_FALSE(present[0].intact);
    EXPECT_EQ(present[0].holds.size(), 2u);
}

TEST(hostile, names_do_not_reach_a_terminal_raw) {
    const auto made = testing::make_log("t1: lock A\nt1: name A \x1b[31mred\x07");
    trace log;
    ASSERT_FALSE(log.adopt("hostile.ilk", made.image.bytes()).has_value());
    std::string all;
    ASSERT_FALSE(dump(log, {}, [&](std::string_view line) { all += line; }).has_value());
    EXPECT_EQ(all.find('\x1b'), std::string::npos);
    EXPECT_EQ(all.find('\x07'), std::string::npos);
    EXPECT_NE(all.find("\\x1b[31mred\\x07"), std::string::npos);
}

}  // namespace
}  // namespace interlock::trace
