// What a kind of record implies, as far as writer and reader must agree on it: how many slots follow, whether `sequence` is
// the object's own number, whether a segment ends. The kinds themselves: event.hpp. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "instrument/format/payload.hpp"

namespace interlock::format {

/// `sequence` counts the operations of the object (1, 2, 3 ...; 0: not numbered), which orders records of different agents.
inline constexpr event_kind numbered_kinds[] = {
    event_kind::acquire,
    event_kind::release,
    event_kind::condition_wait,
    event_kind::condition_wake,
    event_kind::condition_timed_out,
    event_kind::notify_one,
    event_kind::notify_all,
    event_kind::semaphore_acquire,
    event_kind::semaphore_post,
    event_kind::barrier_arrive,
    event_kind::barrier_complete,
    event_kind::barrier_drop,
    event_kind::latch_count_down,
    event_kind::latch_pass,
    event_kind::once_done,
    event_kind::once_pass,
    event_kind::event_set,
    event_kind::event_reset,
    event_kind::event_pass,
    event_kind::future_get,
    event_kind::future_set,
    event_kind::future_abandon,
    event_kind::queue_put,
    event_kind::queue_get,
    event_kind::queue_task_done,
    event_kind::queue_join,
    event_kind::queue_shutdown,
    event_kind::futex_wait,
    event_kind::futex_wake,
};

/// The agent's segment ends with this event: what follows it belongs to the next one.
inline constexpr event_kind segment_ends[] = {
    event_kind::agent_create,     event_kind::agent_start,  event_kind::agent_join,       event_kind::barrier_arrive,
    event_kind::barrier_complete, event_kind::barrier_drop, event_kind::latch_count_down, event_kind::latch_pass,
    event_kind::once_done,        event_kind::once_pass,    event_kind::event_set,        event_kind::event_pass,
    event_kind::future_get,       event_kind::future_set,   event_kind::future_abandon,   event_kind::task_submit,
    event_kind::task_start,       event_kind::task_finish,  event_kind::task_wait,        event_kind::fork_parent,
    event_kind::test_begin,       event_kind::test_end,
};

/// One continuation slot follows.
inline constexpr event_kind one_slot_kinds[] = {
    event_kind::held_set,
    event_kind::lock_init,
    event_kind::join_dependency,
    event_kind::release_by_non_holder,
    event_kind::overrun,
    event_kind::spurious_wake,
    event_kind::dependency,
    event_kind::read,
    event_kind::write,
    event_kind::allocation,
    event_kind::condition_wait,
    event_kind::futex_wait,
    event_kind::futex_wake,
    event_kind::deallocation,
    event_kind::destroy_while_held,
    event_kind::reinit_while_held,
    event_kind::broken_promise,
    event_kind::pool_exhausted,
    event_kind::handler_overran,
    event_kind::suspend_holding,
};

struct kind_traits {
    bool numbered = false;
    bool ends_segment = false;
    std::uint8_t fixed_slots = 0;  // continuation slots, of kinds that always have as many
};

inline constexpr std::array<kind_traits, 256> traits_of_kinds = [] {
    std::array<kind_traits, 256> table{};
    for (const event_kind kind : numbered_kinds) table[static_cast<std::uint8_t>(kind)].numbered = true;
    for (const event_kind kind : segment_ends) table[static_cast<std::uint8_t>(kind)].ends_segment = true;
    for (const event_kind kind : one_slot_kinds) table[static_cast<std::uint8_t>(kind)].fixed_slots = 1;
    table[static_cast<std::uint8_t>(event_kind::module_load)].fixed_slots = module_slots;
    table[static_cast<std::uint8_t>(event_kind::alarm_race)].fixed_slots = race_slots;
    table[static_cast<std::uint8_t>(event_kind::alarm_atomicity)].fixed_slots = race_slots + 1;
    return table;
}();

constexpr bool is_numbered(event_kind kind) noexcept {
    return traits_of_kinds[static_cast<std::uint8_t>(kind)].numbered;
}
constexpr bool ends_segment(event_kind kind) noexcept {
    return traits_of_kinds[static_cast<std::uint8_t>(kind)].ends_segment;
}

/// Continuation slots that follow the lead slot with this kind and sequence. A reader holds the claim against what is there.
constexpr std::size_t continuation_slots(event_kind kind, std::uint32_t sequence) noexcept {
    if (kind == event_kind::stack) return stack_slots(sequence & 0xffff);
    if (kind == event_kind::string) return string_slots(sequence);
    return traits_of_kinds[static_cast<std::uint8_t>(kind)].fixed_slots;
}

}  // namespace interlock::format
