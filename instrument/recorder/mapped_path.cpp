// The path of a line of /proc/self/maps is its rest from its first '/' on, since nothing before holds one.
#include "instrument/recorder/mapped_path.hpp"

#include <cstring>

#include "instrument/recorder/maps_file.hpp"

namespace interlock::recorder {
namespace {

constinit char lines[2 * maps_line_max];

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

}  // namespace

std::size_t find_mapped_path(std::uintptr_t address, std::span<char> out) noexcept {
    std::size_t size = 0;
    visit_maps(lines, [&](const char* line, const char* end) {
        const mapped_range range = range_of(line, end);
        const bool found = address >= range.begin && address < range.end;
        if (found) size = copy_path(line, end, out);
        return found;
    });
    return size;
}

}  // namespace interlock::recorder
