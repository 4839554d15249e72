// One agent as the recorder sees it from inside: its place in the log, what it holds, what it has already logged.
// Thread-bound: only the thread that runs the agent touches it, except where the thread is known to be gone.
#pragma once

#include <cstddef>
#include <cstdint>

#include "instrument/format/layout.hpp"
#include "instrument/recorder/interlock/agent_state.hpp"
#include "instrument/recorder/unwinder.hpp"

namespace interlock::recorder {

/// A site as an agent caches it: its id, and how many callers further out frame pointers lead to.
struct site_entry {
    std::uint64_t key = 0;  // address | load epoch << 48
    format::site_id id{};
    std::uint32_t caller_depth = 0;
};

inline constexpr std::size_t spill_pages_max = 1u << 14;  // a million holds

/// Open addressing map from a 64-bit hash to four numbers; arena memory; grows by doubling.
struct hash_numbers {
    struct entry {
        std::uint64_t key;  // 0: free
        std::uint32_t first;
        std::uint32_t second;
        std::uint32_t third;
        std::uint32_t fourth;
    };
    entry* entries = nullptr;
    std::uint32_t capacity = 0;
    std::uint32_t used = 0;

    /// The entry of `key`, or nullptr. `key` is not 0.
    entry* find(std::uint64_t key) const noexcept {
        if (capacity == 0) return nullptr;
        const std::uint32_t mask = capacity - 1;
        for (std::uint32_t at = place_of(key) & mask;; at = (at + 1) & mask) {
            if (entries[at].key == key) return &entries[at];
            if (entries[at].key == 0) return nullptr;
        }
    }
    /// Keys are hashes already.
    static std::uint32_t place_of(std::uint64_t key) noexcept { return static_cast<std::uint32_t>(key >> 32); }
    /// The entry of `key`, new (zero) or not; nullptr: out of memory.
    entry* insert(std::uint64_t key) noexcept;
    void release() noexcept;
};

/// scopes.hpp
enum class scope_kind : std::uint8_t { none, handler, initialiser };
struct open_scope {
    std::uintptr_t stack_pointer;  // of the frame that opened it
    format::object_id once;
    int signal_number;
    std::uint8_t handler;      // its number
    std::uint32_t generation;  // of the agent, before
    scope_kind kind;
    bool told;              // the log says that it was entered
    bool inside_operation;  // a handler that interrupted the recorder: it cannot record
    bool left = false;      // by a jump: it ends with the next operation
};
inline constexpr std::uint8_t open_scopes_max = 16;

/// Signal numbers go up to this.
inline constexpr std::size_t signals_max = 64;

/// No generation of the process: an agent that has it takes the slow way in.
inline constexpr std::uint32_t revisit = ~0u;

/// An object of the side table, where this agent met it last.
struct aside_entry {
    std::uint64_t address = 0;
    format::object_id id{};
};
inline constexpr std::size_t aside_cache_size = 32;

static_assert(sizeof(interlock_hold) == sizeof(format::held_entry) &&
              offsetof(interlock_hold, lead) == offsetof(format::held_entry, lead) &&
              offsetof(interlock_hold, address) == offsetof(format::held_entry, address) &&
              offsetof(interlock_hold, site) == offsetof(format::held_entry, site) &&
              offsetof(interlock_hold, stack_pointer) == offsetof(format::held_entry, stack_pointer) &&
              offsetof(interlock_hold, callers) == offsetof(format::held_entry, callers));
static_assert(sizeof(interlock_state_page) == sizeof(format::state_page) &&
              offsetof(interlock_state_page, moves) == offsetof(format::state_page, moves) &&
              offsetof(interlock_state_page, held_count) == offsetof(format::state_page, held_count) &&
              offsetof(interlock_state_page, held) == offsetof(format::state_page, held) &&
              interlock_inline_holds == format::state_held_entries);

static_assert(sizeof(interlock_site) == sizeof(site_entry) &&
              offsetof(interlock_site, key) == offsetof(site_entry, key) &&
              offsetof(interlock_site, caller_depth) == offsetof(site_entry, caller_depth));

/// An agent's memory is zero when it is born; make_agent() sets what is to be otherwise.
struct agent : interlock_agent_state {
    // -- every operation ----------------------------------------------------------------------------------------------
    std::uint32_t generation = 0;         // of the process (process.hpp), as last seen
    std::uint32_t common_generation = 0;  // the same while the shortest way will do (attend()), else `revisit`
    format::state_page* page = nullptr;
    std::uint32_t gaps = 0;  // set_gaps()
    std::uint32_t path_hash_capacity = 0;
    bool full = false;              // level as last seen
    std::uint8_t signal_depth = 0;  // inside so many signal handlers
    format::agent_id id{};
    std::uint32_t segment = 0;

    // -- the log ------------------------------------------------------------------------------------------------------
    format::slot* next = nullptr;
    format::slot* end = nullptr;
    std::uint64_t last_ticks = 0;  // in units of the header's tick_shift
    format::chunk_header* chunk = nullptr;
    std::uint32_t chunk_index = 0;
    std::uint64_t lost = 0;  // events not written since the last loss record
    format::loss_reason lost_reason{};

    // -- dependencies (dependencies.cpp) ------------------------------------------------------------------------------
    // (held set, wanted, mode, site) -> dependency_id, segment it was last logged in, signals open then
    hash_numbers seen;
    hash_numbers paths;  // held path -> held_set_id, chunk it was last defined in
    std::uint32_t dependencies = 0;
    std::uint32_t held_sets = 0;
    std::uint32_t* path_nodes = nullptr;  // held_set_id of each entry's path, valid up to path_valid
    std::uint32_t path_capacity = 0;
    std::uint32_t path_valid = 0;

    // -- the thread ---------------------------------------------------------------------------------------------------
    std::uintptr_t stack_low = 0;  // bounds of its stack where known, else 0
    std::uintptr_t stack_top = 0;
    bool has_own_stack = false;   // else it runs on whatever stack is switched from: a coroutine's task
    std::uint64_t handle = 0;     // pthread_t
    int thread = 0;               // kernel thread id
    bool ending = false;          // its thread-specific data is being destroyed
    std::uint8_t end_rounds = 0;  // of libc's calls of the thread's destructors
    bool finishing = false;       // somebody writes its end; guarded by agents_latch
    agent* next_agent = nullptr;  // list of all, process.hpp
    agent* previous_agent = nullptr;
    format::spill_page** spills = nullptr;
    std::uint32_t spill_count = 0;
    std::uint32_t spill_capacity = 0;

    std::uint32_t test_mark = 0;  // as last told (test_marks.hpp)
    std::uint8_t scope_count = 0;
    open_scope scopes[open_scopes_max] = {};
    std::uint64_t open_signals = 0;                // as last told (open_signals.hpp): bit n - 1 for signal n
    std::uint8_t told_handlers[signals_max] = {};  // with which handler each was open last

    site_entry known_sites[interlock_sites];

    format::object_id failed_try{};  // the last one's object, at level full: what comes of it is said with its stack

    aside_entry asides[aside_cache_size];
    std::uint32_t aside_lives = 0;  // process.aside_lives when they were entered

    /// Entries in use, gaps included. Kept in the state page alone.
    std::uint32_t held_count() const noexcept { return page->held_count; }

    bool is_idle() const noexcept { return busy == interlock_agent_idle; }

    void set_gaps(std::uint32_t count) noexcept {
        gaps = count;
        room = count == 0 ? std::uint32_t{interlock_inline_holds} : 0;
    }

    /// What was told in this segment is to be told again: the shortest ways know of nothing.
    void forget_told() noexcept;

    /// Decides whether the shortest ways will do: no handler, nobody listens. To be called whenever generation,
    /// signal_depth or the observer change.
    void attend() noexcept;
    void set_generation(std::uint32_t seen_now) noexcept {
        generation = seen_now;
        attend();
    }

    /// Entry `index` of what is held. Precondition: index < held_count(), or the place was made by reserve_hold().
    format::held_entry& hold(std::uint32_t index) const noexcept {
        return index < format::state_held_entries
                   ? page->held[index]
                   : spills[(index - format::state_held_entries) / format::spill_held_entries]
                         ->held[(index - format::state_held_entries) % format::spill_held_entries];
    }
};

/// Unwinding takes up to some 8 KiB of stack. Room for it: on the thread's own stack and not near its end. On any other (a signal
/// stack, a fiber's) nobody knows, so there a stack is its site alone.
inline constexpr std::uintptr_t unwinding_room = 16 * 1024;
inline bool has_room_to_unwind(const agent& self, std::uintptr_t stack_pointer) noexcept {
    if (!is_unwinder_primed) return false;
    return stack_pointer < self.stack_top && stack_pointer >= self.stack_low + unwinding_room;
}

/// The agent that this thread runs; nullptr before it is registered. Initial-exec, trivially destructible.
extern __attribute__((visibility("hidden"))) constinit thread_local agent* this_agent;
/// Changed here alone, for it is known by two names.
void set_this_agent(agent* self) noexcept;

/// Births. All return with the agent's state page and first chunk made, or nullptr when there is no room (counted as loss).
agent* make_agent(format::agent_id creator, format::stack_id creation_stack, format::agent_type type) noexcept;
/// A birth announced but not to be: pthread_create failed. The agent is freed.
void unmake_agent(agent& unborn) noexcept;
/// The agent's last record, and its resources to the next. Precondition: its thread is gone, or is the caller.
void finish_agent(agent& ended) noexcept;
/// Finishes agents whose threads have ended without anybody joining them.
void finish_ended_agents() noexcept;

/// The agent with this id among those not finished; nullptr: none.
agent* find_agent(format::agent_id id) noexcept;
/// The same for an agent whose thread has ended, to be finished by the caller; nullptr: none, or somebody else finishes it.
agent* claim_ended_agent(format::agent_id id) noexcept;

/// Who holds a lock, and where it was acquired: a return address and, where they are known, those further out; first 0: no more.
struct found_hold {
    format::agent_id holder{};
    std::uint64_t trail[5] = {};
};
/// By the state pages; `none` if nobody. Slow: for misuse only. `but` is left out.
found_hold find_holder(format::object_id object, const agent* but) noexcept;
/// Ends that hold in the holder's own page: it drops it at its next step, and who reads the page takes it for ended at once. A hold that
/// its owner touches at the same moment may stay; the program is wrong anyway. Returns the hold.
found_hold end_hold(format::object_id object, const agent* but) noexcept;

}  // namespace interlock::recorder
