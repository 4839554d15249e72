// The recorder's own large mappings: where they lie, so that what the program does to all of its memory (mlockall) can leave them out, and how
// they are made, so that limits of the program's memory stay the program's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "instrument/recorder/maps_file.hpp"

namespace interlock::recorder {

/// Anonymous private memory, zeroed; nullptr when there is none.
void* map_anonymous(std::size_t size) noexcept;
void unmap(void* address, std::size_t size) noexcept;

/// Inaccessible private memory: no part of RLIMIT_DATA (getrlimit(2)) until allow_access(). nullptr: none to be had.
void* reserve(std::size_t size) noexcept;
/// Makes whole pages of it readable and writable. False: the limit does not allow it.
bool allow_access(void* begin, std::size_t size) noexcept;

/// Zeroed memory that is no part of RLIMIT_DATA, because a forked child shares it: for what a child unmaps before it uses any.
void* map_shared_with_children(std::size_t size) noexcept;

/// A mapping that the functions above did not make.
void remember_mapping(const void* begin, std::size_t size) noexcept;
void forget_mapping(const void* begin) noexcept;

/// Copies the known ones. Returns how many. Thread-safe; one that is made or unmapped meanwhile may be missed.
std::size_t copy_own_mappings(std::span<mapped_range> out) noexcept;
inline constexpr std::size_t own_mappings_max = 256;  // more of them are not known

/// From now on the kernel locks what is mapped (mlockall(2), MCL_FUTURE), or does no longer: ours is let go of each time.
void set_future_locked(bool locked) noexcept;

}  // namespace interlock::recorder
