#include "analysis/wrapper_frames.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
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

}  // namespace

void set_wrapper_apart(findings::finding& what) {
    if (what.edges.empty()) return;
    const stack first = what.edges.front().held_stack;
    std::size_t wrapped = first.size();
    for (const findings::edge& side : what.edges) {
        wrapped = shared_begin(first, side.held_stack, wrapped);
        wrapped = shared_begin(first, side.wanted_stack, wrapped);
    }
    if (wrapped == 0) return;
    for (const findings::edge& side : what.edges) {
        const bool parts = side.held_stack.size() > wrapped && side.wanted_stack.size() > wrapped &&
                           !is_same_call(side.held_stack[wrapped], side.wanted_stack[wrapped]);
        if (!parts || calls_itself(side.held_stack, wrapped) || calls_itself(side.wanted_stack, wrapped)) return;
    }
    what.wrapper.assign(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(wrapped));
    for (findings::edge& side : what.edges) {
        drop(side.held_stack, wrapped);
        drop(side.wanted_stack, wrapped);
    }
}

stack without_wrapper(stack frames, const stack& wrapper) {
    if (frames.size() > wrapper.size() && shared_begin(frames, wrapper, wrapper.size()) == wrapper.size())
        drop(frames, wrapper.size());
    return frames;
}

}  // namespace interlock::analysis
