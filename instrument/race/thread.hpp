// One thread as the race runtime sees it, and the slots that threads occupy in clocks and cells.
//
// A slot is a place in every clock. Its clock never goes back: a thread that gets a slot goes on where the one before it ended, and
// when a clock nears its greatest value the thread moves to another slot. A slot is given anew to a thread whose creator
// knows all that the one before did there, so that nothing is mistaken for ordered. Only when all 4095 slots are taken by threads
// that nobody joined or learnt of, the one that ended first is reused all the same, which is counted.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "instrument/format/ids.hpp"
#include "instrument/race/cell.hpp"
#include "instrument/race/clock.hpp"
#include "instrument/race/contexts.hpp"
#include "instrument/race/records.hpp"

namespace interlock::recorder {
struct agent;
}

namespace interlock::race {

struct section_book;

struct place_cache_entry {
    std::uint64_t address = 0;
    std::uint64_t where = 0;  // context | held << 32
    descriptor id = 0;
};
inline constexpr std::size_t place_cache_size = 256;

struct thread {
    // -- what it knows ------------------------------------------------------------------------------------------------
    clock_vector known;        // by slot; its own entry is `clock`
    clock_vector learnt_from;  // by slot: the object by which the entry was last raised
    std::uint32_t slot = 0;
    std::uint32_t clock = 0;
    std::uint32_t first_clock = 0;  // what lies before in its slot is another thread's, or its own from before
    std::uint32_t prior = 0;        // how much of that it knows
    clock_vector fence_released;    // at its last release fence; empty: none
    clock_vector fence_pending;     // what relaxed loads have seen, for the next acquire fence

    // -- what it does -------------------------------------------------------------------------------------------------
    std::uint32_t held = 0;  // held path, if `held_valid`
    bool held_valid = false;
    struct single_hold {
        std::uint64_t hold = 0;
        std::uint32_t path = 0;
    };
    single_hold singles[16];           // locks that were held alone, and their paths
    std::uint8_t inside = 0;           // in the runtime itself
    std::uintptr_t allocating = 0;     // frame of the operator new or delete that runs
    std::uint16_t ignored = 0;         // depth of Annotate...Begin: accesses
    std::uint16_t ignored_order = 0;   // and synchronisation
    std::uint32_t sample = 0;          // random state of the mode `sample`
    bool sampled_out = false;          // this epoch's accesses are not recorded
    std::uint8_t barrier_phase = 0;    // of the barrier it waits at
    section_book* sections = nullptr;  // sections.hpp
    record_cache records;
    place_cache_entry places[place_cache_size];

    std::uintptr_t code_begin = 0;  // of the module that called last
    std::uintptr_t code_size = 0;

    // -- who it is ----------------------------------------------------------------------------------------------------
    format::agent_id id{};
    recorder::agent* self = nullptr;
    std::uintptr_t stack_low = 0;
    std::uintptr_t stack_top = 0;
    bool detached = false;
    bool ended = false;
    thread* next = nullptr;
    thread* previous = nullptr;
    call_frame* frames = nullptr;  // its shadow call stack, where a fiber has one of its own
    call_frame* frames_top = nullptr;
};

/// What every hook reads. Initial-exec, one load away.
struct thread_front {
    std::uint64_t own =
        head_bits::nobodys;  // slot and clock as in a head, `two` and all bytes set: see coverage_mask()
    call_frame* top = nullptr;
    call_frame* limit = nullptr;
    call_frame* base = nullptr;
    thread* self = nullptr;
    std::uint32_t beyond = 0;  // calls deeper than the shadow stack

    /// Are this thread's accesses recorded just now?
    bool is_recording() const noexcept { return own != head_bits::nobodys; }
    /// Slot and clock as in a head; 0: nothing is recorded.
    std::uint64_t stamp() const noexcept { return own & ~head_bits::nobodys; }
};
extern constinit thread_local thread_front front __attribute__((tls_model("initial-exec")));

/// The shadow stack is made at a thread's first call.
bool make_frames() noexcept;
void free_frames(call_frame* base) noexcept;
call_frame* end_of_frames(call_frame* base) noexcept;

/// A thread with what `creator` knows (nullptr: with all there is to know, for nobody knows who made it). nullptr: no memory.
thread* make_thread(const thread* creator, format::agent_id id) noexcept;
/// Its slot may be given anew, its clock stays for who joins it.
void end_thread(thread& gone) noexcept;
/// Nobody asks any more.
void free_thread(thread& gone) noexcept;
thread* find_thread(format::agent_id id) noexcept;

/// The thread's next epoch, after a release. May change its slot.
void advance(thread& self) noexcept;

/// After a release: the next epoch, shown, and whether it is sampled.
void begin_epoch(thread& self) noexcept;

/// `front.own` follows; called by the thread itself when its clock, its slot or whether it is recorded has changed.
void show(const thread& self) noexcept;

/// Learns what `other` knows; `object` tells by what.
void learn(thread& self, const clock_vector& other, std::uint32_t object) noexcept;

/// Is an earlier access of this stamp ordered before what `self` does now? Or its own.
inline bool is_ordered(const thread& self, std::uint64_t stamp) noexcept {
    const std::uint32_t slot = slot_of(stamp);
    const std::uint32_t clock = clock_of(stamp);
    if (slot == self.slot) return clock >= self.first_clock || clock <= self.prior;
    return clock <= self.known[slot];
}

/// Which agent had that slot at that time.
format::agent_id agent_at(std::uint64_t stamp) noexcept;

/// What that agent is called, as it is in the report: its name, else the kernel's number of it. Agents that ended included.
struct thread_label {
    format::agent_id id{};
    std::uint32_t task = 0;
    char name[16] = {};
};
thread_label label_at(std::uint64_t stamp) noexcept;

/// Whose stack an address lies on; nullptr: nobody's. Copies what is asked for under the latch.
struct stack_owner {
    format::agent_id id{};
    std::uintptr_t low = 0;
    std::uintptr_t top = 0;
};
bool find_stack(std::uintptr_t address, stack_owner& out) noexcept;

/// Forked child: only this thread is left.
void keep_only(thread* self) noexcept;

/// For tests: clocks end here instead of at clock_max.
extern constinit std::uint32_t clock_limit;
/// Slots reused although what was done in them may be unknown.
std::uint32_t slots_forced() noexcept;

}  // namespace interlock::race
