#include "instrument/recorder/maps_file.hpp"

namespace interlock::recorder {
namespace {

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

}  // namespace

mapped_range range_of(const char* line, const char* end) noexcept {
    const std::uintptr_t first = read_address(line, end);
    if (line == end || *line != '-') return {};
    return {first, read_address(++line, end)};
}

}  // namespace interlock::recorder
