// The local variables of a function that hold a lock for as long as they live: std::lock_guard and its kind. Private to this room.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/symbols/symboliser.hpp"

namespace interlock::symbols {

/// Those of `function` that are in scope at `address`, innermost block first; those of functions inlined into it are not among them.
/// `function` is a Dwarf_Die* of a subprogram or an inlined one, `frame` that of the subprogram whose frame it uses. Only variables
/// at a fixed distance from the frame are told. local_guard::depth is left to the caller. Linear in the function's entries.
std::vector<local_guard> local_guards(void* function, void* frame, std::uint64_t address);

}  // namespace interlock::symbols
