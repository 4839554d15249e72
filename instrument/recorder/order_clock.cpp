#include "instrument/recorder/order_clock.hpp"

namespace interlock::recorder {

namespace {

constexpr std::uint32_t fan_out = 16;
constexpr std::uint32_t bits = 4;
constexpr std::uint32_t levels_max = 8;

constexpr std::uint32_t place_in(std::uint32_t agent, std::uint32_t level) noexcept {
    return agent >> (bits * level) & (fan_out - 1);
}

bool has_place(std::uint32_t agent, std::uint32_t height) noexcept {
    return height == levels_max || agent >> (bits * height) == 0;
}

}  // namespace

/// A leaf has segments, all above have children; a leaf has memory for its own part alone.
struct clock_node {
    union {
        std::uint32_t segments[fan_out];
        const clock_node* children[fan_out];
    };
};

std::uint32_t order_clock::at(format::agent_id agent) const noexcept {
    const std::uint32_t which = format::number(agent);
    if (root == nullptr || !has_place(which, height)) return 0;
    const clock_node* node = root;
    for (std::uint32_t level = height - 1; level != 0; --level) {
        node = node->children[place_in(which, level)];
        if (node == nullptr) return 0;
    }
    return node->segments[place_in(which, 0)];
}

clock_node* clock_store::make(bool leaf) noexcept {
    const std::size_t size = leaf ? sizeof(clock_node::segments) : sizeof(clock_node);
    auto* made = used_ < bytes_max ? static_cast<clock_node*>(memory_.allocate(size)) : nullptr;
    exhausted_ = exhausted_ || made == nullptr;
    used_ += size;
    return made;
}

const clock_node* clock_store::wrap(const clock_node* root) noexcept {
    clock_node* made = make(false);
    if (made != nullptr) made->children[0] = root;
    return made;
}

// NOLINTNEXTLINE(misc-no-recursion): no deeper than levels_max
const clock_node* clock_store::raise(const clock_node* at, std::uint32_t level, std::uint32_t agent,
                                     std::uint32_t segment) noexcept {
    clock_node* made = make(level == 0);
    if (made == nullptr) return at;
    const std::uint32_t place = place_in(agent, level);
    if (level == 0) {
        for (std::uint32_t i = 0; at != nullptr && i < fan_out; ++i) made->segments[i] = at->segments[i];
        made->segments[place] = segment;
        return made;
    }
    for (std::uint32_t i = 0; at != nullptr && i < fan_out; ++i) made->children[i] = at->children[i];
    made->children[place] = raise(made->children[place], level - 1, agent, segment);
    return made;
}

order_clock clock_store::raised(order_clock from, format::agent_id agent, std::uint32_t segment) noexcept {
    const std::uint32_t which = format::number(agent);
    if (from.at(agent) >= segment) return from;
    if (from.root == nullptr) from.height = 1;
    for (; !has_place(which, from.height); ++from.height)
        if (from.root != nullptr) from.root = wrap(from.root);
    from.root = raise(from.root, from.height - 1, which, segment);
    return from;
}

// NOLINTNEXTLINE(misc-no-recursion): no deeper than levels_max
const clock_node* clock_store::join(const clock_node* a, const clock_node* b, std::uint32_t level) noexcept {
    if (a == b || b == nullptr) return a;
    if (a == nullptr) return b;
    clock_node* made = nullptr;
    bool all_of_b = true;
    for (std::uint32_t i = 0; i < fan_out; ++i) {
        if (level == 0) {
            const std::uint32_t more = a->segments[i] < b->segments[i] ? b->segments[i] : a->segments[i];
            all_of_b = all_of_b && more == b->segments[i];
            if (more == a->segments[i] && made == nullptr) continue;
            if (made == nullptr) {
                if ((made = make(true)) == nullptr) return a;
                for (std::uint32_t j = 0; j < i; ++j) made->segments[j] = a->segments[j];
            }
            made->segments[i] = more;
        } else {
            const clock_node* more = join(a->children[i], b->children[i], level - 1);
            all_of_b = all_of_b && more == b->children[i];
            if (more == a->children[i] && made == nullptr) continue;
            if (made == nullptr) {
                if ((made = make(false)) == nullptr) return a;
                for (std::uint32_t j = 0; j < i; ++j) made->children[j] = a->children[j];
            }
            made->children[i] = more;
        }
    }
    return made == nullptr ? a : all_of_b ? b : made;
}

void clock_store::level(order_clock& a, order_clock& b) noexcept {
    for (; a.height < b.height; ++a.height) a.root = wrap(a.root);
    for (; b.height < a.height; ++b.height) b.root = wrap(b.root);
}

order_clock clock_store::joined(order_clock a, order_clock b) noexcept {
    if (b.root == nullptr) return a;
    if (a.root == nullptr) return b;
    level(a, b);
    a.root = join(a.root, b.root, a.height - 1);
    return a;
}

// NOLINTNEXTLINE(misc-no-recursion): no deeper than levels_max
const clock_node* clock_store::difference(const clock_node* of, const clock_node* base, std::uint32_t level) noexcept {
    if (of == base || of == nullptr) return nullptr;
    if (base == nullptr) return of;
    clock_node* made = nullptr;
    for (std::uint32_t i = 0; i < fan_out; ++i) {
        const clock_node* below = level == 0 ? nullptr : difference(of->children[i], base->children[i], level - 1);
        if (level == 0 ? of->segments[i] <= base->segments[i] : below == nullptr) continue;
        if (made == nullptr && (made = make(level == 0)) == nullptr) return nullptr;
        if (level == 0)
            made->segments[i] = of->segments[i];
        else
            made->children[i] = below;
    }
    return made;
}

order_clock clock_store::beyond(order_clock of, order_clock base) noexcept {
    if (of.root == nullptr || base.root == nullptr) return of;
    level(of, base);
    of.root = difference(of.root, base.root, of.height - 1);
    return of;
}

}  // namespace interlock::recorder
