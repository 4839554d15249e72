// Vector clocks, one number a slot (Mattern 1989). Grow by doubling, in the runtime's own memory; where there is none they stay as
// they are, which the caller is told.
#pragma once

#include <cstdint>
#include <cstring>

#include "instrument/race/memory.hpp"

namespace interlock::race {

/// Not thread-safe; whoever owns it locks.
class clock_vector {
public:
    std::uint32_t operator[](std::uint32_t slot) const noexcept { return slot < size_ ? values_[slot] : 0; }
    std::uint32_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }

    void set(std::uint32_t slot, std::uint32_t clock) noexcept {
        if (slot >= size_ && !grow(slot + 1)) return;
        values_[slot] = clock;
    }

    /// Each component becomes the greater of both. `raised(slot)` is called for those that grew.
    template <typename Raised>
    void join(const clock_vector& other, Raised raised) noexcept {
        if (other.size_ > size_ && !grow(other.size_)) return;
        for (std::uint32_t i = 0; i < other.size_; ++i) {
            if (other.values_[i] <= values_[i]) continue;
            values_[i] = other.values_[i];
            raised(i);
        }
    }
    void join(const clock_vector& other) noexcept {
        if (other.size_ > size_ && !grow(other.size_)) return;
        for (std::uint32_t i = 0; i < other.size_; ++i)
            values_[i] = other.values_[i] > values_[i] ? other.values_[i] : values_[i];
    }
    void assign(const clock_vector& other) noexcept {
        if (other.size_ > size_ && !grow(other.size_)) return;
        if (other.size_ != 0) std::memcpy(values_, other.values_, other.size_ * sizeof *values_);
        if (size_ > other.size_) std::memset(values_ + other.size_, 0, (size_ - other.size_) * sizeof *values_);
        size_ = other.size_;
    }
    /// Back to nothing; keeps its memory.
    void clear() noexcept {
        if (size_ != 0) std::memset(values_, 0, size_ * sizeof *values_);
        size_ = 0;
    }
    void release() noexcept {
        if (values_ != nullptr) memory.release(values_, capacity_ * sizeof *values_);
        *this = {};
    }

private:
    bool grow(std::uint32_t size) noexcept {
        if (size > capacity_) {
            std::uint32_t capacity = capacity_ == 0 ? 8 : capacity_;
            while (capacity < size) capacity *= 2;
            auto* values = static_cast<std::uint32_t*>(memory.allocate(capacity * sizeof *values_));
            if (values == nullptr) return false;
            if (size_ != 0) std::memcpy(values, values_, size_ * sizeof *values_);
            if (values_ != nullptr) memory.release(values_, capacity_ * sizeof *values_);
            values_ = values;
            capacity_ = capacity;
        }
        size_ = size;
        return true;
    }

    std::uint32_t* values_ = nullptr;
    std::uint32_t size_ = 0;
    std::uint32_t capacity_ = 0;
};

}  // namespace interlock::race
