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

/// Which writer can come in between. One with a time-out gives up by itself, and whoever queues behind it goes on.
enum class queued_writer : std::uint8_t { none, timed, untimed };

/// Thread-bound. Memory: two moments for each lock and writer, `writers_max` writers a lock.
class lock_writers {
public:
    /// Whether the event tells that its agent asks or has asked for a lock.
    static bool is_request(const trace::event& e) noexcept;

    /// A request of `lock` at `when`. Shared ones and tries, which never queue, are passed over.
    void see(format::object_id lock, std::uint8_t flags, const graph::moment& when);

    /// Which agent, making none of `sides`, asks for `lock` at a moment that nothing orders against one of each side: the most lasting.
    queued_writer may_come(format::object_id lock, std::span<const graph::dependency_index> sides,
                           const graph::lock_graph& graph, const graph::segment_order& order) const;

private:
    static constexpr std::size_t writers_max = 64;
    struct writer {
        graph::moment first;
        graph::moment last;
        bool timed = false;
    };
    std::unordered_map<std::uint32_t, std::vector<writer>> writers_;  // by lock
};

}  // namespace interlock::detectors
