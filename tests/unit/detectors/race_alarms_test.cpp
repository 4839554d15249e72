// The race runtime's alarms, as they become drafts.
#include <array>
#include <vector>

#include <gtest/gtest.h>

#include "analysis/detectors/atomicity_violations.hpp"
#include "analysis/detectors/data_races.hpp"

namespace interlock::detectors {
namespace {

using findings::verdict;
using format::event_kind;

format::race_payload race_at(std::uint64_t address) {
    format::race_payload made;
    made.later = {.address = address,
                  .size = 4,
                  .what = format::access_kind::write,
                  .stack = format::stack_id{11},
                  .agent = format::agent_id{2}};
    made.earlier = {.address = address,
                    .size = 8,
                    .what = format::access_kind::read,
                    .stack = format::stack_id{12},
                    .agent = format::agent_id{3}};
    made.last_order = format::object_id{5};
    return made;
}

/// An alarm of defect `object`, told at its n-th time.
class alarms {
public:
    void race(std::uint32_t object, std::uint32_t nth, std::uint64_t address) {
        add(event_kind::alarm_race, object, nth, 0, address, format::race_slots);
    }
    void violation(std::uint32_t object, std::uint32_t nth, bool came_between, std::uint64_t address) {
        add(event_kind::alarm_atomicity, object, nth, came_between ? format::came_between : std::uint8_t{0}, address,
            format::race_slots + 1);
    }
    /// One whose payload is not all there.
    void cut(event_kind kind, std::size_t slots) { add(kind, 9, 1, 0, 0x9000, slots); }

    data_races races;
    atomicity_violations violations;

private:
    void add(event_kind kind, std::uint32_t object, std::uint32_t nth, std::uint8_t flags, std::uint64_t address,
             std::size_t slots) {
        std::array<format::slot, format::race_slots + 1> more;
        const auto sides = format::encode(race_at(address));
        std::copy(sides.begin(), sides.end(), more.begin());
        more.back() = format::encode(format::access_payload{address, 4, format::stack_id{13}});
        trace::event e;
        e.kind = kind;
        e.object = object;
        e.sequence = nth;
        e.flags = flags;
        e.more = {more.data(), slots};
        races.see(e);
        violations.see(e);
    }
};

TEST(data_races, one_defect_however_often_it_was_told) {
    alarms seen;
    seen.race(1, 1, 0x1000);
    seen.race(1, 2, 0x1000);
    seen.race(1, 4, 0x1000);
    seen.race(2, 1, 0x2000);
    const std::vector<draft> all = seen.races.drafts({});
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].occurrences, 4u);
    EXPECT_EQ(all[1].occurrences, 1u);
    EXPECT_EQ(all[0].kind, findings::kind::data_race);
    EXPECT_EQ(all[0].verdict, verdict::observed);
    EXPECT_EQ(all[0].agent, format::agent_id{2});
    EXPECT_EQ(all[0].holder, format::agent_id{3});
    EXPECT_EQ(all[0].stack, format::stack_id{11});
    EXPECT_EQ(all[0].race, race_at(0x1000));
    EXPECT_EQ(all[0].reasons.front().what, fact::unordered);
    EXPECT_EQ(all[0].reasons.front().object, 5u);
    EXPECT_TRUE(seen.violations.drafts({}).empty());
}

TEST(data_races, lost_synchronisation_makes_them_unverifiable) {
    alarms seen;
    seen.race(1, 1, 0x1000);
    damage lost;
    lost.order_lost = true;
    EXPECT_EQ(seen.races.drafts(lost).front().verdict, verdict::unverifiable);
    EXPECT_EQ(seen.races.drafts(lost).front().reasons.front().what, fact::events_lost);
    damage wrong;
    wrong.ill_formed = true;
    EXPECT_EQ(seen.races.drafts(wrong).front().reasons.front().what, fact::ill_formed);
    damage later;
    later.segments_lost = true;
    damage unseen;
    unseen.order_unseen = true;
    EXPECT_EQ(seen.races.drafts(unseen).front().verdict, verdict::unverifiable);
    EXPECT_EQ(seen.races.drafts(unseen).front().reasons.front().what, fact::order_unseen);
    EXPECT_EQ(seen.races.drafts(later).front().verdict, verdict::observed) << "what came after changes nothing";
}

TEST(data_races, a_record_without_all_of_its_payload_is_passed_over) {
    alarms seen;
    seen.cut(event_kind::alarm_race, format::race_slots - 1);
    seen.cut(event_kind::alarm_atomicity, format::race_slots);
    EXPECT_TRUE(seen.races.drafts({}).empty());
    EXPECT_TRUE(seen.violations.drafts({}).empty());
}

TEST(atomicity_violations, without_a_witness_they_are_hints) {
    alarms seen;
    seen.violation(1, 1, false, 0x1000);
    const std::vector<draft> all = seen.violations.drafts({});
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].kind, findings::kind::atomicity_violation);
    EXPECT_EQ(all[0].verdict, verdict::potential);
    EXPECT_EQ(all[0].reasons.front().what, fact::may_come_between);
    EXPECT_EQ(all[0].check, format::stack_id{13});
    EXPECT_TRUE(seen.races.drafts({}).empty());
}

TEST(atomicity_violations, a_witness_is_told_whenever_it_comes) {
    for (const bool witness_first : {true, false}) {
        alarms seen;
        seen.violation(1, 1, witness_first, witness_first ? 0x2000 : 0x1000);
        seen.violation(1, 2, !witness_first, witness_first ? 0x1000 : 0x2000);
        const std::vector<draft> all = seen.violations.drafts({});
        ASSERT_EQ(all.size(), 1u);
        EXPECT_EQ(all[0].verdict, verdict::observed);
        EXPECT_EQ(all[0].occurrences, 2u);
        EXPECT_EQ(all[0].race->later.address, 0x2000u) << "the instance that is a witness";
        EXPECT_EQ(all[0].reasons.front().what, fact::came_between);
    }
}

}  // namespace
}  // namespace interlock::detectors
