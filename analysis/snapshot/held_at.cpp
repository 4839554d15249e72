// What a guard refers to is one of its words, whatever its class: a reference, a pointer beside a flag, a tuple of references. A slot whose
// guard is not made yet, declared behind the line that the function is at, does not count.
#include "analysis/snapshot/held_at.hpp"

#include <algorithm>

namespace interlock::snapshot {
namespace {

constexpr std::uint64_t guard_bytes_max = 256;

/// Whether the guard at `place` refers to the lock, and holds it.
bool refers_to(const image& of, const symbols::local_guard& guard, std::uint64_t place, std::uint64_t lock) {
    constexpr std::uint64_t flag_at = sizeof(std::uint64_t);
    if (guard.may_be_empty) {
        const auto owns = read_value<std::uint8_t>(of.read, place + flag_at);
        return read_value<std::uint64_t>(of.read, place) == lock && owns && *owns == 1;
    }
    for (std::uint64_t at = 0; at + sizeof lock <= std::min(guard.size, guard_bytes_max); at += sizeof lock)
        if (read_value<std::uint64_t>(of.read, place + at) == lock) return true;
    return false;
}

}  // namespace

std::vector<symbols::frame> held_at(const image& of, std::span<const frame> stack, std::uint64_t address,
                                    places& names) {
    for (std::size_t i = 0; i + 1 < stack.size(); ++i) {
        const std::uint64_t frame_address = stack[i + 1].stack_pointer;
        for (const symbols::local_guard& guard : names.guards(stack[i])) {
            std::vector<symbols::frame> out = names.of(stack.subspan(i));
            if (guard.depth >= out.size() || guard.line > out[guard.depth].line ||
                !refers_to(of, guard, frame_address + static_cast<std::uint64_t>(guard.frame_offset), address))
                continue;
            out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(guard.depth));
            out.front().line = guard.line;
            return out;
        }
    }
    return {};
}

}  // namespace interlock::snapshot
