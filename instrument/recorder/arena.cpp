#include "instrument/recorder/arena.hpp"

#include <bit>
#include <cstring>

#include "instrument/recorder/own_mappings.hpp"

namespace interlock::recorder {

std::size_t arena::class_of(std::size_t size) noexcept {
    return static_cast<std::size_t>(std::countr_zero(std::bit_ceil(size < smallest ? smallest : size)));
}

bool arena::map_batch() noexcept {
    next_ = static_cast<std::byte*>(map_anonymous(next_batch_size_));
    if (next_ == nullptr) {  // perhaps a small one
        next_batch_size_ = batch_size;
        next_ = static_cast<std::byte*>(map_anonymous(batch_size));
    }
    if (next_ == nullptr) return false;
    end_ = next_ + next_batch_size_;
    if (next_batch_size_ < batch_size_max) next_batch_size_ *= 2;
    return true;
}

void* arena::allocate(std::size_t size) noexcept {
    const std::size_t size_class = class_of(size);
    if (size_class >= classes) return nullptr;
    const std::size_t rounded = std::size_t{1} << size_class;
    if (rounded >= batch_size) return map_anonymous(rounded);
    void* block = nullptr;
    {
        const spin_guard guard(latch_);
        if (free_block* recycled = free_[size_class]) {
            free_[size_class] = recycled->next;
            block = recycled;
        } else {
            auto at = reinterpret_cast<std::uintptr_t>(next_);
            const std::uintptr_t alignment = rounded < 64 ? rounded : 64;
            at = (at + alignment - 1) & ~(alignment - 1);
            if (next_ == nullptr || at + rounded > reinterpret_cast<std::uintptr_t>(end_)) {
                if (!map_batch()) return nullptr;
                at = reinterpret_cast<std::uintptr_t>(next_);
            }
            next_ = reinterpret_cast<std::byte*>(at + rounded);
            return reinterpret_cast<void*>(at);  // fresh pages are zero
        }
    }
    std::memset(block, 0, rounded);
    return block;
}

void arena::release(void* block, std::size_t size) noexcept {
    if (block == nullptr) return;
    const std::size_t size_class = class_of(size);
    if ((std::size_t{1} << size_class) >= batch_size) {
        unmap(block, std::size_t{1} << size_class);
        return;
    }
    const spin_guard guard(latch_);
    auto* freed = static_cast<free_block*>(block);
    freed->next = free_[size_class];
    free_[size_class] = freed;
}

void arena::reset() noexcept {
    latch_.reset();
    next_ = end_ = nullptr;
    next_batch_size_ = batch_size;
    for (free_block*& list : free_) list = nullptr;
}

}  // namespace interlock::recorder
