// What is cheapest to change about a cycle, by what its locks are.
#pragma once

#include <string>

#include "analysis/findings/finding.hpp"

namespace interlock::report {

/// One sentence or two, with a full stop at the end; empty for findings that are no cycle. Only what the types of the locks allow: a
/// semaphore or a pthread_mutex_t of a C program is nothing for std::scoped_lock.
std::string default_advice(const findings::finding& what);

}  // namespace interlock::report
