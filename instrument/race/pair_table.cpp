#include "instrument/race/pair_table.hpp"

namespace interlock::race {

std::uint32_t pair_table::find(hash_index in, std::uint64_t first, std::uint64_t second) const noexcept {
    if (in.places == nullptr) return 0;
    const std::uint32_t mask = in.capacity - 1;
    for (auto at = static_cast<std::uint32_t>(hash(first, second)) & mask;; at = (at + 1) & mask) {
        const std::uint32_t id =
            __atomic_load_n(&in.places[at], __ATOMIC_ACQUIRE);  // pairs with the release in enter()
        if (id == 0) return 0;
        const number_pair& known = (*this)[id];
        if (known.first == first && known.second == second) return id;
    }
}

void pair_table::enter(hash_index into, std::uint32_t id, const number_pair& pair) noexcept {
    const std::uint32_t mask = into.capacity - 1;
    auto at = static_cast<std::uint32_t>(hash(pair.first, pair.second)) & mask;
    while (into.places[at] != 0) at = (at + 1) & mask;
    __atomic_store_n(&into.places[at], id, __ATOMIC_RELEASE);  // pairs with the acquire in find()
}

std::uint32_t pair_table::intern(std::uint64_t first, std::uint64_t second) noexcept {
    // acquire: pairs with the release in grow()
    if (const std::uint32_t id = find(unpack(index_.load(std::memory_order_acquire)), first, second); id != 0)
        return id;
    const recorder::spin_guard guard(latch_);
    const std::uint32_t id = find(unpack(index_.load(std::memory_order_relaxed)), first, second);
    return id != 0 ? id : add(first, second);
}

std::uint32_t pair_table::add(std::uint64_t first, std::uint64_t second) noexcept {
    const std::uint32_t id = used_ + 1;
    if (id >= ids_max_ || id / segment_size >= segment_count) return 0;
    if (id * 2 > unpack(index_.load(std::memory_order_relaxed)).capacity && !grow()) return 0;
    std::atomic<number_pair*>& segment = segments_[id / segment_size];
    number_pair* pairs = segment.load(std::memory_order_relaxed);
    if (pairs == nullptr) {
        pairs = static_cast<number_pair*>(memory.allocate(segment_size * sizeof(number_pair)));
        if (pairs == nullptr) return 0;
    }
    pairs[id % segment_size] = {first, second};
    segment.store(pairs, std::memory_order_release);  // pairs with the acquire in operator[]
    enter(unpack(index_.load(std::memory_order_relaxed)), id, pairs[id % segment_size]);
    used_ = id;
    return id;
}

bool pair_table::grow() noexcept {
    const hash_index old = unpack(index_.load(std::memory_order_relaxed));
    hash_index made;
    made.capacity = old.capacity == 0 ? 1024 : old.capacity * 2;
    made.places = static_cast<std::uint32_t*>(memory.allocate(made.capacity * sizeof(std::uint32_t)));
    if (made.places == nullptr) return false;
    for (std::uint32_t id = 1; id <= used_; ++id) enter(made, id, (*this)[id]);
    // release: pairs with the acquire in intern()
    index_.store(reinterpret_cast<std::uintptr_t>(made.places) | static_cast<unsigned>(__builtin_ctz(made.capacity)),
                 std::memory_order_release);
    return true;
}

}  // namespace interlock::race
