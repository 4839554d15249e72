#include "instrument/recorder/holds.hpp"

#include <cstring>

#include "instrument/recorder/process.hpp"
#include "instrument/recorder/writer.hpp"

namespace interlock::recorder {
namespace {

/// Room for the hashes of all paths up to `count` entries and, as the shortest way counts on it, one more.
bool grow_hashes(agent& self, std::uint32_t count) noexcept {
    if (count + 2 <= self.path_hash_capacity) return true;
    const std::uint32_t capacity = count < 32 ? 64 : (count + 2) * 2;
    auto* hashes = static_cast<std::uint64_t*>(process.memory.allocate(capacity * sizeof(std::uint64_t)));
    if (hashes == nullptr) return false;
    hashes[0] = empty_path_hash;
    if (self.path_hashes != nullptr) {
        std::memcpy(hashes, self.path_hashes, self.path_hash_capacity * sizeof(std::uint64_t));
        process.memory.release(self.path_hashes, self.path_hash_capacity * sizeof(std::uint64_t));
    }
    self.path_hashes = hashes;
    self.path_hash_capacity = capacity;
    return true;
}

/// A spill page more. False: no room, recording has stopped.
bool grow_spills(agent& self) noexcept {
    if (self.spill_count == self.spill_capacity) {
        const std::uint32_t capacity = self.spill_capacity == 0 ? 16 : self.spill_capacity * 2;
        auto** spills =
            static_cast<format::spill_page**>(process.memory.allocate(capacity * sizeof(format::spill_page*)));
        if (spills == nullptr) return false;
        if (self.spills != nullptr) {
            std::memcpy(spills, self.spills, self.spill_count * sizeof(format::spill_page*));
            process.memory.release(self.spills, self.spill_capacity * sizeof(format::spill_page*));
        }
        self.spills = spills;
        self.spill_capacity = capacity;
    }
    auto* page = static_cast<format::spill_page*>(process.log.claim(1));
    if (page == nullptr) {
        stop(process.log.failure());
        return false;
    }
    page->pages = 1;
    page->agent = self.id;
    page->index = self.spill_count;
    const std::uint64_t offset = process.log.offset_of(page);
    std::uint64_t* link = nullptr;
    if (self.spill_count == 0) {
        page->previous = process.log.offset_of(self.page);
        link = &self.page->next;
    } else {
        page->previous = process.log.offset_of(self.spills[self.spill_count - 1]);
        link = &self.spills[self.spill_count - 1]->next;
    }
    std::atomic_ref<std::uint32_t>(page->magic).store(format::spill_magic, std::memory_order_release);
    std::atomic_ref<std::uint64_t>(*link).store(offset, std::memory_order_release);  // pairs with a watcher's load
    self.spills[self.spill_count++] = page;
    return true;
}

void set_count(agent& self, std::uint32_t count) noexcept {
    self.page->held_count = count;
    self.page->moves = self.page->moves + 1;
}

/// Closes the gaps once they outnumber the holds, so that a removal stays cheap on average.
void compact(agent& self) noexcept {
    std::uint32_t to = 0;
    for (std::uint32_t from = 0; from < self.held_count(); ++from) {
        if (self.hold(from).lead == 0) continue;
        if (to != from) self.hold(to) = self.hold(from);
        ++to;
    }
    for (std::uint32_t i = to; i < self.held_count(); ++i) self.hold(i).lead = 0;  // nothing lies beyond held_count
    self.set_gaps(0);
    forget_path(self, 0);
    set_count(self, to);
}

/// The place for one more hold, or nullptr.
format::held_entry* next_hold(agent& self) noexcept {
    const std::uint32_t index = self.held_count();
    if (__builtin_expect(index >= format::state_held_entries, 0)) {
        const std::size_t spill = (index - format::state_held_entries) / format::spill_held_entries;
        if (spill >= self.spill_count && !grow_spills(self)) {
            note_loss(self, format::loss_reason::out_of_memory, 1);
            return nullptr;
        }
    }
    return &self.hold(index);
}

}  // namespace

std::uint64_t hash_path(agent& self) noexcept {
    const std::uint32_t count = self.held_count();
    if (!grow_hashes(self, count)) return 0;
    for (std::uint32_t i = self.hashed_count; i < count; ++i) {
        const format::held_entry& entry = self.hold(i);
        const std::uint64_t below = self.path_hashes[i];
        self.path_hashes[i + 1] = entry.lead == 0 ? below : path_hash(below, entry);
        if (i == 0) self.hashed_first = entry.lead;
    }
    if (self.hashed_count < count) self.hashed_count = count;
    return self.path_hashes[count];
}

void add_hold(agent& self, format::object_id object, std::uint8_t flags, std::uint64_t address, const call_point& from,
              const site_entry& site) noexcept {
    format::held_entry* entry = next_hold(self);
    if (entry == nullptr) return;
    if ((site.caller_depth | entry->callers[0]) != 0) follow_callers(self, from, site.caller_depth, entry->callers);
    const std::uint32_t index = self.held_count();
    forget_path(self, index);
    // The shortest way enters holds without a word about nodes; a path grows longer than it can enter only by coming here.
    if (index <= format::state_held_entries) self.path_valid = 0;
    enter_hold(*self.page, *entry, index, format::hold_word(object, flags, 1), address, from.site, from.stack_pointer);
}

void restore_hold(agent& self, const format::held_entry& kept) noexcept {
    format::held_entry* entry = next_hold(self);
    if (entry == nullptr) return;
    *entry = kept;
    forget_path(self, 0);
    set_count(self, self.held_count() + 1);
}

std::uint32_t find_hold(const agent& self, format::object_id object) noexcept {
    for (std::uint32_t i = self.held_count(); i-- != 0;) {
        const std::uint64_t lead = self.hold(i).lead;
        if (lead != 0 && format::hold_object(lead) == object) return i;
    }
    return none_held;
}

std::uint32_t find_hold_at(const agent& self, std::uint64_t address) noexcept {
    for (std::uint32_t i = self.held_count(); i-- != 0;)
        if (self.hold(i).lead != 0 && self.hold(i).address == address) return i;
    return none_held;
}

void deepen_hold(agent& self, std::uint32_t index) noexcept {
    format::held_entry& entry = self.hold(index);
    const std::uint16_t depth = format::hold_depth(entry.lead);
    entry.lead = format::hold_word(format::hold_object(entry.lead), format::hold_flags(entry.lead),
                                   depth == 0xffff ? depth : static_cast<std::uint16_t>(depth + 1));
    self.page->moves = self.page->moves + 1;
}

std::uint32_t lift_hold(agent& self, std::uint32_t index) noexcept {
    format::held_entry& entry = self.hold(index);
    const std::uint16_t depth = format::hold_depth(entry.lead);
    if (depth <= 1) {
        remove_hold(self, index);
        return 0;
    }
    entry.lead = format::hold_word(format::hold_object(entry.lead), format::hold_flags(entry.lead),
                                   static_cast<std::uint16_t>(depth - 1));
    self.page->moves = self.page->moves + 1;
    return depth - 1u;
}

void remove_hold(agent& self, std::uint32_t index) noexcept {
    format::held_entry& entry = self.hold(index);
    entry.lead = 0;
    if (index + 1 != self.held_count()) {
        forget_path(self, index);
        self.set_gaps(self.gaps + 1);
        self.page->moves = self.page->moves + 1;
        if (self.gaps > 16 && self.gaps > self.held_count() / 2) compact(self);
        return;
    }
    std::uint32_t count = index;
    while (count != 0 && self.hold(count - 1).lead == 0) {
        --count;
        self.set_gaps(self.gaps - 1);
    }
    set_count(self, count);
}

void drop_released_holds(agent& self) noexcept {
    for (std::uint32_t i = self.held_count(); i-- != 0;) {
        if (i >= self.held_count()) continue;  // a removal may have dropped several
        const std::uint64_t lead = self.hold(i).lead;
        if (lead == 0) continue;
        const object_info& info = process.objects[format::hold_object(lead)];
        if (!format::is_held(lead) || (info.flags.load(std::memory_order_relaxed) & object_flags::no_lock) != 0)
            remove_hold(self, i);
    }
}

}  // namespace interlock::recorder
