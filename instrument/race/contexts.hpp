// Where an access was made, as one number: the calling context, what was held, the code address. So the stack of any earlier access
// is at hand, whatever has happened since (Ammons, Ball and Larus, PLDI 1997: calling context trees).
//
// A context is a pair (caller's context, return address), 0 the outermost. A held path is a pair (rest, object | shared). A descriptor
// is a pair (context | held path << 32, address). When a table is full, what is new is told less exactly: without what was held,
// then without callers; never wrongly.
#pragma once

#include <cstdint>

#include "instrument/format/ids.hpp"
#include "instrument/race/cell.hpp"
#include "instrument/race/pair_table.hpp"

namespace interlock::race {

extern constinit pair_table contexts;
extern constinit pair_table held_paths;
extern constinit pair_table descriptors;

/// A call under way: return address into the caller, and the context it makes, 0 until somebody asks. `activation` tells this call from others of
/// its function; it holds where `context` is not 0.
struct call_frame {
    std::uint64_t return_address;
    std::uint32_t context;
    std::uint32_t activation;
};

std::uint32_t make_contexts(call_frame* base, call_frame* top) noexcept;

/// The context of the innermost of the frames [base, top). Fills in what was not asked before.
inline std::uint32_t context_of(call_frame* base, call_frame* top) noexcept {
    if (top == base) return 0;
    return __builtin_expect(top[-1].context != 0, 1) ? top[-1].context : make_contexts(base, top);
}

inline constexpr std::uint64_t shared_hold = std::uint64_t{1} << 32;
inline constexpr std::uint64_t frees_bit = std::uint64_t{1} << 31;  // beside a descriptor's context: it is a free

/// What a descriptor says.
struct place {
    std::uint64_t address = 0;
    std::uint32_t context = 0;
    std::uint32_t held = 0;
    bool frees = false;
};
place place_of(descriptor what) noexcept;

/// The stack of a place: its address, then the callers outwards. Returns how many.
std::size_t stack_of(const place& where, std::uint64_t* out, std::size_t out_max) noexcept;

}  // namespace interlock::race
