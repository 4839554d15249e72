#include "instrument/recorder/writer.hpp"

#include <cstring>

#include "instrument/format/crc32c.hpp"
#include "instrument/recorder/process.hpp"

namespace interlock::recorder {
namespace {

constexpr std::uint32_t chunk_pages_max = 64;  // 256 KiB
constexpr std::size_t held_records_max = 64;   // deeper holds are in the state page and in earlier chunks

/// A `full` log leaves its last eighth for `order`, which a program fills slowly.
bool is_nearly_full() noexcept { return process.log.allocated() > process.log.capacity() / 8 * 7; }

void go_on_as_order() noexcept {
    bool was_full = true;
    if (!process.full.compare_exchange_strong(was_full, false, std::memory_order_relaxed)) return;
    process.log.add_status(format::process_status::reduced);
    process.generation->fetch_add(1, std::memory_order_relaxed);
}

std::uint32_t pages_needed(std::size_t slots) noexcept {
    const std::size_t bytes = sizeof(format::chunk_header) + (slots + held_records_max + 2) * sizeof(format::slot);
    return static_cast<std::uint32_t>((bytes + format::page_size - 1) / format::page_size);
}

/// Chunks double in size: a short-lived agent costs a page, a busy one few claims.
std::uint32_t pages_wanted(const agent& self, std::size_t slots) noexcept {
    const std::uint32_t pages = self.chunk_index < 6 ? 1u << self.chunk_index : chunk_pages_max;
    const std::uint32_t needed = pages_needed(slots);
    return pages < needed ? needed : pages;
}

void write_held(agent& self) noexcept {
    std::uint32_t first = self.held_count();
    std::size_t live = 0;
    while (first != 0 && live < held_records_max) live += format::is_held(self.hold(--first).lead);
    for (std::uint32_t i = first; i < self.held_count(); ++i) {
        const std::uint64_t lead = self.hold(i).lead;
        if (!format::is_held(lead)) continue;
        commit(*self.next++, format::encode(format::event_kind::held, format::hold_flags(lead), {}, 0,
                                            format::number(format::hold_object(lead)), format::hold_depth(lead)));
    }
}

bool open_chunk(agent& self, std::size_t slots) noexcept {
    std::uint32_t pages = pages_wanted(self, slots);
    if (process.full.load(std::memory_order_relaxed) && is_nearly_full()) go_on_as_order();
    auto* header = static_cast<format::chunk_header*>(process.log.claim(pages));
    if (header == nullptr) {
        pages = pages_needed(slots);
        header = static_cast<format::chunk_header*>(process.log.claim(pages));
    }
    if (header == nullptr) {
        stop(process.log.failure());
        return false;
    }
    // Both before the header is touched, which may take a fault.
    const std::uint64_t now = time_stamp_counter();
    const std::uint64_t now_ns = monotonic_ns();
    header->version = 1;
    const std::uint32_t live = self.held_count() - self.gaps;
    header->held_count = static_cast<std::uint16_t>(live < held_records_max ? live : held_records_max);
    header->pages = pages;
    header->agent = self.id;
    header->index = self.chunk_index++;
    header->segment = self.segment;
    header->base_ticks = now & ~((std::uint64_t{1} << tick_shift) - 1);
    header->previous = self.chunk == nullptr ? 0 : process.log.offset_of(self.chunk);
    header->monotonic_ns = now_ns;
    header->level = self.full ? format::log_level::full : format::log_level::order;
    header->magic = format::chunk_magic;
    // The checksum is the last of the fields: a header without one is of a process that was killed here.
    std::atomic_ref<std::uint32_t>(header->header_crc)
        .store(format::crc32c(header, offsetof(format::chunk_header, header_crc)), std::memory_order_release);
    std::atomic_ref<std::uint32_t>(header->magic).store(format::chunk_magic, std::memory_order_release);
    self.last_ticks = now >> tick_shift;
    self.chunk = header;
    self.page->chunk = process.log.offset_of(header);
    self.next = reinterpret_cast<format::slot*>(header + 1);
    self.end = reinterpret_cast<format::slot*>(reinterpret_cast<std::byte*>(header) + pages * format::page_size);
    write_held(self);
    if (self.lost != 0) {
        const auto lost = static_cast<std::uint32_t>(self.lost < 0xffff'ffff ? self.lost : 0xffff'ffff);
        commit(*self.next++,
               format::encode(format::event_kind::loss, static_cast<std::uint8_t>(self.lost_reason), {}, 0, 0, lost));
        self.lost = 0;
    }
    return true;
}

}  // namespace

format::slot* reserve_in_new_chunk(agent& self, std::size_t count) noexcept {
    seal_chunk(self);
    if (!process.recording.load(std::memory_order_relaxed) || !open_chunk(self, count)) {
        note_loss(self, process.log.failure(), 1);
        return nullptr;
    }
    format::slot* at = self.next;
    self.next = at + count;
    return at;
}

std::uint64_t write_time(agent& self, std::uint64_t now) noexcept {
    if (format::slot* at = reserve(self, 1))
        commit(*at, format::encode_operand(format::event_kind::time, 0, {}, 0, now << tick_shift));
    self.last_ticks = now;
    return 0;
}

void note_loss(agent& self, format::loss_reason reason, std::uint64_t events) noexcept {
    self.lost += events;
    self.lost_reason = reason;
    process.log.add_loss(reason, events);
    if (reason != format::loss_reason::nested_signal || self.chunk == nullptr) return;
    write(self, format::event_kind::loss, static_cast<std::uint8_t>(reason), {}, 0,
          static_cast<std::uint32_t>(self.lost));
    self.lost = 0;
}

void seal_chunk(agent& self) noexcept {
    if (self.chunk == nullptr || self.next == nullptr) return;
    const auto* slots = reinterpret_cast<const std::byte*>(self.chunk + 1);
    const auto used = static_cast<std::uint32_t>(reinterpret_cast<const std::byte*>(self.next) - slots);
    const std::uint32_t crc = format::crc32c(slots, used);
    // release: whoever sees the seal sees every slot under it
    std::atomic_ref<std::uint64_t>(self.chunk->sealed)
        .store(std::uint64_t{crc} << 32 | used, std::memory_order_release);
    self.next = self.end = nullptr;
}

}  // namespace interlock::recorder
