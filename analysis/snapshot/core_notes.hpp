// The notes of a core dump: threads with their registers, the process, the files that were mapped. Private to this room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/snapshot/image.hpp"

namespace interlock::snapshot {

struct core_notes {
    std::vector<thread> threads;        // in order of the notes
    std::vector<mapping> mappings;      // those of files
    std::uint64_t pid = 0;              // 0: not told
    std::uint64_t entry = 0;            // of the program; 0: not told
    std::string name;                   // of the process, 15 characters
    std::optional<std::string> damage;  // why the rest could not be read
};

/// Reads one segment of notes into `into`. Reentrant; linear; whatever the bytes are.
void read_notes(std::span<const std::byte> bytes, core_notes& into);

}  // namespace interlock::snapshot
