// Which part of a stack is the user's: a finding points at the user's line, not at the library's.
#pragma once

#include "analysis/findings/finding.hpp"

namespace interlock::findings {

/// True for frames of the C and C++ libraries, of the recorder, of another tool's runtime, and of what starts a program or a
/// thread, even where they are inlined into or instantiated in the user's own module. Reentrant.
bool is_library_frame(const frame& one);

/// `whole` (innermost first) without library frames at its two ends. Those in between stay: they explain who called whom. Never
/// drops everything: a stack of library frames alone stays, but for the recorder's own.
stack user_frames(stack whole);

}  // namespace interlock::findings
