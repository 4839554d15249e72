// Records into an agent's chunk: reserve slots, commit them, the lead last. Chunks are claimed, headed and sealed here.
// Thread-bound; the agent is busy.
#pragma once

#include <atomic>

#include "instrument/format/payload.hpp"
#include "instrument/recorder/agent.hpp"
#include "instrument/recorder/order_check.hpp"
#include "instrument/recorder/system_call.hpp"

namespace interlock::recorder {

/// Makes room for `count` slots by sealing the chunk and claiming another; nullptr: none to be had (counted).
format::slot* reserve_in_new_chunk(agent& self, std::size_t count) noexcept;

/// `count` slots in a row, uncommitted; nullptr: no room, counted as a loss.
inline format::slot* reserve(agent& self, std::size_t count) noexcept {
    format::slot* at = self.next;
    if (__builtin_expect(static_cast<std::size_t>(self.end - at) < count, 0)) return reserve_in_new_chunk(self, count);
    self.next = at + count;
    return at;
}

/// Release store of word 0: pairs with the reader's acquire load; whoever sees it sees the whole slot, and of a wide record, whose
/// lead is committed last, the whole record.
inline void commit(format::slot& at, const format::slot& value) noexcept {
    at.word1 = value.word1;
    std::atomic_ref<std::uint64_t>(at.word0).store(value.word0, std::memory_order_release);
}

/// Ticks since the agent's previous record, 0 at level `order`. Writes a `time` record where they do not fit.
std::uint64_t write_time(agent& self, std::uint64_t now) noexcept;
inline constexpr unsigned tick_shift = 4;
inline std::uint64_t ticks(agent& self) noexcept {
    if (!self.full) return 0;
    const std::uint64_t now = time_stamp_counter() >> tick_shift;
    const std::uint64_t gap = now - self.last_ticks;
    if (__builtin_expect(gap >= format::ticks_limit, 0)) return write_time(self, now);
    self.last_ticks = now;
    return gap;
}

inline void write(agent& self, format::event_kind kind, std::uint8_t flags, format::site_id site, std::uint32_t object,
                  std::uint32_t sequence) noexcept {
    const std::uint64_t gap = ticks(self);
    if (format::slot* at = reserve(self, 1)) commit(*at, format::encode(kind, flags, site, gap, object, sequence));
}

/// What a record needs that is written at once: the ticks since the last one, and where it goes.
struct tick_gap {
    std::uint64_t now = 0;
    std::uint64_t ticks = 0;
};

/// At level full: does one record fit the chunk, and the time since the last its field? Then the time of the record is now.
__attribute__((always_inline)) inline bool may_write_at_once(const agent& self, tick_gap& gap) noexcept {
    gap.now = time_stamp_counter() >> tick_shift;
    gap.ticks = gap.now - self.last_ticks;
    return __builtin_expect(gap.ticks < format::ticks_limit, 1) && __builtin_expect(self.next != self.end, 1);
}

/// Precondition: may_write_at_once(), and nothing was written since.
__attribute__((always_inline)) inline void write_at_once(agent& self, const tick_gap& gap, format::event_kind kind,
                                                         std::uint8_t flags, format::site_id site, std::uint32_t object,
                                                         std::uint32_t sequence) noexcept {
    format::slot* at = self.next;
    self.next = at + 1;
    self.last_ticks = gap.now;
    commit(*at, format::encode(kind, flags, site, gap.ticks, object, sequence));
}

inline void write_operand(agent& self, format::event_kind kind, std::uint8_t flags, format::site_id site,
                          std::uint64_t operand) noexcept {
    if (format::slot* at = reserve(self, 1)) commit(*at, format::encode_operand(kind, flags, site, 0, operand));
}

/// A record of a lead and one continuation slot.
inline void write_wide(agent& self, format::event_kind kind, std::uint8_t flags, format::site_id site,
                       std::uint32_t object, std::uint32_t sequence, const format::slot& continuation) noexcept {
    const std::uint64_t gap = ticks(self);
    if (format::slot* at = reserve(self, 2)) {
        commit(at[1], continuation);
        commit(*at, format::encode(kind, flags, site, gap, object, sequence));
    }
}

/// Notes that events of this agent were not written; a loss record follows when there is room.
void note_loss(agent& self, format::loss_reason reason, std::uint64_t events) noexcept;

/// Seals the chunk being written; the next reserve() claims another.
void seal_chunk(agent& self) noexcept;

/// The agent has reached an event that orders it against others, `what` on `object`: what it does next is a new segment.
inline void next_segment(agent& self, format::event_kind what, std::uint32_t object) noexcept {
    self.page->segment = ++self.segment;
    self.forget_told();
    step_in_order(self.id, what, object);
}

}  // namespace interlock::recorder
