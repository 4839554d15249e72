// What a thread holds, as one number. The recorder's own book is read, which tells at each change.
#pragma once

#include "instrument/race/thread.hpp"

namespace interlock::race {

/// Id in held_paths, 0: nothing held. Cost: nothing while nothing changes.
std::uint32_t read_held_path(thread& self) noexcept;
inline std::uint32_t held_path_of(thread& self) noexcept {
    return __builtin_expect(self.held_valid, 1) ? self.held : read_held_path(self);
}

/// The objects of a held path, innermost last, as far as they fit; returns how many there are.
std::uint32_t objects_of(std::uint32_t path, format::object_id* out, std::uint32_t out_max) noexcept;

}  // namespace interlock::race
