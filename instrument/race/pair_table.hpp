// Pairs of 64-bit numbers to small ids and back: contexts, descriptors and held paths are such pairs. An id is for good.
// Thread-safe: only what is new takes a latch. Cost: a hash and a probe or two.
#pragma once

#include <atomic>
#include <cstdint>

#include "instrument/race/memory.hpp"

namespace interlock::race {

struct number_pair {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
};

class pair_table {
public:
    constexpr explicit pair_table(std::uint32_t ids_max) noexcept : ids_max_(ids_max) {}

    /// Id of the pair, from 1 on; 0: no room for one more.
    std::uint32_t intern(std::uint64_t first, std::uint64_t second) noexcept;
    /// Precondition: `id` came from intern() and is not 0.
    const number_pair& operator[](std::uint32_t id) const noexcept {
        // acquire: pairs with the release in add()
        return segments_[id / segment_size].load(std::memory_order_acquire)[id % segment_size];
    }
    std::uint32_t size() const noexcept { return used_; }
    void reset_latch() noexcept { latch_.reset(); }

private:
    static constexpr std::uint32_t segment_size = 4096;
    static constexpr std::uint32_t segment_count = 4096;

    /// Ids by hash, 0: free. A larger one takes its place; the old one is kept for those who look into it still.
    struct hash_index {
        std::uint32_t* places = nullptr;
        std::uint32_t capacity = 0;  // a power of two
    };
    /// As one word: the places are aligned to 64, so the low bits have room for the logarithm of the capacity.
    static hash_index unpack(std::uintptr_t word) noexcept {
        if (word == 0) return {};
        return {reinterpret_cast<std::uint32_t*>(word & ~std::uintptr_t{63}), 1u << (word & 63)};
    }

    std::uint32_t find(hash_index in, std::uint64_t first, std::uint64_t second) const noexcept;
    static void enter(hash_index into, std::uint32_t id, const number_pair& pair) noexcept;
    std::uint32_t add(std::uint64_t first, std::uint64_t second) noexcept;
    bool grow() noexcept;
    static std::uint64_t hash(std::uint64_t first, std::uint64_t second) noexcept {
        std::uint64_t mix = first * 0x9E37'79B9'7F4A'7C15 ^ (second + 0x7F4A'7C15) * 0xD6E8'FEB8'6659'FD93;
        return mix ^ mix >> 32;
    }

    std::uint32_t ids_max_;
    recorder::spin_latch latch_;
    std::atomic<std::uintptr_t> index_ = 0;
    std::uint32_t used_ = 0;
    std::atomic<number_pair*> segments_[segment_count] = {};
};

}  // namespace interlock::race
