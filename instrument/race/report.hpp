// A race as it is found: once for each pair of places to the log, and a line to standard error.
#pragma once

#include "instrument/race/cell.hpp"
#include "instrument/race/shadow.hpp"
#include "instrument/race/thread.hpp"

namespace interlock::race {

/// `later` is the access that `self` makes now, `earlier` one that is not ordered before it. Called with the cell locked.
void report_race(thread& self, std::uintptr_t address, const access_entry& later, const access_entry& earlier) noexcept;

/// Forked child: nothing was found so far.
void reset_reports() noexcept;

}  // namespace interlock::race
