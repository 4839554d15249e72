// A table indexed by the ids of a log. Ids are dealt out densely, so it is an array; but an id read from a file is not to be
// trusted with the size of an array, so ids beyond a limit that the log's own size implies go to a hash map.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace interlock::trace {

/// Memory: at most `limit` entries in the array, one map node for each id at or beyond it. Thread-bound.
template <typename Value>
class id_table {
public:
    /// Ids below `limit` are array elements from now on. It never goes down.
    void raise_limit(std::size_t limit) {
        if (limit <= limit_) return;
        limit_ = limit;
        for (auto it = beyond_.begin(); it != beyond_.end();) {
            if (it->first >= limit_) {
                ++it;
                continue;
            }
            grow(it->first);
            near_[it->first] = std::move(it->second);
            it = beyond_.erase(it);
        }
    }

    /// The entry for `id`, made where there is none. Valid until the next call that makes one.
    Value& operator[](std::uint32_t id) {
        if (id < near_.size()) return near_[id];
        if (id >= limit_) return beyond_[id];
        grow(id);
        return near_[id];
    }

    /// The entry for `id`, or nothing. An entry below the greatest id may exist without ever having been asked for.
    const Value* find(std::uint32_t id) const noexcept {
        if (id < near_.size()) return &near_[id];
        const auto it = beyond_.find(id);
        return it == beyond_.end() ? nullptr : &it->second;
    }

    /// The entry for `id` if it is an array element, else nothing: the quick way, for loops over events.
    Value* near(std::uint32_t id) noexcept { return id < near_.size() ? near_.data() + id : nullptr; }

    /// Calls f(id, value) for each entry, those of the array in order of id.
    template <typename Function>
    void for_each(Function&& f) const {
        for (std::size_t id = 0; id < near_.size(); ++id) f(static_cast<std::uint32_t>(id), near_[id]);
        for (const auto& [id, value] : beyond_) f(id, value);
    }

    /// Calls f(value) for each entry, in no order.
    template <typename Function>
    void for_each_mutable(Function&& f) {
        for (Value& value : near_) f(value);
        for (auto& entry : beyond_) f(entry.second);
    }

private:
    void grow(std::uint32_t id) {
        if (id < near_.size()) return;
        if (id >= near_.capacity())
            near_.reserve(id + near_.size() + 1);  // at least doubles: the limit itself creeps up
        near_.resize(id + std::size_t{1});
    }

    std::size_t limit_ = 64;
    std::vector<Value> near_;
    std::unordered_map<std::uint32_t, Value> beyond_;
};

}  // namespace interlock::trace
