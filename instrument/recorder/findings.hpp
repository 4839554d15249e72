// What becomes of a finding that the process itself makes while it runs (an inversion, a race): a few lines on standard error, a call of
// whoever asked for it, a stop. Judgement is order_check's and the race runtime's.
#pragma once

#include "instrument/recorder/interlock/recorder.hpp"
#include "instrument/recorder/message.hpp"

namespace interlock::recorder {

using finding_callback = void (*)(const interlock_finding* found, void* data);

/// Whether anybody wants to be told: decides whether it is worth looking. Thread-safe.
bool are_findings_wanted() noexcept;
/// Whether somebody is called or stopped by one, and does not wait for a report. Thread-safe.
bool are_findings_acted_on() noexcept;
/// Whether more than the first is wanted. Thread-safe.
bool are_all_findings_wanted() noexcept;

/// Prints `report` (`printed`: unless others report), tells the callback, and stops the process here if the option halt_on_error says so:
/// SIGTRAP under a debugger, else abort(). Where somebody is called or stopped, none of this happens if nothing is left but what the options
/// `suppressions` and `baseline` hide. Precondition: the agent is busy, no latch is held. Thread-safe.
void announce(const char* kind, const message& report, bool printed) noexcept;

/// The same of a race, unless something that orders threads goes unseen: then it is for the analysis, which says so.
void announce_race(const char* kind, const message& report, bool printed) noexcept;

/// Something that orders threads goes unseen from now on. Thread-safe.
void note_unseen_order() noexcept;

/// interlock_v1_on_finding. Thread-safe.
void listen_to_findings(finding_callback callback, void* data) noexcept;

/// interlock_v1_take_over_reports. Thread-safe.
void take_over_reports() noexcept;

}  // namespace interlock::recorder
