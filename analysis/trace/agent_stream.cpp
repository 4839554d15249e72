#include "analysis/trace/agent_stream.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "instrument/format/crc32c.hpp"
#include "instrument/format/vocabulary.hpp"

namespace interlock::trace {
namespace {

using format::event_kind;
using format::slot;

/// What the checking pass does with a kind.
struct kind_use {
    bool lead = false;     // may begin a record
    bool defines = false;  // definitions::read wants it
    bool plain = false;    // one slot, and nothing to be done with it here
};

const std::array<kind_use, 256>& uses_of_kinds() {
    static const std::array<kind_use, 256> table = [] {
        std::array<kind_use, 256> made{};
        for (std::size_t value = 0; value < made.size(); ++value)
            made[value].lead = format::is_lead(static_cast<event_kind>(value));
        for (const event_kind kind :
             {event_kind::site,          event_kind::stack,       event_kind::string,     event_kind::module_load,
              event_kind::module_unload, event_kind::held_set,    event_kind::blind_spot, event_kind::exec_failed,
              event_kind::agent_create,  event_kind::agent_start, event_kind::agent_exit, event_kind::agent_join,
              event_kind::agent_detach,  event_kind::agent_name,  event_kind::lock_init,  event_kind::lock_destroy,
              event_kind::lock_name,     event_kind::lock_class,  event_kind::lock_rank,  event_kind::dependency})
            made[static_cast<std::uint8_t>(kind)].defines = true;
        for (std::size_t value = 0; value < made.size(); ++value) {
            const auto kind = static_cast<event_kind>(value);
            made[value].plain = made[value].lead && !made[value].defines && kind != event_kind::loss &&
                                format::continuation_slots(kind, 1) == 0;
        }
        return made;
    }();
    return table;
}

/// The first slot from `from` on, before `end`, that is not simply one more record. `trusted`: a checksum covers them.
std::uint64_t skip_plain(const slot* slots, std::uint64_t from, std::uint64_t end, bool trusted) noexcept {
    const auto* const uses = uses_of_kinds().data();
    for (; from < end; ++from) {
        const std::uint64_t word0 = __atomic_load_n(&slots[from].word0, __ATOMIC_ACQUIRE);  // as is_committed()
        if (!uses[word0 & 0xff].plain) break;
        if (!trusted && !format::is_intact({word0, slots[from].word1})) break;
    }
    return from;
}

/// The first word decides whether a slot is there. Pairs with the recorder's release store of it.
bool is_committed(const slot& s) noexcept { return __atomic_load_n(&s.word0, __ATOMIC_ACQUIRE) != 0; }

}  // namespace

void agent_stream::add(const chunk_place& place) {
    capacity_ += place.capacity;
    // Chunks already passed stay where they are: a late one before them is out of its turn and told as such.
    const auto from = chunks_.begin() + static_cast<std::ptrdiff_t>(position_ + (inside_ ? 1 : 0));
    const auto at = std::upper_bound(from, chunks_.end(), place.index,
                                     [](std::uint32_t index, const chunk_place& c) { return index < c.index; });
    chunks_.insert(at, place);
}

bool agent_stream::has_chunk_at(std::uint64_t offset) const noexcept {
    return std::any_of(chunks_.begin(), chunks_.end(), [&](const chunk_place& c) { return c.offset == offset; });
}

void agent_stream::check(const log_file& file, bool last, stream_results results, std::vector<run>& runs) {
    while (position_ < chunks_.size()) {
        if (!inside_ && !enter(last, results)) {
            if (position_ < chunks_.size() && chunks_[position_].index < next_index_) {
                ++position_;
                continue;
            }
            return;
        }
        if (!check_chunk(file, last, results, runs)) return;
        inside_ = false;
        ++position_;
    }
}

/// False: the chunk at position_ is not to be read, or not yet.
bool agent_stream::enter(bool last, stream_results results) {
    const chunk_place& chunk = chunks_[position_];
    if (chunk.index < next_index_) {
        results.losses.push_back({.kind = loss_kind::bad_reference, .agent = agent_, .offset = chunk.offset});
        return false;
    }
    if (chunk.index > next_index_) {
        if (!last) return false;
        gap_ = true;
        results.losses.push_back({.kind = loss_kind::chunk_missing,
                                  .agent = agent_,
                                  .offset = chunk.offset,
                                  .count = chunk.index - next_index_});
    }
    next_index_ = std::uint64_t{chunk.index} + 1;
    inside_ = true;
    new_chunk_ = true;
    sealed_ = false;
    seal_read_ = false;
    slot_ = 0;
    return true;
}

void agent_stream::note(loss_kind kind, std::uint64_t at, std::uint64_t count, stream_results results) {
    const std::uint64_t offset = chunks_[position_].offset + sizeof(format::chunk_header) + at * sizeof(slot);
    if (kind != loss_kind::in_flight) gap_ = true;
    if (!results.losses.empty()) {
        loss& before = results.losses.back();
        if (before.kind == kind && before.agent == agent_ && before.offset + before.count * sizeof(slot) == offset) {
            before.count += count;
            return;
        }
    }
    results.losses.push_back({.kind = kind, .agent = agent_, .offset = offset, .count = count});
}

void agent_stream::read_seal(const log_file& file, stream_results results) {
    const chunk_place& chunk = chunks_[position_];
    const auto* const word =
        reinterpret_cast<const std::uint64_t*>(file.at(chunk.offset + offsetof(format::chunk_header, sealed)));
    const std::uint64_t seal = __atomic_load_n(word, __ATOMIC_ACQUIRE);  // pairs with the recorder's release store
    if (seal == 0) return;
    seal_read_ = true;
    const std::uint64_t size = seal & 0xffff'ffff;
    const std::byte* const slots = file.at(chunk.offset + sizeof(format::chunk_header));
    if (size % sizeof(slot) == 0 && size / sizeof(slot) <= chunk.capacity &&
        format::crc32c(slots, size) == static_cast<std::uint32_t>(seal >> 32)) {
        sealed_ = true;
        end_ = size / sizeof(slot);
        return;
    }
    // A chunk that the file's end cuts is told by `truncated`, once for all.
    if (!chunk.cut)
        results.losses.push_back({.kind = loss_kind::checksum_mismatch, .agent = agent_, .offset = chunk.offset});
}

void agent_stream::close_run(std::vector<run>& runs) {
    if (open_.slots != 0) runs.push_back(open_);
    open_ = run{};
}

/// The next `slots` slots are good records.
void agent_stream::extend_run(std::uint64_t slots) {
    const chunk_place& chunk = chunks_[position_];
    if (open_.slots == 0) {
        open_ = {.offset = chunk.offset + sizeof(format::chunk_header) + slot_ * sizeof(slot),
                 .segment = chunk.segment,
                 .base_ticks = chunk.base_ticks,
                 .timed = chunk.timed,
                 .new_chunk = new_chunk_,
                 .gap = gap_};
        new_chunk_ = false;
        gap_ = false;
    }
    open_.slots += static_cast<std::uint32_t>(slots);
    slot_ += slots;
}

/// `end`: slots there are from `slots` on.
agent_stream::record_check agent_stream::read_record(const slot* slots, std::uint64_t end, stream_results results) {
    const slot& lead = *slots;
    const auto kind = format::kind_of(lead);
    const kind_use use = uses_of_kinds()[static_cast<std::uint8_t>(kind)];
    if (!use.lead) return {0, loss_kind::slot_damaged};
    const std::size_t more = format::continuation_slots(kind, format::sequence_of(lead));
    if (more >= end) return {0, loss_kind::record_cut};
    for (std::size_t part = 1; part <= more; ++part)
        if (format::kind_of(slots[part]) != event_kind::continuation || !format::is_intact(slots[part]))
            return {0, loss_kind::slot_damaged};
    ++results.counted.records;
    if (use.defines && !results.names.read(agent_, agent_number_, {slots, more + 1}))
        note(loss_kind::bad_reference, slot_, 1, results);
    if (kind == event_kind::loss) {
        results.losses.push_back(
            {.kind = loss_kind::events_lost,
             .reason = static_cast<format::loss_reason>(format::flags_of(lead)),
             .agent = agent_,
             .offset = chunks_[position_].offset + sizeof(format::chunk_header) + slot_ * sizeof(slot),
             .count = format::sequence_of(lead)});
        results.counted.lost_events += format::sequence_of(lead);
    }
    return {more + 1, loss_kind::slot_damaged};
}

/// True: the chunk is read to its end and will not go on.
bool agent_stream::check_chunk(const log_file& file, bool last, stream_results results, std::vector<run>& runs) {
    const chunk_place& chunk = chunks_[position_];
    if (!seal_read_) read_seal(file, results);
    const auto* const slots = reinterpret_cast<const slot*>(file.at(chunk.offset + sizeof(format::chunk_header)));
    std::uint64_t end = sealed_ ? end_ : chunk.capacity;
    if (!sealed_ && (last || seal_read_))
        while (end > slot_ && slots[end - 1].word0 == 0) --end;

    while (slot_ < end) {
        const std::uint64_t plain = skip_plain(slots, slot_, end, sealed_) - slot_;
        if (plain != 0) {
            results.counted.records += plain;
            extend_run(plain);
            continue;
        }
        const slot& lead = slots[slot_];
        if (!is_committed(lead)) {
            if (!last && !seal_read_) break;  // being written: it will come
            // Not written when the process ended; the slots that its lead would have claimed go with it.
            close_run(runs);
            note(seal_read_ ? loss_kind::slot_damaged : loss_kind::in_flight, slot_, 1, results);
            ++slot_;
            while (!seal_read_ && slot_ < end && format::kind_of(slots[slot_]) == event_kind::continuation &&
                   format::is_intact(slots[slot_]))
                ++slot_;
            continue;
        }
        const record_check found =
            sealed_ || format::is_intact(lead) ? read_record(&lead, end - slot_, results) : record_check{};
        if (found.slots == 0) {
            close_run(runs);
            note(found.why, slot_, 1, results);
            ++slot_;
            continue;
        }
        extend_run(found.slots);
    }
    close_run(runs);
    return seal_read_ || (last && position_ + 1 < chunks_.size());
}

}  // namespace interlock::trace
