// Interning of paths: one multimap from the hash of (parent, hold), compared in full.
#include "analysis/graph/held_paths.hpp"

#include <cassert>

namespace interlock::graph {

namespace {

std::uint64_t hash_of(path_id parent, const hold& h) noexcept {
    std::uint64_t hash = key_of(h.what) * 0x9E37'79B9'7F4A'7C15;
    hash ^= (hash >> 29) + held_paths::number(parent);
    hash *= 0xBF58'476D'1CE4'E5B9;
    hash ^= (hash >> 32) + (std::uint64_t{number(h.stack)} << 9 | std::uint64_t{h.flags} << 1 | h.approximate);
    return hash * 0x94D0'49BB'1331'11EB;
}

}  // namespace

path_id held_paths::extend(path_id parent, const hold& innermost) {
    assert(number(parent) < steps_.size());
    const std::uint64_t hash = hash_of(parent, innermost);
    const auto [first, last] = known_.equal_range(hash);
    for (auto it = first; it != last; ++it) {
        const step& s = steps_[number(it->second)];
        if (s.parent == parent && s.what == innermost) return it->second;
    }
    const auto made = static_cast<path_id>(steps_.size());
    steps_.push_back({innermost, parent, depth(parent) + 1});
    known_.emplace(hash, made);
    return made;
}

bool held_paths::holds(path_id path, resource what) const noexcept {
    for (; path != path_id::empty; path = parent(path)) {
        if (innermost(path).what == what) return true;
    }
    return false;
}

}  // namespace interlock::graph
