// A line of /proc/self/maps (proc(5)): "begin-end rights offset device inode   path". The path is the rest of the line, from its
// first '/' on, since nothing before holds one.
#include "instrument/recorder/mapped_path.hpp"

#include <fcntl.h>

#include <cstring>

#include "instrument/recorder/system_call.hpp"

namespace interlock::recorder {
namespace {

/// The longest path and what stands before it.
constexpr std::size_t line_max = 4096 + 128;
constinit char lines[2 * line_max];

/// Reads hexadecimal digits; `at` is left behind them.
std::uintptr_t read_address(const char*& at, const char* end) noexcept {
    std::uintptr_t value = 0;
    for (; at != end; ++at) {
        const char digit = *at;
        if (digit >= '0' && digit <= '9')
            value = value << 4 | static_cast<std::uintptr_t>(digit - '0');
        else if (digit >= 'a' && digit <= 'f')
            value = value << 4 | static_cast<std::uintptr_t>(digit - 'a' + 10);
        else
            break;
    }
    return value;
}

bool is_of(const char* line, const char* end, std::uintptr_t address) noexcept {
    const std::uintptr_t first = read_address(line, end);
    if (line == end || *line != '-') return false;
    const std::uintptr_t last = read_address(++line, end);
    return address >= first && address < last;
}

std::size_t copy_path(const char* line, const char* end, std::span<char> out) noexcept {
    constexpr char deleted[] = " (deleted)";
    constexpr std::size_t deleted_size = sizeof deleted - 1;
    const auto* path = static_cast<const char*>(std::memchr(line, '/', static_cast<std::size_t>(end - line)));
    if (path == nullptr) return 0;
    const auto size = static_cast<std::size_t>(end - path);
    if (size > out.size()) return 0;
    if (size > deleted_size && std::memcmp(end - deleted_size, deleted, deleted_size) == 0) return 0;
    std::memcpy(out.data(), path, size);
    return size;
}

std::size_t search(long maps, std::uintptr_t address, std::span<char> out) noexcept {
    std::size_t filled = 0;
    for (;;) {
        const long got = system_call(SYS_read, maps, reinterpret_cast<long>(lines + filled),
                                     static_cast<long>(sizeof lines - filled));
        if (got <= 0) return 0;
        filled += static_cast<std::size_t>(got);
        const char* line = lines;
        const char* const stop = lines + filled;
        while (const auto* end =
                   static_cast<const char*>(std::memchr(line, '\n', static_cast<std::size_t>(stop - line)))) {
            if (is_of(line, end, address)) return copy_path(line, end, out);
            line = end + 1;
        }
        filled = static_cast<std::size_t>(stop - line);
        if (filled == sizeof lines) return 0;  // reason: no line is that long
        std::memmove(lines, line, filled);
    }
}

}  // namespace

std::size_t find_mapped_path(std::uintptr_t address, std::span<char> out) noexcept {
    const long maps =
        system_call(SYS_openat, AT_FDCWD, reinterpret_cast<long>("/proc/self/maps"), O_RDONLY | O_CLOEXEC);
    if (is_error(maps)) return 0;
    const std::size_t size = search(maps, address, out);
    system_call(SYS_close, maps);
    return size;
}

}  // namespace interlock::recorder
