// One agent's records in its own order: chunks by index, slots checked one by one, damage told and stepped over. Third stop;
// it fills the definitions and leaves stretches of good records, `runs`, for the merge.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/trace/block_scan.hpp"
#include "analysis/trace/definitions.hpp"
#include "analysis/trace/trace.hpp"

namespace interlock::trace {

/// Slots that follow each other in one chunk, whole records only.
struct run {
    std::uint64_t offset = 0;  // in the file, of the first slot
    std::uint32_t slots = 0;
    std::uint32_t segment = 0;  // of the chunk, if new_chunk
    std::uint64_t base_ticks = 0;
    bool timed = false;      // its records carry times
    bool new_chunk = false;  // begins a chunk
    bool gap = false;        // events before it are missing
};

/// What checking a stream adds to.
struct stream_results {
    definitions& names;
    struct counts& counted;
    std::vector<loss>& losses;
};

/// Thread-bound.
class agent_stream {
public:
    agent_stream(format::agent_id agent, std::uint32_t agent_number) : agent_(agent), agent_number_(agent_number) {}

    format::agent_id agent() const noexcept { return agent_; }

    /// Precondition: `place` is of this agent.
    void add(const chunk_place& place);

    /// Checks what is there of the chunks that have their turn, and appends to `runs`. With `last` nothing is waited for.
    void check(const log_file& file, bool last, stream_results results, std::vector<run>& runs);

    /// Slots of all chunks added.
    std::size_t capacity() const noexcept { return capacity_; }
    bool has_chunk_at(std::uint64_t offset) const noexcept;

private:
    bool enter(bool last, stream_results results);
    bool check_chunk(const log_file& file, bool last, stream_results results, std::vector<run>& runs);
    void read_seal(const log_file& file, stream_results results);
    void note(loss_kind kind, std::uint64_t at, std::uint64_t count, stream_results results);
    void extend_run(std::uint64_t slots);
    void close_run(std::vector<run>& runs);
    /// Slots of a good record; 0 and why not.
    struct record_check {
        std::size_t slots = 0;
        loss_kind why = loss_kind::slot_damaged;
    };
    record_check read_record(const format::slot* slots, std::uint64_t end, stream_results results);

    format::agent_id agent_;
    std::uint32_t agent_number_;
    std::size_t capacity_ = 0;
    std::vector<chunk_place> chunks_;  // by index
    std::size_t position_ = 0;         // the chunk being read
    std::uint64_t next_index_ = 0;
    bool inside_ = false;  // of the chunk at position_
    bool sealed_ = false;
    bool seal_read_ = false;
    std::uint64_t end_ = 0;   // slots of a sealed chunk
    std::uint64_t slot_ = 0;  // next one to be checked
    run open_;                // being extended
    bool new_chunk_ = false;
    bool gap_ = false;
};

}  // namespace interlock::trace
