// What an agent's state page says of its holds after any order of releases.
#include "instrument/recorder/holds.hpp"

#include "instrument/recorder/process.hpp"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <random>
#include <set>

namespace interlock::recorder {
namespace {

struct holder {
    std::unique_ptr<format::state_page> page = std::make_unique<format::state_page>();
    std::unique_ptr<agent> self = std::make_unique<agent>();

    holder() { self->page = page.get(); }
    void add(std::uint32_t object) {
        while (process.objects.born() < object)
            process.objects.birth(process.memory, 0x1000, format::object_type::mutex);
        add_hold(*self, format::object_id{object}, 0, 0x1000, {}, {});
    }
    void remove(std::uint32_t object) { remove_hold(*self, find_hold(*self, format::object_id{object})); }
    std::multiset<std::uint32_t> told() const {
        std::multiset<std::uint32_t> objects;
        for (std::uint32_t i = 0; i < page->held_count; ++i)
            if (page->held[i].lead != 0) objects.insert(format::number(format::hold_object(page->held[i].lead)));
        return objects;
    }
    bool is_empty_beyond_count() const {
        for (std::uint32_t i = page->held_count; i < format::state_held_entries; ++i)
            if (page->held[i].lead != 0) return false;
        return true;
    }
};

TEST(holds, leave_nothing_beyond_the_count_when_gaps_close) {
    holder h;
    for (std::uint32_t object = 1; object <= 40; ++object) h.add(object);
    for (std::uint32_t object = 1; object <= 30; ++object) h.remove(object);
    EXPECT_LT(h.page->held_count, 40u) << "the gaps were closed";
    EXPECT_TRUE(h.is_empty_beyond_count());
    EXPECT_EQ(h.told().size(), 10u);
}

TEST(holds, tell_what_is_held_after_any_order_of_releases) {
    std::mt19937 random(7);
    holder h;
    std::multiset<std::uint32_t> held;
    for (int step = 0; step < 20'000; ++step) {
        const auto object = static_cast<std::uint32_t>(1 + random() % 50);
        if (held.contains(object)) {
            h.remove(object);
            held.erase(object);
        } else if (held.size() < 28) {  // gaps included, it stays on the first page
            h.add(object);
            held.insert(object);
        }
        ASSERT_EQ(h.told(), held);
        ASSERT_TRUE(h.is_empty_beyond_count());
        ASSERT_EQ(h.self->held_count() - h.self->gaps, held.size());
    }
}

TEST(wants, tell_the_callers_where_the_lock_is_busy) {
    holder h;
    // Two frames as frame pointers chain them: where the caller's frame lies, and where it returns to.
    std::array<std::uintptr_t, 8> stack{};
    const auto at = [&](std::size_t i) { return reinterpret_cast<std::uintptr_t>(&stack[i]); };
    stack[2] = at(4);
    stack[3] = 0x1111;
    stack[5] = 0x2222;
    h.self->stack_low = at(0);
    h.self->stack_top = at(8);
    site_entry site{};
    site.caller_depth = 2;
    const call_point from{0x1000, at(1), at(2)};
    const auto want = [&](std::uint8_t flags) {
        set_want(*h.self, format::object_id{1}, flags, format::event_kind::request, from, site);
    };
    want(0);
    EXPECT_EQ(h.page->want_callers[0], 0u);
    h.page->want_callers_beyond[0] = 0x3333;  // left over from a want that was unwound
    want(format::lock_flags::contended);
    EXPECT_EQ(h.page->want_callers[0], 0x1111u);
    EXPECT_EQ(h.page->want_callers[1], 0x2222u);
    EXPECT_EQ(h.page->want_callers[2], 0u);
    EXPECT_EQ(h.page->want_callers_beyond[0], 0u);
}

}  // namespace
}  // namespace interlock::recorder
