// A race as it is found: once for each pair of places to the log, and a line to standard error.
#pragma once

#include "instrument/race/cell.hpp"
#include "instrument/race/shadow.hpp"
#include "instrument/race/thread.hpp"

namespace interlock::race {

/// `later` is the access that `self` makes now, `earlier` one that is not ordered before it. Called with the cell locked.
void report_race(thread& self, std::uintptr_t address, const access_entry& later, const access_entry& earlier,
                 recorder::agent* entered = nullptr) noexcept;

/// A check-then-act (sections.hpp): the act, the other thread's write, and where the check was made.
struct stale_check {
    access_entry act;
    access_entry remote;
    descriptor check;
    bool came_between;
};
/// To the log, once for each check and act; `agent` is entered.
void report_atomicity(thread& self, recorder::agent& agent, std::uintptr_t cell_begin,
                      const stale_check& found) noexcept;

/// Forked child: nothing was found so far.
void reset_reports() noexcept;

}  // namespace interlock::race
