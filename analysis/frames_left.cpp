// A call that is still active is the same call instruction of the same function, called alike; one whose callee is inlined is known
// by which inlined body that is, since its line may have several.
#include "analysis/frames_left.hpp"

#include <cstddef>

namespace interlock::analysis {
namespace {

using symbols::frame;

bool is_same_function(const frame& a, const frame& b) {
    if (a.module != b.module || a.function != b.function || a.inlined != b.inlined) return false;
    return !a.function.empty() || a.offset == b.offset;
}

}  // namespace

std::vector<frame> frames_left(std::vector<frame> then, const std::vector<frame>& now) {
    std::size_t left = then.size();
    std::size_t other = now.size();
    while (left > 0 && other > 0) {
        const frame& a = then[left - 1];
        const frame& b = now[other - 1];
        if (!is_same_function(a, b) || a.inlining != b.inlining) break;
        --left;
        --other;
        const bool calls_inlined = left > 0 && other > 0 && then[left - 1].inlined && now[other - 1].inlined;
        if (!calls_inlined && a.offset != b.offset) break;
    }
    if (left == then.size()) return {};
    if (other == 0 && left > 0 && now.front().offset == then[left].offset) return {};  // one instruction called both
    then.resize(left);
    return then;
}

}  // namespace interlock::analysis
