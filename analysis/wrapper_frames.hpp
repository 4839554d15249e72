// A class around a lock takes all of them at one line: that line tells no cycle from another, and nobody has to mend it. So those
// frames go from the stacks of a cycle to finding::wrapper, and what is inner then is the code that uses the class.
#pragma once

#include "analysis/findings/finding.hpp"

namespace interlock::analysis {

/// The innermost frames that all stacks of the cycle `what` share, if behind them each side comes from two places. Leaves alone what takes
/// several locks at one line (a loop: its held and wanted stacks are the same) and what calls itself. Linear in the frames.
void set_wrapper_apart(findings::finding& what);

/// The same for the two stacks of one edge, whose wrapper nobody asks for.
void drop_wrapper(findings::stack& held, findings::stack& wanted);

/// A stack seen elsewhere, without the frames of `wrapper` if it begins with them.
findings::stack without_wrapper(findings::stack frames, const findings::stack& wrapper);

}  // namespace interlock::analysis
