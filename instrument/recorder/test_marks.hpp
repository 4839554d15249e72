// Which test the program is in, as its test runner says. One thread says it; every agent repeats it in its own records at its next
// operation, where that ends a segment, so that the same dependencies are logged anew in each test.
#pragma once

#include <cstdint>

#include "instrument/recorder/agent.hpp"

namespace interlock::recorder {

/// From here on everything is of the test `name` (at most 511 bytes of it), or of none (nullptr). With the name that the last mark had
/// and `again`, the same run of the test goes on. Returns the mark's number: 1, 2, 3 ... Thread-safe; the agent is busy.
std::uint32_t mark_test(agent& self, const char* name, bool again) noexcept;

/// Whether the last mark began a test. Thread-safe.
bool is_in_test() noexcept;

/// Writes the last mark to the agent's records, if it is not there yet. The agent is busy.
void tell_test(agent& self) noexcept;

/// A forked child is in its parent's test.
void begin_tests_in_child(agent& self) noexcept;

}  // namespace interlock::recorder
