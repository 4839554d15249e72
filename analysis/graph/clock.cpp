// The radix tree behind clock: 4 bits of the agent's number a level, leaves hold the counts.
#include "analysis/graph/clock.hpp"

#include <algorithm>
#include <array>

namespace interlock::graph {

namespace {

constexpr std::uint32_t bits = 4;
constexpr std::uint32_t width = 1u << bits;

constexpr std::uint32_t digit(std::uint32_t agent, std::uint32_t level) noexcept {
    return agent >> (level * bits) & (width - 1);
}

/// Levels above the leaves that a tree needs to reach `agent`.
constexpr std::uint32_t height_for(std::uint32_t agent) noexcept {
    std::uint32_t height = 0;
    while (height < 7 && agent >> ((height + 1) * bits) != 0) ++height;
    return height;
}

}  // namespace

struct clock::node {
    std::array<std::uint32_t, width> counts{};  // of a leaf
    std::array<node_pointer, width> below{};    // of an inner node
};

std::uint32_t clock::at(std::uint32_t agent) const noexcept {
    if (root_ == nullptr || height_for(agent) > height_) return 0;
    const node* here = root_.get();
    for (std::uint32_t level = height_; level > 0; --level) {
        here = here->below[digit(agent, level)].get();
        if (here == nullptr) return 0;
    }
    return here->counts[digit(agent, 0)];
}

clock::node_pointer clock::raised(const node_pointer& from, std::uint32_t level, std::uint32_t agent,
                                  std::uint32_t segments) {
    auto made = from == nullptr ? std::make_shared<node>() : std::make_shared<node>(*from);
    const std::uint32_t at = digit(agent, level);
    if (level == 0) {
        made->counts[at] = segments;
    } else {
        made->below[at] = raised(made->below[at], level - 1, agent, segments);
    }
    return made;
}

void clock::raise(std::uint32_t agent, std::uint32_t segments) {
    if (at(agent) >= segments) return;
    grow(height_for(agent));
    root_ = raised(root_, height_, agent, segments);
}

void clock::grow(std::uint32_t height) {
    for (; height_ < height; ++height_) {
        if (root_ == nullptr) continue;
        auto made = std::make_shared<node>();
        made->below[0] = root_;
        root_ = std::move(made);
    }
}

/// Gives `left` itself back where `right` adds nothing, so that sharing survives and the caller sees that nothing changed.
clock::node_pointer clock::joined(const node_pointer& left, const node_pointer& right, std::uint32_t level) {
    if (left == right || right == nullptr) return left;
    if (left == nullptr) return right;
    std::shared_ptr<node> made;
    for (std::uint32_t at = 0; at < width; ++at) {
        if (level == 0) {
            if (right->counts[at] <= left->counts[at]) continue;
            if (made == nullptr) made = std::make_shared<node>(*left);
            made->counts[at] = right->counts[at];
        } else {
            const node_pointer below = joined(left->below[at], right->below[at], level - 1);
            if (below == left->below[at]) continue;
            if (made == nullptr) made = std::make_shared<node>(*left);
            made->below[at] = below;
        }
    }
    return made == nullptr ? left : made;
}

clock::node_pointer clock::difference(const node_pointer& of, const node_pointer& base, std::uint32_t level) {
    if (of == base || of == nullptr) return nullptr;
    if (base == nullptr) return of;
    std::shared_ptr<node> made;
    const auto make = [&]() -> node& {
        if (made == nullptr) made = std::make_shared<node>();
        return *made;
    };
    for (std::uint32_t at = 0; at < width; ++at) {
        if (level == 0) {
            if (of->counts[at] > base->counts[at]) make().counts[at] = of->counts[at];
        } else if (node_pointer below = difference(of->below[at], base->below[at], level - 1)) {
            make().below[at] = std::move(below);
        }
    }
    return made;
}

clock clock::beyond(const clock& base) const {
    clock left = *this;
    clock right = base;
    left.grow(right.height_);
    right.grow(left.height_);
    left.root_ = difference(left.root_, right.root_, left.height_);
    return left;
}

bool clock::join(const clock& other) {
    if (other.root_ == nullptr) return false;
    const std::uint32_t height = std::max(height_, other.height_);
    clock wide = other;
    wide.grow(height);
    grow(height);
    const node_pointer before = root_;
    root_ = joined(root_, wide.root_, height_);
    return root_ != before;
}

}  // namespace interlock::graph
