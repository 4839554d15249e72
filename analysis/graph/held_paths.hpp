// What an agent holds at a request, as paths in a tree: each step is one hold, its parent the hold before it. Interned, so that
// 10,000 nested locks are 10,000 steps and not 50 million holds. Filled from `held_set` records, read by the lock graph.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "instrument/format/event.hpp"
#include "instrument/format/ids.hpp"

namespace interlock::graph {

/// What can be held and wanted: a lock, or an agent's termination (held by the agent from its start to its end, wanted by a join).
struct resource {
    std::uint32_t id = 0;  // object_id, or agent_id of a termination
    bool termination = false;
    friend bool operator==(const resource&, const resource&) = default;
    friend auto operator<=>(const resource&, const resource&) = default;
};

constexpr resource lock_of(format::object_id object) noexcept { return {number(object), false}; }
constexpr resource termination_of(format::agent_id agent) noexcept { return {number(agent), true}; }
constexpr std::uint64_t key_of(resource what) noexcept { return std::uint64_t{what.termination} << 32 | what.id; }

/// One lock held.
struct hold {
    resource what;
    std::uint8_t flags = 0;  // lock_flags
    format::stack_id stack{};
    bool approximate = false;
    friend bool operator==(const hold&, const hold&) = default;
};

constexpr bool is_shared(std::uint8_t flags) noexcept { return (flags & format::lock_flags::shared) != 0; }

/// A path; 0: nothing held.
enum class path_id : std::uint32_t { empty = 0 };

/// Thread-bound. Memory: one entry a step.
class held_paths {
public:
    held_paths() : steps_(1) {}

    /// The path that is `parent` and then `innermost`. Equal arguments give equal ids. Precondition: `parent` is one of ours.
    path_id extend(path_id parent, const hold& innermost);

    /// Precondition: `path` is not empty.
    const hold& innermost(path_id path) const noexcept { return steps_[number(path)].what; }
    path_id parent(path_id path) const noexcept { return steps_[number(path)].parent; }
    std::uint32_t depth(path_id path) const noexcept { return steps_[number(path)].depth; }
    std::size_t size() const noexcept { return steps_.size(); }

    /// Whether the path has a step for `what`. Cost: its depth.
    bool holds(path_id path, resource what) const noexcept;

    static constexpr std::uint32_t number(path_id path) noexcept { return static_cast<std::uint32_t>(path); }

private:
    struct step {
        hold what;
        path_id parent = path_id::empty;
        std::uint32_t depth = 0;
    };

    std::vector<step> steps_;
    std::unordered_multimap<std::uint64_t, path_id> known_;  // hash of (parent, hold) to path
};

}  // namespace interlock::graph
