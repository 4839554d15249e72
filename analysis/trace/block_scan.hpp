// The blocks of a log: where chunks and state pages lie, and what lies between them unread. Second stop, after log_file; the
// slots inside a chunk are left to agent_stream.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/trace/log_file.hpp"
#include "analysis/trace/loss.hpp"

namespace interlock::trace {

/// A chunk whose header fits its checksum.
struct chunk_place {
    std::uint64_t offset = 0;
    std::uint64_t capacity = 0;  // slots that the file has of it
    bool cut = false;            // the file ends inside it
    format::agent_id agent{};
    std::uint32_t index = 0;
    std::uint32_t segment = 0;
    std::uint64_t base_ticks = 0;
    std::uint64_t monotonic_ns = 0;
    bool timed = false;  // its records carry times
};

/// Resumable: scan() looks at what the file has more, and again at pages where no block had begun yet. After damage it goes on
/// at the next page boundary on which a block begins. Thread-bound.
class block_scan {
public:
    /// Appends the chunks found to `chunks`. With `last`, pages that hold no block are told as losses, once.
    void scan(const log_file& file, bool last, std::vector<chunk_place>& chunks, std::vector<loss>& losses);

    /// File offsets of the state pages found so far.
    const std::vector<std::uint64_t>& state_pages() const noexcept { return state_pages_; }

private:
    struct range {
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
    };

    std::uint64_t scan_range(const log_file& file, range where, std::vector<chunk_place>& chunks);

    std::uint64_t frontier_ = format::page_size;
    std::vector<range> unread_;
    std::vector<std::uint64_t> state_pages_;
};

}  // namespace interlock::trace
