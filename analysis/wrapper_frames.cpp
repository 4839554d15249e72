#include "analysis/wrapper_frames.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace interlock::analysis {

namespace {

using findings::frame;
using findings::stack;

/// The same line of source; where there is none, the same place of the module.
bool is_same_place(const frame& a, const frame& b) {
    if (a.function != b.function || a.file != b.file || a.line != b.line) return false;
    return a.line != 0 || (a.module == b.module && a.offset == b.offset);
}

/// One instruction: there may be several calls in a line.
bool is_same_call(const frame& a, const frame& b) { return is_same_place(a, b) && a.offset == b.offset; }

std::size_t shared_begin(const stack& a, const stack& b, std::size_t most) {
    std::size_t size = 0;
    while (size < most && size < a.size() && size < b.size() && is_same_place(a[size], b[size])) ++size;
    return size;
}

bool calls_itself(const stack& frames, std::size_t wrapped) {
    return std::any_of(frames.begin() + static_cast<std::ptrdiff_t>(wrapped), frames.end(), [&](const frame& outer) {
        return std::any_of(frames.begin(), frames.begin() + static_cast<std::ptrdiff_t>(wrapped),
                           [&](const frame& inner) { return inner.function == outer.function; });
    });
}

void drop(stack& frames, std::size_t count) {
    frames.erase(frames.begin(), frames.begin() + static_cast<std::ptrdiff_t>(count));
}

/// The stacks of one edge.
struct ends {
    stack& held;
    stack& wanted;
};

stack take_wrapper(std::span<const ends> sides) {
    if (sides.empty()) return {};
    const stack first = sides.front().held;
    std::size_t wrapped = first.size();
    for (const auto& [held, wanted] : sides) {
        wrapped = shared_begin(first, held, wrapped);
        wrapped = shared_begin(first, wanted, wrapped);
    }
    if (wrapped == 0) return {};
    for (const auto& [held, wanted] : sides) {
        const bool parts =
            held.size() > wrapped && wanted.size() > wrapped && !is_same_call(held[wrapped], wanted[wrapped]);
        if (!parts || calls_itself(held, wrapped) || calls_itself(wanted, wrapped)) return {};
    }
    for (const auto& [held, wanted] : sides) {
        drop(held, wrapped);
        drop(wanted, wrapped);
    }
    return {first.begin(), first.begin() + static_cast<std::ptrdiff_t>(wrapped)};
}

}  // namespace

void set_wrapper_apart(findings::finding& what) {
    std::vector<ends> sides;
    for (findings::edge& side : what.edges) sides.push_back({side.held_stack, side.wanted_stack});
    what.wrapper = take_wrapper(sides);
}

void drop_wrapper(findings::stack& held, findings::stack& wanted) {
    const ends side{held, wanted};
    take_wrapper({&side, 1});
}

stack without_wrapper(stack frames, const stack& wrapper) {
    if (frames.size() > wrapper.size() && shared_begin(frames, wrapper, wrapper.size()) == wrapper.size())
        drop(frames, wrapper.size());
    return frames;
}

}  // namespace interlock::analysis
