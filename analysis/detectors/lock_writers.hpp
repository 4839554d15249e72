// Who wants a read-write lock exclusively, and when: where readers queue behind a waiting writer, a shared request can wait for a
// shared hold if some writer can come in between. Serves the ladder and reader_again.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "analysis/graph/lock_graph.hpp"
#include "analysis/trace/event.hpp"

namespace interlock::detectors {

/// Thread-bound. Memory: two moments for each lock and writer, `writers_max` writers a lock.
class lock_writers {
public:
    /// Whether the event tells that its agent asks or has asked for a lock.
    static bool is_request(const trace::event& e) noexcept;

    /// A request of `lock` at `when`. Shared ones and tries, which never queue, are passed over.
    void see(format::object_id lock, std::uint8_t flags, const graph::moment& when);

    /// Whether some agent that makes none of `sides` asks for `lock` at a moment that nothing orders against one of each side.
    bool may_come(format::object_id lock, std::span<const graph::dependency_index> sides,
                  const graph::lock_graph& graph, const graph::segment_order& order) const;

private:
    static constexpr std::size_t writers_max = 64;
    struct writer {
        graph::moment first;
        graph::moment last;
    };
    std::unordered_map<std::uint32_t, std::vector<writer>> writers_;  // by lock
};

}  // namespace interlock::detectors
