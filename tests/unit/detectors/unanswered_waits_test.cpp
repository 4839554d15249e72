// What the pages of a killed process leave open.
#include "analysis/detectors/unanswered_waits.hpp"

#include <utility>

#include <gtest/gtest.h>

namespace interlock::detectors {
namespace {

using format::agent_id;
using format::event_kind;
using trace::agent_present;

agent_present agent(std::uint32_t id) {
    agent_present made;
    made.agent = agent_id{id};
    made.state = format::agent_state::running;
    return made;
}

agent_present holding(agent_present who, std::uint32_t lock) {
    trace::present_hold hold;
    hold.object = format::object_id{lock};
    who.holds.push_back(hold);
    return who;
}

agent_present wanting(agent_present who, std::uint32_t object, event_kind operation = event_kind::request,
                      std::uint8_t flags = 0) {
    who.wants = true;
    who.want.object = format::object_id{object};
    who.want.operation = operation;
    who.want.flags = flags;
    return who;
}

using answers = std::vector<std::pair<unanswered, std::uint32_t>>;

answers left_open(const std::vector<agent_present>& present, const std::vector<draft>& told = {},
                  bool signals_known = false) {
    answers made;
    for (const unanswered_wait& one : find_unanswered_waits(present, told, signals_known))
        made.emplace_back(one.what, number(one.agent));
    return made;
}

TEST(unanswered_waits, are_those_for_a_lock_that_nobody_in_the_log_has) {
    EXPECT_EQ(left_open({agent(1), wanting(agent(2), 7)}), (answers{{unanswered::holder, 2}}));
    EXPECT_EQ(left_open({holding(agent(1), 7), wanting(agent(2), 7)}), answers{});
}

TEST(unanswered_waits, are_those_for_signals_where_everybody_waits) {
    const agent_present waits = wanting(agent(2), 7, event_kind::condition_wait);
    const agent_present joins = wanting(agent(1), 2, event_kind::join_request);
    EXPECT_EQ(left_open({joins, waits}), (answers{{unanswered::signals, 2}}));
    EXPECT_EQ(left_open({agent(1), waits}), answers{}) << "one that runs may signal";
    EXPECT_EQ(left_open({joins, waits}, {}, true), answers{}) << "a stall would have been found";
}

TEST(unanswered_waits, are_not_those_that_are_told_or_end_by_themselves) {
    EXPECT_EQ(left_open({wanting(agent(2), 7, event_kind::request, format::lock_flags::timed)}), answers{});
    draft told;
    told.stuck = true;
    told.sides.push_back({.agent = agent_id{2}, .held = {}, .wanted = {}, .guards = {}});
    EXPECT_EQ(left_open({wanting(agent(2), 7)}, {told}), answers{});
    told.stuck = false;
    EXPECT_EQ(left_open({wanting(agent(2), 7)}, {told}), (answers{{unanswered::holder, 2}})) << "told of another time";
}

}  // namespace
}  // namespace interlock::detectors
