// How much memory a test program has allocated by `new`: linked in, it replaces the global operators.
#pragma once

#include <cstddef>

namespace interlock::testing {

/// Bytes allocated now.
std::size_t allocated_bytes() noexcept;
/// The most since the last reset.
std::size_t allocated_bytes_max() noexcept;
void reset_allocated_bytes_max() noexcept;

}  // namespace interlock::testing
