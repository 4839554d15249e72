// Where things lie in a log file: file header, chunks of records, state pages. Shared by the process that writes and the one
// that reads, possibly at the same time. Little-endian, x86-64 only for now (a header says so).
//
//      0        4 KiB                                                              allocated          capacity
//      +--------+---------------+---------+-------------------------+---------+----+----- - - - - - ----+
//      | header | state page 1  | chunk   | chunk                   | state 2 | .. |   sparse           |
//      +--------+---------------+---------+-------------------------+---------+----+----- - - - - - ----+
//
// Everything after the header is a *block*: a whole number of 4 KiB pages that begins with a magic number and its own size,
// claimed by a compare-and-swap of `allocated`. A reader that meets damage looks for the next magic on a page boundary.
// A process that is killed leaves a valid log: nothing needs closing, `allocated` says how far blocks go, unsealed chunks end
// at their last committed slot.
#pragma once

#include <cstddef>
#include <cstdint>

#include "instrument/format/record.hpp"

namespace interlock::format {

inline constexpr std::uint64_t page_size = 4096;
inline constexpr std::uint64_t log_size_min = 16 * page_size;       // a file that may not grow so far is no log
inline constexpr std::uint64_t file_magic = 0x676f'6c6b'6c69'0a1a;  // "\x1a\nilklog" in file order
inline constexpr std::uint32_t file_version = 1;
inline constexpr std::uint32_t chunk_magic = 0x636b'6c69;  // "ilkc"
inline constexpr std::uint32_t state_magic = 0x736b'6c69;  // "ilks"
inline constexpr std::uint32_t spill_magic = 0x706b'6c69;  // "ilkp"

/// A number that changes while the file is read: 48 bits of value under 16 bits of check, in one atomic word.
constexpr std::uint64_t seal(std::uint64_t value) noexcept {
    return (value & narrow_mask) | ((value & narrow_mask) * check_multiplier >> 48) << 48;
}
constexpr bool is_sealed(std::uint64_t word) noexcept { return seal(word) == word; }
constexpr std::uint64_t sealed_value(std::uint64_t word) noexcept { return word & narrow_mask; }

/// First page of the file. Fields up to `header_crc` are written once; `magic` is stored last, so a reader that meets a zero
/// there looks at a log that is about to begin.
struct file_header {
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t header_size;  // page_size
    std::uint64_t capacity;     // bytes mapped; blocks never go beyond
    std::uint32_t pid;
    std::uint32_t parent_pid;
    std::uint64_t start_realtime_ns;   // since the epoch
    std::uint64_t start_ticks;         // time-stamp counter at the same moment
    std::uint64_t start_monotonic_ns;  // CLOCK_MONOTONIC at the same moment
    std::uint64_t run[2];              // the same in every process of one run; 0: none
    std::uint32_t tick_shift;          // `ticks` of a record count 2^tick_shift of the time-stamp counter
    log_level level;                   // at the start
    std::uint8_t machine;              // 1: x86-64
    std::uint16_t program_size;        // bytes used of `program`
    std::uint64_t parent_start_ticks;  // fork: start_ticks of the parent's log; 0: not a forked child's log
    char program[512];                 // path of the executable, cut on the left if longer
    char command[1024];                // arguments joined by NUL, cut on the right
    std::uint32_t command_size;
    std::uint32_t header_crc;  // CRC32C of the bytes before it

    // -- live: each word sealed by its writer, on a cache line of its own where threads contend ---------------------------
    alignas(64) std::uint64_t allocated;  // bytes of the file given to blocks, header included
    alignas(64) std::uint64_t agents;     // agents born
    std::uint64_t objects;                // objects born
    std::uint64_t lost_events;            // not recorded, all agents together
    std::uint64_t status;                 // process_status bits
    std::uint64_t loss_reasons;           // bit per loss_reason
    std::uint64_t end_ticks;              // when the process ended in order, since start_ticks; 0 else
    std::uint64_t end_ns;                 // the same moment, since start_monotonic_ns
};
static_assert(sizeof(file_header) <= page_size);
static_assert(offsetof(file_header, program) == 88);
static_assert(offsetof(file_header, header_crc) == 88 + 512 + 1024 + 4);

/// What a watcher saw of the threads from outside when it found some of them stuck: the kernel's word, which no record has. The one thing in a
/// log that another process writes, by a single pwrite(2) into the header's page, where the process itself writes nothing. It holds for
/// as long as those that waited then have not moved since.
struct standing_note {
    std::uint64_t magic;
    std::uint32_t crc;             // CRC32C of what comes after it
    std::uint32_t strangers;       // 1: there are threads that the log does not know
    std::uint32_t waiting;         // agents that had not ended and are none of `live`
    std::uint32_t live_count;      // agents of `live`
    std::uint64_t waiting_agents;  // sum of their numbers
    std::uint64_t waiting_moves;   // sum of their moves
    std::uint32_t orphan_count;    // of `orphans`
    std::uint32_t handlers;        // 1: the process handles signals, and the recorder saw nobody ask for that
    agent_id live[256];            // not blocked where their page says
    struct orphan {
        agent_id agent;
        std::uint64_t moves;
    } orphans[16];  // wait for a lock whose owner, in another process, is no more
};
inline constexpr std::uint64_t standing_magic = 0x676e'6964'6e61'7473;  // "standing"
inline constexpr std::uint64_t standing_note_at = 2048;
static_assert(sizeof(file_header) <= standing_note_at && standing_note_at + sizeof(standing_note) <= page_size);

/// Bits of file_header::status.
namespace process_status {
inline constexpr std::uint64_t ended = 1 << 0;     // exit() or return from main was seen
inline constexpr std::uint64_t stopped = 1 << 1;   // recording stopped early: loss_reasons says why
inline constexpr std::uint64_t reduced = 1 << 2;   // `full` went on as `order`
inline constexpr std::uint64_t replaced = 1 << 3;  // exec
// Something that is no agent may wake one that waits for a semaphore or a futex: a signal handler, a timer, another process.
inline constexpr std::uint64_t woken_from_outside = 1 << 4;
// The same of every object without an owner: some are shared between processes.
inline constexpr std::uint64_t shares_objects = 1 << 5;
}  // namespace process_status

/// First bytes of a chunk: a run of slots of one agent. Chunks of an agent carry consecutive indices, so that a missing one
/// is noticed; each begins with `held` records for what the agent holds, and with its segment and clock, so that it stands
/// alone when earlier ones are lost.
struct chunk_header {
    std::uint32_t magic;
    std::uint16_t version;
    std::uint16_t held_count;  // `held` records that follow, saturating
    std::uint32_t pages;       // size of the block
    agent_id agent;
    std::uint32_t index;         // 0 for the agent's first chunk
    std::uint32_t segment;       // of the agent at the chunk's begin
    std::uint64_t base_ticks;    // time-stamp counter that the first record's ticks count from
    std::uint64_t previous;      // file offset of the agent's chunk before, 0: none
    std::uint64_t monotonic_ns;  // CLOCK_MONOTONIC at base_ticks: two of these give the counter's frequency
    log_level level;
    std::uint8_t reserved[3];
    std::uint32_t header_crc;  // CRC32C of the bytes before it, 0 while they are being written
    std::uint64_t sealed;      // 0 while written to; then bytes of slots used (32) | CRC32C of them (32) << 32
};
static_assert(sizeof(chunk_header) == 64 && offsetof(chunk_header, header_crc) == 52 &&
              offsetof(chunk_header, sealed) == 56);

/// What an agent is doing, beside its want.
enum class agent_state : std::uint32_t { unborn = 0, running = 1, exited = 2, parked = 3 };

enum class agent_type : std::uint8_t { thread = 0, main_thread = 1, fiber = 2, task = 3 };

/// One lock that an agent holds. One cache line.
struct held_entry {
    std::uint64_t lead;           // hold_word(); 0: no hold here any more, a gap to skip
    std::uint64_t address;        // of the lock
    std::uint64_t site;           // return address of the acquiring call
    std::uint64_t stack_pointer;  // of the caller at that moment
    std::uint64_t callers[4];     // return addresses further out where frame pointers could be followed, else 0
};
static_assert(sizeof(held_entry) == 64);

/// object 32 | flags 8 | recursion depth 16 | check 8: lead of a held_entry and of a want.
constexpr std::uint64_t hold_word(object_id object, std::uint8_t flags, std::uint16_t depth) noexcept {
    const std::uint64_t plain = number(object) | std::uint64_t{flags} << 32 | std::uint64_t{depth} << 40;
    return plain | (plain * check_multiplier >> 56) << 56;
}
constexpr bool is_hold_intact(std::uint64_t word) noexcept {
    const std::uint64_t plain = word & ~(std::uint64_t{0xff} << 56);
    return word == (plain | (plain * check_multiplier >> 56) << 56);
}
constexpr object_id hold_object(std::uint64_t word) noexcept { return object_id{static_cast<std::uint32_t>(word)}; }
constexpr std::uint8_t hold_flags(std::uint64_t word) noexcept { return static_cast<std::uint8_t>(word >> 32); }
constexpr std::uint16_t hold_depth(std::uint64_t word) noexcept { return static_cast<std::uint16_t>(word >> 40); }
/// A hold that another agent's release has ended has depth 0, until its owner drops it at its next step.
constexpr std::uint64_t ended_hold_word(std::uint64_t word) noexcept {
    return hold_word(hold_object(word), hold_flags(word), 0);
}
/// Whether the word is of a hold, and of one that stands.
constexpr bool is_held(std::uint64_t word) noexcept { return word != 0 && hold_depth(word) != 0; }

/// What an agent waits for: the same word, with the operation in the depth field.
constexpr std::uint64_t want_word(object_id object, std::uint8_t flags, event_kind operation) noexcept {
    return hold_word(object, flags, static_cast<std::uint16_t>(operation));
}
constexpr event_kind want_operation(std::uint64_t word) noexcept { return static_cast<event_kind>(hold_depth(word)); }

inline constexpr std::size_t state_held_entries = 60;
inline constexpr std::size_t spill_held_entries = 63;

/// One agent's present: who it is, what it holds, what it wants. Written by the agent alone, but for a hold that another agent's release
/// ends (ended_hold_word()), read by anybody at any time.
/// Order of writes: want is set before a request blocks and cleared after; a hold is entered after acquiring and removed before
/// releasing; `moves` goes up at each of these, so two equal looks with equal `moves` mean that nothing happened between.
struct state_page {
    std::uint32_t magic;
    std::uint32_t pages;   // 1
    agent_id agent;        // 0: the page is free
    std::uint32_t thread;  // kernel thread id that runs it, 0: none
    std::uint64_t moves;
    std::uint64_t want;  // want_word(), 0: nothing
    std::uint64_t want_site;
    std::uint64_t want_stack_pointer;
    std::uint64_t want_ticks;
    std::uint32_t held_count;  // entries in use, spilled ones and gaps included; leads beyond are 0, which guards it
    agent_state state;

    alignas(64) std::uint64_t next;  // file offset of the spill page that holds entry 60 onwards, 0: none
    agent_id creator;
    stack_id creation_stack;
    std::uint32_t segment;
    agent_type type;
    std::uint8_t reserved[3];
    std::uint64_t chunk;            // file offset of the chunk being written
    std::uint64_t want_callers[4];  // of a want that says `contended`; else left over from an earlier one
    char name[16];                  // NUL-padded
    std::uint64_t want_mutex;  // of a condition wait: hold_word() of the mutex that it acquires again, 0: not known

    // Further out, first 0: none. Who waits for a future passes half a dozen functions of the C++ library where nothing is inlined.
    alignas(64) std::uint64_t want_callers_beyond[8];
    held_entry held[state_held_entries];
};
static_assert(sizeof(state_page) == page_size && offsetof(state_page, held) == 256);

/// Continuation of a state page that holds more than fits.
struct spill_page {
    std::uint32_t magic;
    std::uint32_t pages;  // 1
    agent_id agent;
    std::uint32_t index;     // 0 for the first
    std::uint64_t next;      // file offset of the next spill page, 0: none
    std::uint64_t previous;  // file offset of the page before
    std::uint64_t unused[4];
    held_entry held[spill_held_entries];
};
static_assert(sizeof(spill_page) == page_size);

}  // namespace interlock::format
