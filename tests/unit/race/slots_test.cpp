// Clocks and slots never run out: at a smaller scale of clocks, and at the full number of threads.
#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "instrument/race/runtime.hpp"
#include "instrument/race/thread.hpp"

namespace interlock::race {
namespace {

std::uint32_t next_id = 1000;
thread& make(const thread* creator) { return *make_thread(creator, format::agent_id{++next_id}); }

void join(thread& by, thread& gone) {
    end_thread(gone);
    learn(by, gone.known, 0);
    free_thread(gone);
}

TEST(slots, a_used_up_clock_goes_on_in_another_slot_and_the_past_stays_ordered) {
    clock_limit = 1000;
    thread& self = make(nullptr);
    thread& other = make(&self);
    std::vector<std::uint64_t> past;
    std::set<std::uint32_t> slots;
    for (int release = 0; release < 100'000; ++release) {
        slots.insert(self.slot);
        if (release % 997 == 0) past.push_back(stamp_of(self.slot, self.clock));
        advance(self);
        ASSERT_LT(self.clock, clock_limit);
    }
    EXPECT_GT(slots.size(), 50u);
    for (const std::uint64_t stamp : past) {
        EXPECT_TRUE(is_ordered(self, stamp));
        EXPECT_EQ(agent_at(stamp), self.id);
    }
    EXPECT_FALSE(is_ordered(other, past.back()));
    learn(other, self.known, 7);
    for (const std::uint64_t stamp : past) EXPECT_TRUE(is_ordered(other, stamp));
    clock_limit = clock_max - 2;
}

TEST(slots, a_hundred_thousand_joined_threads_need_no_more_slots_than_two_at_once) {
    thread& self = make(nullptr);
    std::set<std::uint32_t> slots;
    for (int i = 0; i < 100'000; ++i) {
        thread& made = make(&self);
        slots.insert(made.slot);
        advance(made);
        join(self, made);
        advance(self);
    }
    EXPECT_EQ(slots.size(), 1u);
    EXPECT_EQ(slots_forced(), 0u);
}

TEST(slots, a_slot_is_not_given_to_a_thread_that_does_not_know_its_past) {
    thread& self = make(nullptr);
    thread& gone = make(&self);
    const std::uint64_t last = stamp_of(gone.slot, gone.clock);
    const std::uint32_t slot = gone.slot;
    end_thread(gone);  // nobody joins it
    thread& after = make(&self);
    EXPECT_NE(after.slot, slot);
    EXPECT_FALSE(is_ordered(after, last));
    learn(self, gone.known, 0);
    free_thread(gone);
    thread& later = make(&self);
    EXPECT_EQ(later.slot, slot);
    EXPECT_TRUE(is_ordered(later, last));
    EXPECT_NE(agent_at(last), later.id);
}

TEST(slots, two_thousand_threads_at_once_have_a_slot_each) {
    thread& self = make(nullptr);
    std::vector<thread*> all;
    std::set<std::uint32_t> slots;
    for (int i = 0; i < 2000; ++i) {
        all.push_back(&make(&self));
        slots.insert(all.back()->slot);
    }
    EXPECT_EQ(slots.size(), all.size());
    for (thread* each : all) join(self, *each);
}

TEST(slots, detached_threads_beyond_all_slots_are_told) {
    thread& self = make(nullptr);
    for (int i = 0; i < 10'000; ++i) {
        thread& made = make(&self);
        end_thread(made);
        free_thread(made);
    }
    EXPECT_GT(slots_forced(), 0u);
}

}  // namespace
}  // namespace interlock::race
