#include "instrument/recorder/address_table.hpp"

namespace interlock::recorder {

/// The entry of `address`, or the free one where it would go. Precondition: the shard has a free entry.
address_table::entry* address_table::probe(shard& s, std::uint64_t address, std::uint64_t hash) noexcept {
    const std::uint32_t mask = s.capacity - 1;
    for (auto at = static_cast<std::uint32_t>(hash >> 24) & mask;; at = (at + 1) & mask) {
        entry& e = s.entries[at];
        if (e.address == address || e.address == 0) return &e;
    }
}

bool address_table::grow(arena& memory, shard& s) noexcept {
    std::uint32_t live = 0;
    for (std::uint32_t i = 0; i < s.capacity; ++i) live += s.entries[i].number != 0;
    const std::uint32_t capacity = live * 4 < 16 ? 16 : live * 2 >= s.capacity ? s.capacity * 2 : s.capacity;
    auto* entries = static_cast<entry*>(memory.allocate(capacity * sizeof(entry)));
    if (entries == nullptr) return false;
    shard fresh;
    fresh.capacity = capacity;
    fresh.entries = entries;
    for (std::uint32_t i = 0; i < s.capacity; ++i) {
        const entry& old = s.entries[i];
        if (old.number == 0) continue;
        *probe(fresh, old.address, hash_of(old.address)) = old;
        ++fresh.used;
    }
    memory.release(s.entries, s.capacity * sizeof(entry));
    s.entries = entries;
    s.capacity = capacity;
    s.used = fresh.used;
    return true;
}

std::uint32_t address_table::find(std::uint64_t address) noexcept {
    const std::uint64_t hash = hash_of(address);
    shard& s = shard_of(hash);
    const spin_guard guard(s.latch);
    return s.capacity == 0 ? 0 : probe(s, address, hash)->number;
}

bool address_table::set(arena& memory, std::uint64_t address, std::uint32_t number) noexcept {
    const std::uint64_t hash = hash_of(address);
    shard& s = shard_of(hash);
    const spin_guard guard(s.latch);
    if ((s.used + 1) * 4 > s.capacity * 3 && !grow(memory, s)) return false;
    entry* e = probe(s, address, hash);
    s.used += e->address == 0;
    e->address = address;
    e->number = number;
    return true;
}

std::uint32_t address_table::set_if_absent(arena& memory, std::uint64_t address, std::uint32_t number) noexcept {
    const std::uint64_t hash = hash_of(address);
    shard& s = shard_of(hash);
    const spin_guard guard(s.latch);
    if ((s.used + 1) * 4 > s.capacity * 3 && !grow(memory, s)) return 0;
    entry* e = probe(s, address, hash);
    if (e->number != 0) return e->number;
    s.used += e->address == 0;
    e->address = address;
    return e->number = number;
}

std::uint32_t address_table::remove(std::uint64_t address) noexcept {
    const std::uint64_t hash = hash_of(address);
    shard& s = shard_of(hash);
    const spin_guard guard(s.latch);
    if (s.capacity == 0) return 0;
    entry* e = probe(s, address, hash);
    const std::uint32_t number = e->number;
    e->number = 0;
    return number;
}

void address_table::reset() noexcept {
    for (shard& s : shards_) {
        s.latch.reset();
        s.used = s.capacity = 0;
        s.entries = nullptr;
    }
}

}  // namespace interlock::recorder
