#include "instrument/race/contexts.hpp"

namespace interlock::race {

constinit recorder::arena memory;
constinit pair_table contexts{1u << 24};
constinit pair_table held_paths{1u << 20};
constinit pair_table descriptors{1u << descriptor_bits};

std::uint32_t make_contexts(call_frame* base, call_frame* top) noexcept {
    call_frame* known = top;
    while (known != base && known[-1].context == 0) --known;
    std::uint32_t context = known == base ? 0 : known[-1].context;
    for (; known != top; ++known) {
        const std::uint32_t inner = contexts.intern(context, known->return_address);
        if (inner == 0) return context;  // the tree is full: told from further out
        known->context = context = inner;
        known->activation = 0;
    }
    return context;
}

place place_of(descriptor what) noexcept {
    if (what == 0) return {};
    const number_pair& pair = descriptors[what];
    return {pair.second, static_cast<std::uint32_t>(pair.first & (frees_bit - 1)),
            static_cast<std::uint32_t>(pair.first >> 32), (pair.first & frees_bit) != 0};
}

std::size_t stack_of(const place& where, std::uint64_t* out, std::size_t out_max) noexcept {
    std::size_t count = 0;
    if (where.address != 0) out[count++] = where.address;
    for (std::uint32_t context = where.context; context != 0 && count < out_max;) {
        const number_pair& pair = contexts[context];
        out[count++] = pair.second;
        context = static_cast<std::uint32_t>(pair.first);
    }
    return count;
}

}  // namespace interlock::race
