// Pairs of 64-bit numbers to small ids and back: contexts, descriptors and held paths are such pairs. An id is for good.
// Thread-safe: to intern takes a latch, to look up does not. Cost: a hash and a probe or two.
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

    std::uint32_t add(std::uint64_t first, std::uint64_t second) noexcept;
    bool grow() noexcept;
    static std::uint64_t hash(std::uint64_t first, std::uint64_t second) noexcept {
        std::uint64_t mix = first * 0x9E37'79B9'7F4A'7C15 ^ (second + 0x7F4A'7C15) * 0xD6E8'FEB8'6659'FD93;
        return mix ^ mix >> 32;
    }

    std::uint32_t ids_max_;
    recorder::spin_latch latch_;
    std::uint32_t* places_ = nullptr;  // by hash: id, 0: free
    std::uint32_t capacity_ = 0;
    std::uint32_t used_ = 0;
    std::atomic<number_pair*> segments_[segment_count] = {};
};

}  // namespace interlock::race
