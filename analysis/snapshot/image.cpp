// What both kinds of image have in common.
#include "analysis/snapshot/image.hpp"

#include <sys/syscall.h>

#include <algorithm>

namespace interlock::snapshot {

bool is_in_futex(const user_regs_struct& registers) noexcept {
    return registers.orig_rax == static_cast<unsigned long long>(SYS_futex);
}

const mapping* mapping_at(std::span<const mapping> all, std::uint64_t address) noexcept {
    const auto after = std::upper_bound(all.begin(), all.end(), address,
                                        [](std::uint64_t at, const mapping& one) { return at < one.begin; });
    if (after == all.begin()) return nullptr;
    const mapping& found = *std::prev(after);
    return address < found.end ? &found : nullptr;
}

}  // namespace interlock::snapshot
