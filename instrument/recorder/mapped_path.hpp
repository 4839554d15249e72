// Which file is mapped at an address, by /proc/self/maps: a library's own name may be relative to a directory that the program has
// left since.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace interlock::recorder {

/// The absolute path of the file mapped at `address`, put into `out`, not terminated. Returns its length; 0: none, deleted since, longer
/// than `out`, or /proc cannot be read. Cost: some hundred microseconds. To be called by one thread at a time.
std::size_t find_mapped_path(std::uintptr_t address, std::span<char> out) noexcept;

}  // namespace interlock::recorder
