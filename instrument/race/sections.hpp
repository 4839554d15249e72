// Check-then-act: a thread reads a variable in one section of a lock, lets go of the lock, and writes the variable in another section without
// looking again, although other threads write it under the same lock.
//
// Sources: Artho, Havelund and Biere, High-level data races (VVEIS 2003); Burrows and Leino, Finding stale-value errors in concurrent
// programs (2004); Lu and others, AVIO (ASPLOS 2006). From them the shape (read, remote write, write); what is asked besides is ours, since
// whether a write depends on a value that was read is not to be seen here:
//   - the check and the act lie in two sections that begin at different places of the program, with no lock held from one to the other;
//   - the call of the function that made the check has not returned at the act;
//   - between them the thread neither reads nor writes the variable.
// *Witnessed*: the variable no longer has the value that was checked, another thread wrote it under the lock, and the section ends with a value
// other than his: his write is lost unseen. Else it is a hint, told of static variables alone, which are not handed from owner to owner.
#pragma once

#include <cstdint>

#include "instrument/race/access.hpp"
#include "instrument/race/held.hpp"
#include "instrument/race/runtime.hpp"

namespace interlock::race {

struct section_book;

/// Is this access one to look at? Cost for others: a comparison or two.
inline bool is_in_section(thread& self, access_mode mode) noexcept {
    return !is_atomic(mode) && runtime.mode == mode::detect && self.ignored == 0 && held_path_of(self) != 0;
}

/// An access that is_in_section(), its cell locked and not yet changed. `value`: the cell's eight bytes before the access.
void note_in_section(thread& self, const cell& at, std::uint64_t head, std::uintptr_t address, std::uint32_t bytes,
                     access_mode mode, std::uint64_t value, std::uintptr_t site) noexcept;

/// The thread holds a lock now, and held none before; `site` is where it was acquired.
void begin_section(thread& self, std::uintptr_t site) noexcept;
/// It is about to let go of the last: what the section leaves behind decides. `agent` is entered.
void end_section(thread& self, recorder::agent& agent) noexcept;

/// The thread's part of the book is given back.
void forget_sections(thread& gone) noexcept;

}  // namespace interlock::race
