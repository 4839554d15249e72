// Makes logs for tests: the image of a valid log file, built in memory from calls, as a recorder would have left it. What a
// program means (who holds what, which dependencies that makes) is left to trace_text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "instrument/format/layout.hpp"
#include "instrument/format/payload.hpp"
#include "instrument/format/vocabulary.hpp"

namespace interlock::testing {

/// Bytes of a log file, aligned as a reader wants them.
struct log_image {
    std::vector<std::uint64_t> words;

    std::span<std::byte> bytes() { return std::as_writable_bytes(std::span{words}); }
    std::span<const std::byte> bytes() const { return std::as_bytes(std::span{words}); }
    /// Writes them to `path`. Failure: false.
    bool save(const std::string& path) const;
};

struct log_builder_options {
    std::uint32_t chunk_pages = 1;
    format::log_level level = format::log_level::full;
    std::uint32_t tick_shift = 0;
    std::uint64_t ticks_per_record = 10;
    std::uint64_t start_ticks = 1'000'000;
    bool seal_at_end = false;  // else the last chunk of each agent stays open, as in a killed process
    bool ended = true;         // process_status::ended
};

/// Agents, objects and the rest are numbered from 1 as they are made.
class log_builder {
public:
    explicit log_builder(const log_builder_options& options = {});

    /// Claims an agent's id, state page and, at its first record, a chunk. Writes no record.
    format::agent_id make_agent(format::agent_type type = format::agent_type::thread);
    format::object_id make_object() { return format::object_id{++objects_}; }

    format::site_id define_site(format::agent_id by, std::uint64_t address, std::uint32_t epoch = 0);
    format::stack_id define_stack(format::agent_id by, std::span<const std::uint64_t> frames, std::uint32_t epoch = 0);
    format::string_id define_string(format::agent_id by, std::string_view text);
    format::module_id define_module(format::agent_id by, const format::module_payload& where, std::uint32_t epoch = 0);
    format::held_set_id define_held_set(format::agent_id by, format::held_set_id parent,
                                        const format::held_set_payload& payload);

    /// A record with its time, which is `ticks_per_record` after the one before it in the whole log.
    void record(format::agent_id agent, format::event_kind kind, std::uint8_t flags, format::site_id site,
                std::uint32_t object, std::uint32_t sequence, std::span<const format::slot> more = {});
    void operand_record(format::agent_id agent, format::event_kind kind, std::uint8_t flags, format::site_id site,
                        std::uint64_t operand);
    /// Any slot at all, as it is: for logs that no recorder writes.
    void put_slot(format::agent_id agent, const format::slot& s);
    /// The next number of an object's own.
    std::uint32_t next_number(format::object_id object) { return ++numbers_[object]; }
    /// The next of the process's dependencies.
    std::uint32_t next_dependency() { return ++dependencies_; }

    /// Seals the agent's chunk; its next record begins another one, with `held` records for what its state page holds.
    void seal(format::agent_id agent);
    /// Leaves one slot of the agent's chunk unwritten, as a record that was being written when the process was killed.
    void leave_hole(format::agent_id agent);

    // -- the state page ---------------------------------------------------------------------------------------------------
    void hold(format::agent_id agent, format::object_id object, std::uint8_t flags, std::uint16_t depth,
              std::uint64_t site_address);
    void end_hold(format::agent_id agent, format::object_id object);
    void want(format::agent_id agent, std::uint32_t object, std::uint8_t flags, format::event_kind operation,
              std::uint64_t site_address);
    void end_want(format::agent_id agent);
    format::state_page& state(format::agent_id agent);

    /// The log as it is now. The builder may go on after it.
    log_image image() const;
    std::size_t image_size() const noexcept { return words_.size() * 8; }

    std::uint64_t now() const noexcept { return ticks_; }
    std::uint32_t segment(format::agent_id agent) const { return writers_.at(format::number(agent) - 1).segment; }

private:
    struct writer {
        std::uint64_t state = 0;  // file offset of its page
        std::uint64_t chunk = 0;  // file offset of its open chunk, 0: none
        std::uint64_t previous = 0;
        std::uint32_t used = 0;  // slots
        std::uint32_t index = 0;
        std::uint32_t segment = 0;
        std::uint64_t ticks = 0;
        std::uint32_t held_sets = 0;
    };

    writer& of(format::agent_id agent) { return writers_.at(format::number(agent) - 1); }
    std::uint64_t claim(std::uint32_t pages);
    void begin_chunk(format::agent_id agent);
    void make_room(format::agent_id agent, std::size_t slots);
    void put(writer& w, const format::slot& s);
    template <typename Block>
    Block& at(std::uint64_t offset) {
        return *reinterpret_cast<Block*>(reinterpret_cast<std::byte*>(words_.data()) + offset);
    }
    std::uint64_t gap_to(format::agent_id agent);
    static void seal_chunk(std::byte* chunk, std::uint32_t used);

    log_builder_options options_;
    std::vector<std::uint64_t> words_;
    std::vector<writer> writers_;
    std::map<format::object_id, std::uint32_t> numbers_;
    std::uint32_t dependencies_ = 0;
    std::uint64_t ticks_;
    std::uint32_t objects_ = 0;
    std::uint32_t sites_ = 0;
    std::uint32_t stacks_ = 0;
    std::uint32_t strings_ = 0;
    std::uint32_t modules_ = 0;
};

}  // namespace interlock::testing
