// Concurrent map from an address (or a pthread_t) to a 32-bit number: the side table of identity for objects without spare bytes, and
// the way from a thread's handle to its agent. Sharded open addressing under latches; grows; thread-safe.
// Cost: one hash, one uncontended latch, a probe or two.
#pragma once

#include <cstddef>
#include <cstdint>

#include "instrument/recorder/arena.hpp"

namespace interlock::recorder {

class address_table {
public:
    /// The number at `address`; 0: none.
    std::uint32_t find(std::uint64_t address) noexcept;
    /// Enters or replaces. False: out of memory.
    bool set(arena& memory, std::uint64_t address, std::uint32_t number) noexcept;
    /// Enters `number` unless there is one, and returns what stands there then; 0: out of memory.
    std::uint32_t set_if_absent(arena& memory, std::uint64_t address, std::uint32_t number) noexcept;
    /// Removes and returns what stood there; 0: nothing.
    std::uint32_t remove(std::uint64_t address) noexcept;
    /// Forked child: forget all.
    void reset() noexcept;

private:
    static constexpr std::size_t shard_count = 64;
    struct entry {
        std::uint64_t address;  // 0: free
        std::uint32_t number;   // 0 with an address: removed
        std::uint32_t unused;
    };
    struct shard {
        spin_latch latch;
        std::uint32_t used = 0;  // entries with an address
        std::uint32_t capacity = 0;
        entry* entries = nullptr;
    };

    shard& shard_of(std::uint64_t hash) noexcept { return shards_[hash >> 58]; }
    static std::uint64_t hash_of(std::uint64_t address) noexcept { return address * 0x9E37'79B9'7F4A'7C15; }
    static entry* probe(shard& s, std::uint64_t address, std::uint64_t hash) noexcept;
    static bool grow(arena& memory, shard& s) noexcept;

    shard shards_[shard_count];
};

}  // namespace interlock::recorder
