// A mapped file that somebody cuts gives SIGBUS to whoever reads on. While a mapping is guarded it reads as zeros from there on instead,
// and says that it was cut. Other faults go to whoever handled SIGBUS before.
#pragma once

#include <cstddef>

namespace interlock::trace {

struct guarded_range;

/// Guards a mapping; a handler is installed with the first. Not of a file that this process itself writes by the mapping. Thread-safe.
guarded_range* guard_mapping(const void* begin, std::size_t size);
/// Before unmapping. nullptr is allowed. Thread-safe.
void unguard_mapping(guarded_range* range) noexcept;
/// Was a part of it read that the file has no more?
bool was_cut(const guarded_range& range) noexcept;

}  // namespace interlock::trace
