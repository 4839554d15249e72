// What a process or a core dump that nobody recorded shows of its locks: deadlocks as findings, with the words, ids and conditions that a
// log of the same hang has, and who else waits. Beside the analyser, which reads logs.
#pragma once

#include "analysis/findings/finding.hpp"
#include "analysis/snapshot/image.hpp"

namespace interlock::analysis {

/// Thread-bound. A deadlock is a closed cycle of threads, each of which waits without a time-out for what the next holds by the
/// lock's own word: mutexes, rwlocks held by a writer, ends of threads. The rest is in report_data::waits. Cost: a stack and its
/// symbols for each thread that waits.
findings::report_data examine(const snapshot::image& of);

}  // namespace interlock::analysis
