// What of an agent the way sees that is inlined into user's code (<interlock/fast_path.hpp>): the recorder's own book, laid open. The recorder's
// agent begins with it, so there is one definition of it and of the hashes in it. Programs are compiled against this layout: whatever changes here, in
// meaning too, takes another `interlock_layout`, and a program of another layout finds no agent idle and calls the library instead.
#pragma once

#include <cstdint>

// Of this header; another number stands for a program of another version.
#ifndef INTERLOCK_LAYOUT
#define INTERLOCK_LAYOUT 1
#endif

extern "C" {

/// One lock that is held, as the log has it: format::held_entry.
struct interlock_hold {
    std::uint64_t lead;
    std::uint64_t address;
    std::uint64_t site;
    std::uint64_t stack_pointer;
    std::uint64_t callers[4];
};

/// The agent's present, in the log: what is used here of format::state_page. Anybody may read it at any time.
struct interlock_state_page {
    std::uint64_t identity[2];
    std::uint64_t moves;
    std::uint64_t want[4];
    std::uint32_t held_count;
    std::uint32_t state;
    std::uint64_t more[24];
    struct interlock_hold held[60];
};

/// Something that the log tells already in this segment, and the first word of the hold that comes of it.
struct interlock_told {
    std::uint64_t key;
    std::uint64_t lead;
};

/// A place of the program as an agent has met it last, and how many callers further out frame pointers lead to.
struct interlock_site {
    std::uint64_t key;  // address of 48 bits | load epoch << 48
    std::uint32_t id;
    std::uint32_t caller_depth;
};

enum : std::uint32_t {
    interlock_sites = 256,
    interlock_told_bare = 256,    // entries for locks acquired with nothing held, by number
    interlock_told_recent = 256,  // entries for dependencies, by the top bits of their keys
    interlock_recent_shift = 64 - 8,
    interlock_inline_holds = 60,  // of the state page itself
    interlock_layout = INTERLOCK_LAYOUT,
};

/// Thread-bound: written by the thread that runs the agent alone.
struct interlock_agent_state {
    std::uint64_t busy;  // interlock_agent_idle, or just below the stack pointer of the operation under way
    const std::uint32_t* process_generation;
    std::uint32_t open_generation;  // the same, as last seen, while the inlined way will do
    std::uint32_t life;             // of the process, in every object's identity
    struct interlock_state_page* present;
    std::uint64_t*
        path_hashes;  // [n]: of the first n holds; nullptr, or room for all of interlock_inline_holds and more
    std::uint64_t hashed_first;  // lead of the hold that path_hashes[1] is of
    std::uint32_t hashed_count;  // path_hashes are right up to here, for what is held now or was held last
    std::uint32_t room;  // holds that may be entered and left here: interlock_inline_holds, or 0 while there are gaps
    // The hold that was entered here last with nothing held, while all is as it was then but for holds of other places: key and lead.
    std::uint64_t first_key;
    std::uint64_t first_lead;
    const struct interlock_site* sites;
    const std::uint64_t* site_epoch;  // of the process: load epoch << 48
    struct interlock_told recent[interlock_told_recent];
    struct interlock_told bare[interlock_told_bare];
};

/// `busy` of an agent without an operation under way: no stack pointer, and another number for each layout.
enum : std::uint32_t { interlock_agent_idle = interlock_layout << 20 | sizeof(struct interlock_agent_state) };

/// Of no object.
enum : std::uint64_t { interlock_no_key = ~std::uint64_t{0} };

/// Bits of an object's identity, and of the keys made of it: id | life << 32 | these.
enum : std::uint64_t {
    interlock_life_mask = 0x3fff'ffff,
    interlock_shared_key = std::uint64_t{1} << 62,  // of a key: of a shared hold
    interlock_elsewhere = std::uint64_t{1} << 63,   // of an identity: the log knows the lock by another address
};

/// This thread's agent; one that is never idle where there is none.
extern __attribute__((visibility("default"),
                      tls_model("initial-exec"))) __thread struct interlock_agent_state* interlock_v1_agent;
}

namespace interlock {

/// Hash of a held path: of the path below it, and of the hold (or the request) on top. Two multiplications, for 64 bits that
/// differ wherever anything differs, so a clash among a million paths is a matter of 1 in 36 million; never 0.
/// `what`: the lock's number | flags << 32, without `contended`.
__attribute__((always_inline)) inline std::uint64_t path_hash(std::uint64_t below, std::uint64_t what,
                                                              std::uint64_t site) noexcept {
    const std::uint64_t mixed = (below + what) * 0xD6E8'FEB8'6659'FD93;
    return ((mixed ^ mixed >> 32) + site) * 0x9E37'79B9'7F4A'7C15 | 1;
}

/// Of `interlock_told_bare`.
__attribute__((always_inline)) inline std::uint32_t bare_index(std::uint64_t object, bool shared) noexcept {
    return (static_cast<std::uint32_t>(object) ^ (shared ? interlock_told_bare / 2 : 0)) % interlock_told_bare;
}

/// Where an agent keeps a site, of `interlock_sites`; and the key of it in this epoch.
__attribute__((always_inline)) inline std::uint32_t site_index(std::uint64_t site) noexcept {
    return static_cast<std::uint32_t>(site ^ site >> 8) % interlock_sites;
}
__attribute__((always_inline)) inline std::uint64_t site_key(std::uint64_t site, std::uint64_t epoch) noexcept {
    return (site & 0xffff'ffff'ffff) | epoch;
}

}  // namespace interlock
