#include "instrument/race/pair_table.hpp"

namespace interlock::race {

std::uint32_t pair_table::intern(std::uint64_t first, std::uint64_t second) noexcept {
    const recorder::spin_guard guard(latch_);
    if (capacity_ != 0) {
        const std::uint32_t mask = capacity_ - 1;
        for (auto at = static_cast<std::uint32_t>(hash(first, second)) & mask; places_[at] != 0; at = (at + 1) & mask) {
            const number_pair& known = (*this)[places_[at]];
            if (known.first == first && known.second == second) return places_[at];
        }
    }
    return add(first, second);
}

std::uint32_t pair_table::add(std::uint64_t first, std::uint64_t second) noexcept {
    if (used_ + 1 >= ids_max_ || (used_ + 1) / segment_size >= segment_count) return 0;
    if ((used_ + 1) * 2 > capacity_ && !grow()) return 0;
    const std::uint32_t id = used_ + 1;
    std::atomic<number_pair*>& segment = segments_[id / segment_size];
    number_pair* pairs = segment.load(std::memory_order_relaxed);
    if (pairs == nullptr) {
        pairs = static_cast<number_pair*>(memory.allocate(segment_size * sizeof(number_pair)));
        if (pairs == nullptr) return 0;
    }
    pairs[id % segment_size] = {first, second};
    segment.store(pairs, std::memory_order_release);  // pairs with the acquire in operator[]
    const std::uint32_t mask = capacity_ - 1;
    auto at = static_cast<std::uint32_t>(hash(first, second)) & mask;
    while (places_[at] != 0) at = (at + 1) & mask;
    places_[at] = id;
    used_ = id;
    return id;
}

bool pair_table::grow() noexcept {
    const std::uint32_t capacity = capacity_ == 0 ? 1024 : capacity_ * 2;
    auto* places = static_cast<std::uint32_t*>(memory.allocate(capacity * sizeof(std::uint32_t)));
    if (places == nullptr) return false;
    const std::uint32_t mask = capacity - 1;
    for (std::uint32_t id = 1; id <= used_; ++id) {
        const number_pair& known = (*this)[id];
        auto at = static_cast<std::uint32_t>(hash(known.first, known.second)) & mask;
        while (places[at] != 0) at = (at + 1) & mask;
        places[at] = id;
    }
    if (places_ != nullptr) memory.release(places_, capacity_ * sizeof(std::uint32_t));
    places_ = places;
    capacity_ = capacity;
    return true;
}

}  // namespace interlock::race
