// File descriptors as the race runtime sees them: what is written into one end orders the writer before who reads it at the other, and
// the number itself is a word of memory that each use reads and that opening and closing write.
#pragma once

#include <cstddef>
#include <cstdint>

namespace interlock::race {

inline constexpr std::uint32_t descriptors_max = 1u << 16;  // higher ones are not followed

/// The table is this process's: at the start, and in a forked child. A child of vfork does nothing with it.
void adopt_descriptors() noexcept;

/// The word of a descriptor's number, in a table of ours; which number a word is, or -1 if it is none.
std::uintptr_t word_of_descriptor(int file) noexcept;
int descriptor_at(std::uintptr_t address) noexcept;

}  // namespace interlock::race
