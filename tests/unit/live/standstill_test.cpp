// Looks at agents at moments that the test makes up.
#include "analysis/live/standstill.hpp"

#include <gtest/gtest.h>

namespace interlock::live {
namespace {

using format::event_kind;
using trace::agent_present;
using pages = std::vector<std::uint64_t>;

constexpr double gap_max = 2;

agent_present agent(std::uint32_t id, std::uint32_t holds, std::uint32_t wants,
                    event_kind operation = event_kind::request) {
    agent_present made;
    made.agent = format::agent_id{id};
    made.offset = id;
    made.state = format::agent_state::running;
    if (holds != 0) made.holds.push_back({{}, format::object_id{holds}, 0, 1});
    made.wants = wants != 0;
    made.want.object = format::object_id{wants};
    made.want.operation = operation;
    return made;
}

TEST(bound_in_cycles, are_those_of_the_cycle_and_behind_it) {
    const std::vector<agent_present> agents{agent(1, 11, 12), agent(2, 12, 11), agent(3, 13, 11), agent(4, 14, 0),
                                            agent(5, 15, 14)};
    EXPECT_EQ(bound_in_cycles(agents), (pages{1, 2, 3}));
}

TEST(bound_in_cycles, may_lead_over_joins) {
    EXPECT_EQ(bound_in_cycles(std::vector{agent(1, 11, 2, event_kind::join_request), agent(2, 0, 11)}), (pages{1, 2}));
}

TEST(bound_in_cycles, are_none_where_a_request_gives_up_or_has_no_owner) {
    std::vector<agent_present> agents{agent(1, 11, 12), agent(2, 12, 11)};
    agents[0].want.flags = format::lock_flags::timed;
    EXPECT_TRUE(bound_in_cycles(agents).empty());
    agents[0].want.flags = 0;
    EXPECT_FALSE(bound_in_cycles(agents).empty());
    agents[0].want.operation = event_kind::condition_wait;
    EXPECT_TRUE(bound_in_cycles(agents).empty());
}

TEST(bound_in_cycles, may_lead_over_a_mutex_that_a_condition_wait_acquires_again) {
    std::vector<agent_present> agents{agent(1, 11, 21, event_kind::condition_wait), agent(2, 12, 11), agent(3, 0, 0)};
    agents[0].want.mutex = format::object_id{12};
    agents[0].want.flags = format::lock_flags::timed;
    trace::bind_condition_waits(agents);
    EXPECT_EQ(bound_in_cycles(agents), (pages{1, 2})) << "a time-out ends the wait for the condition alone";
    EXPECT_EQ(number(agents[0].want.condition), 21u);

    agents[0] = agent(1, 11, 21, event_kind::condition_wait);
    agents[0].want.mutex = format::object_id{13};
    trace::bind_condition_waits(agents);
    EXPECT_EQ(agents[0].want.operation, event_kind::condition_wait) << "nobody has the mutex: a notification suffices";
    EXPECT_TRUE(bound_in_cycles(agents).empty());
}

TEST(bound_in_cycles, may_lead_over_other_processes) {
    std::vector<agent_present> here{agent(1, 11, 12), agent(2, 13, 11)};
    std::vector<agent_present> there{agent(1, 21, 22), agent(2, 23, 0)};
    here[0].thread = 101;
    there[0].thread = 201;
    there[1].thread = 202;
    const auto bound = [&](std::uint32_t owner_there, std::uint32_t owner_here) {
        const process_look both[] = {{here, {{format::agent_id{1}, owner_there}}},
                                     {there, {{format::agent_id{1}, owner_here}}}};
        return bound_in_cycles(both);
    };
    EXPECT_EQ(bound(201, 101), (std::vector<pages>{{1, 2}, {1}}));
    EXPECT_EQ(bound(202, 101), (std::vector<pages>{{}, {}})) << "whose owner runs";
    EXPECT_EQ(bound(999, 101), (std::vector<pages>{{}, {}})) << "whose owner nobody records";
}

TEST(standstill, is_what_two_looks_agree_on) {
    std::vector<agent_present> agents{agent(1, 11, 12), agent(2, 12, 11)};
    const pages both{1, 2};
    standstill still;
    still.look(agents, {0, 0}, gap_max);
    EXPECT_FALSE(still.unmoved(both));
    agents[1].moves = 1;
    still.look(agents, {0.1, 0.1}, gap_max);
    EXPECT_FALSE(still.unmoved(both));
    still.look(agents, {0.2, 0.2}, gap_max);
    EXPECT_TRUE(still.unmoved(both));
}

TEST(standstill, grows_old_by_looks) {
    const std::vector<agent_present> agents{agent(1, 0, 12), agent(2, 12, 0)};
    standstill still;
    for (int i = 0; i <= 10; ++i) still.look(agents, {i * 1.0, i * 1.0}, gap_max);
    EXPECT_DOUBLE_EQ(still.age(1), 10);
    EXPECT_EQ(still.waiting_for(10), pages{1}) << "the other waits for nothing";
    EXPECT_TRUE(still.waiting_for(10.5).empty());
}

TEST(standstill, does_not_count_a_suspended_machine) {
    const std::vector<agent_present> agents{agent(1, 0, 12)};
    standstill still;
    still.look(agents, {0, 0}, gap_max);
    still.look(agents, {1, 1}, gap_max);
    still.look(agents, {7201.5, 1.5}, gap_max);  // the clock that stops meanwhile says half a second
    EXPECT_DOUBLE_EQ(still.age(1), 1);
    still.look(agents, {7202.5, 2.5}, gap_max);
    EXPECT_DOUBLE_EQ(still.age(1), 2);
}

TEST(standstill, does_not_count_what_the_watcher_itself_missed) {
    const std::vector<agent_present> agents{agent(1, 0, 12)};
    standstill still;
    still.look(agents, {0, 0}, gap_max);
    still.look(agents, {60, 60}, gap_max);
    EXPECT_DOUBLE_EQ(still.age(1), 0);
}

}  // namespace
}  // namespace interlock::live
