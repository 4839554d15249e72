// The vocabulary as a whole: names are there once each, and what writer and reader agree on holds together.
#include "instrument/format/vocabulary.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

namespace interlock::format {
namespace {

template <typename Enum>
std::multiset<std::string_view> names() {
    std::multiset<std::string_view> all;
    for (int value = 0; value < 256; ++value)
        if (!name(static_cast<Enum>(value)).empty()) all.insert(name(static_cast<Enum>(value)));
    return all;
}

TEST(vocabulary, names_each_kind_once) {
    const auto all = names<event_kind>();
    EXPECT_EQ(std::set(all.begin(), all.end()).size(), all.size());
    EXPECT_GT(all.size(), 100u);
    EXPECT_EQ(name(event_kind::acquire), "acquire");
    EXPECT_EQ(name(event_kind::dependency_again), "dependency_again");
}

TEST(vocabulary, has_no_name_for_what_is_no_kind) {
    EXPECT_EQ(name(static_cast<event_kind>(255)), "");
    EXPECT_EQ(name(event_kind::none), "");
    EXPECT_EQ(name(static_cast<object_type>(255)), "");
    EXPECT_EQ(name(static_cast<blind_spot>(255)), "");
    EXPECT_EQ(name(static_cast<log_level>(255)), "");
}

TEST(vocabulary, leads_a_record_with_every_kind_but_a_continuation) {
    EXPECT_TRUE(is_lead(event_kind::release));
    EXPECT_FALSE(is_lead(event_kind::none));
    EXPECT_FALSE(is_lead(event_kind::continuation));
    EXPECT_FALSE(is_lead(static_cast<event_kind>(255)));
}

TEST(vocabulary, gives_traits_to_lead_kinds_alone) {
    for (int value = 0; value < 256; ++value) {
        const auto kind = static_cast<event_kind>(value);
        if (is_lead(kind)) continue;
        EXPECT_FALSE(is_numbered(kind)) << value;
        EXPECT_FALSE(ends_segment(kind)) << value;
        EXPECT_EQ(continuation_slots(kind, 5), 0u) << value;
    }
}

TEST(vocabulary, knows_how_many_slots_follow) {
    EXPECT_EQ(continuation_slots(event_kind::acquire, 9), 0u);
    EXPECT_EQ(continuation_slots(event_kind::dependency, 9), 1u);
    EXPECT_EQ(continuation_slots(event_kind::module_load, 9), module_slots);
    EXPECT_EQ(continuation_slots(event_kind::string, 0), 0u);
    EXPECT_EQ(continuation_slots(event_kind::string, 14), 1u);
    EXPECT_EQ(continuation_slots(event_kind::string, 15), 2u);
    EXPECT_EQ(continuation_slots(event_kind::stack, 3), 2u);
    EXPECT_EQ(continuation_slots(event_kind::stack, 3 | 77u << 16), 2u) << "the load epoch is no depth";
}

TEST(vocabulary, numbers_what_orders_agents_and_not_what_only_asks) {
    EXPECT_TRUE(is_numbered(event_kind::acquire));
    EXPECT_TRUE(is_numbered(event_kind::semaphore_post));
    EXPECT_FALSE(is_numbered(event_kind::request));
    EXPECT_FALSE(is_numbered(event_kind::try_failed));
}

TEST(vocabulary, ends_a_segment_at_creation_and_join_and_not_at_a_lock) {
    EXPECT_TRUE(ends_segment(event_kind::agent_create));
    EXPECT_TRUE(ends_segment(event_kind::agent_join));
    EXPECT_FALSE(ends_segment(event_kind::acquire));
    EXPECT_FALSE(ends_segment(event_kind::release));
}

}  // namespace
}  // namespace interlock::format
