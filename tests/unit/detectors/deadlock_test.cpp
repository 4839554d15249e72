// Deadlocks among many agents, and pages that contradict each other: what whole logs would be long for.
#include "analysis/detectors/deadlock.hpp"

#include <gtest/gtest.h>

namespace interlock::detectors {
namespace {

using format::agent_id;
using format::object_id;

trace::agent_present agent(std::uint32_t id, std::uint32_t holds, std::uint32_t wants) {
    trace::agent_present made;
    made.agent = agent_id{id};
    made.offset = std::uint64_t{id} * format::page_size;
    made.state = format::agent_state::running;
    if (holds != 0) {
        trace::present_hold hold;
        hold.object = object_id{holds};
        made.holds.push_back(hold);
    }
    if (wants != 0) {
        made.wants = true;
        made.want.object = object_id{wants};
        made.want.operation = format::event_kind::request;
    }
    return made;
}

std::vector<draft> found_in(const std::vector<trace::agent_present>& present) {
    const graph::lock_graph graph;
    deadlock_sources sources;
    sources.present = present;
    sources.graph = &graph;
    return find_deadlocks(sources);
}

/// Agents first..last, each of which wants what the next holds; the last wants `end`.
void chain(std::vector<trace::agent_present>& into, std::uint32_t first, std::uint32_t last, std::uint32_t end) {
    for (std::uint32_t id = first; id <= last; ++id) into.push_back(agent(id, id, id == last ? end : id + 1));
}

TEST(deadlock, of_two_is_found_behind_a_queue_of_thousands) {
    std::vector<trace::agent_present> present;
    chain(present, 1, 20'000, 20'001);
    EXPECT_EQ(found_in(present).size(), 0u) << "nobody holds what the last one wants";
    chain(present, 20'001, 20'002, 20'001);
    const std::vector<draft> found = found_in(present);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].sides.size(), 2u);
}

TEST(deadlock, of_thousands_is_told_whole) {
    std::vector<trace::agent_present> present;
    chain(present, 1, 20'000, 1);
    const std::vector<draft> found = found_in(present);
    ASSERT_EQ(found.size(), 1u);
    ASSERT_EQ(found[0].sides.size(), 20'000u);
    for (std::size_t i = 0; i < found[0].sides.size(); ++i)
        ASSERT_EQ(found[0].sides[i].wanted, found[0].sides[(i + 1) % found[0].sides.size()].held);
}

TEST(deadlock, each_of_several_is_told) {
    std::vector<trace::agent_present> present;
    chain(present, 1, 2, 1);
    chain(present, 11, 13, 11);
    EXPECT_EQ(found_in(present).size(), 2u);
}

TEST(deadlock, over_a_lock_with_two_exclusive_holders_is_unverifiable) {
    std::vector<trace::agent_present> present;
    chain(present, 1, 2, 1);
    present.push_back(agent(3, 1, 0));
    const std::vector<draft> found = found_in(present);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].verdict, findings::verdict::unverifiable);
}

TEST(deadlock, needs_agents_that_stand_still) {
    std::vector<trace::agent_present> present;
    chain(present, 1, 2, 1);
    ASSERT_EQ(found_in(present).size(), 1u);
    present[0].settled = false;
    EXPECT_EQ(found_in(present).size(), 0u);
    present[0].settled = true;
    present[0].state = format::agent_state::exited;
    EXPECT_EQ(found_in(present).size(), 0u);
}

TEST(deadlock, is_none_in_the_moment_after_an_acquisition) {
    std::vector<trace::agent_present> present;
    present.push_back(agent(1, 1, 1));  // the hold is entered, the want not yet cleared
    present.push_back(agent(2, 2, 1));
    EXPECT_EQ(found_in(present).size(), 0u);
}

}  // namespace
}  // namespace interlock::detectors
