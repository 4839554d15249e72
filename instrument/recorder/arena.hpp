// The recorder's own memory: the program's allocator is never called. Blocks come zeroed, in powers of two, and go back to a
// list of their size for the next agent. Thread-safe. Bounded by the machine's memory: nullptr when mmap gives none.
#pragma once

#include <cstddef>
#include <cstdint>

#include "instrument/recorder/spin_latch.hpp"

namespace interlock::recorder {

class arena {
public:
    /// Zeroed, aligned to 16 (to 64 from 64 bytes on). nullptr: out of memory.
    void* allocate(std::size_t size) noexcept;
    /// `size` as given to allocate.
    void release(void* block, std::size_t size) noexcept;
    /// Forgets everything, without unmapping: a forked child starts afresh.
    void reset() noexcept;

    template <typename T>
    T* make() noexcept {
        return static_cast<T*>(allocate(sizeof(T)));
    }

private:
    static constexpr std::size_t smallest = 32;
    static constexpr std::size_t classes = 32;
    static constexpr std::size_t batch_size = std::size_t{1}
                                              << 20;  // of the first; each is twice the one before, up to:
    static constexpr std::size_t batch_size_max = std::size_t{16} << 20;
    struct free_block {
        free_block* next;
    };

    static std::size_t class_of(std::size_t size) noexcept;
    bool map_batch() noexcept;

    spin_latch latch_;
    std::byte* next_ = nullptr;
    std::byte* end_ = nullptr;
    std::size_t next_batch_size_ = batch_size;
    free_block* free_[classes] = {};
};

}  // namespace interlock::recorder
