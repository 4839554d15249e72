// The lines of /proc/self/maps (proc(5)): "begin-end rights offset device inode   path".
#pragma once

#include <fcntl.h>

#include <cstdint>
#include <cstring>
#include <span>

#include "instrument/recorder/system_call.hpp"

namespace interlock::recorder {

/// Longer than any line: the longest path and what stands before it.
inline constexpr std::size_t maps_line_max = 4096 + 128;

struct mapped_range {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
};

/// The range that a line begins with; an empty one: it is no such line.
mapped_range range_of(const char* line, const char* end) noexcept;

/// Calls `visit(line, end)` with each line, without its newline, until it returns true, which is returned. `room` holds two lines or more; it
/// is the caller's, since a line does not fit on every stack. False also where /proc cannot be read. Cost: some hundred microseconds.
template <typename Visit>
bool visit_maps(std::span<char> room, Visit visit) noexcept {
    const long maps =
        system_call(SYS_openat, AT_FDCWD, reinterpret_cast<long>("/proc/self/maps"), O_RDONLY | O_CLOEXEC);
    if (is_error(maps)) return false;
    bool found = false;
    std::size_t filled = 0;
    while (!found && filled != room.size()) {  // reason: no line is that long
        const long got = system_call(SYS_read, maps, reinterpret_cast<long>(room.data() + filled),
                                     static_cast<long>(room.size() - filled));
        if (got <= 0) break;
        filled += static_cast<std::size_t>(got);
        const char* line = room.data();
        const char* const stop = line + filled;
        while (const auto* end =
                   static_cast<const char*>(std::memchr(line, '\n', static_cast<std::size_t>(stop - line)))) {
            found = visit(line, end);
            line = end + 1;
            if (found) break;
        }
        filled = static_cast<std::size_t>(stop - line);
        std::memmove(room.data(), line, filled);
    }
    system_call(SYS_close, maps);
    return found;
}

}  // namespace interlock::recorder
