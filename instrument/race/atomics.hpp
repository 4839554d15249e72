// Atomic operations and fences: done under the lock of their cell, so that the clock of an atomic is that of its value.
//
// C++20's rules ([intro.races], [atomics.fences]): a release store begins a release sequence, a read-modify-write of any order goes on with
// it, another thread's relaxed store ends it. (The same thread's goes on with it until C++17; that is allowed here.) A release
// fence makes later relaxed stores hand on what was known at the fence; an acquire fence learns what earlier relaxed loads saw.
#pragma once

#include <cstdint>

#include "instrument/race/access.hpp"

namespace interlock::race {

/// The compiler's numbers; bits above them are hints.
enum class memory_order : std::uint8_t { relaxed, consume, acquire, release, acq_rel, seq_cst };
constexpr memory_order order_of(int given) noexcept {
    return (given & 7) > 5 ? memory_order::seq_cst : static_cast<memory_order>(given & 7);
}
constexpr bool acquires(memory_order order) noexcept {
    return order != memory_order::relaxed && order != memory_order::release;
}
constexpr bool releases(memory_order order) noexcept {
    return order == memory_order::release || order == memory_order::acq_rel || order == memory_order::seq_cst;
}

enum class atomic_effect : std::uint8_t { load, store, update };

/// An atomic operation on its way: the cell is locked from begin to end, where anything has to be noted.
class atomic_step {
public:
    atomic_step(std::uintptr_t address, unsigned size, std::uintptr_t site) noexcept;
    ~atomic_step();
    atomic_step(const atomic_step&) = delete;
    atomic_step& operator=(const atomic_step&) = delete;

    /// After the operation: what it did, by which order.
    void note(atomic_effect effect, memory_order order) noexcept;

    /// A load of which all is known: it was made before in this epoch, and the last release here is known. The value is good if
    /// still_known(); `version` and `head` go from one to the other.
    static bool is_known(std::uintptr_t address, unsigned size, std::uint64_t& head, std::uint64_t& version) noexcept;
    static bool still_known(std::uintptr_t address, std::uint64_t head, std::uint64_t version) noexcept;

    /// A load that needs no lock: nobody has released anything here, and it is known already. The value is good if still_quiet().
    static bool is_quiet(std::uintptr_t address, unsigned size, bool writes, std::uint64_t& head) noexcept;
    /// Has this thread made a release fence, which its relaxed stores hand on?
    static bool has_fence() noexcept { return front.self != nullptr && !front.self->fence_released.empty(); }
    static bool still_quiet(std::uintptr_t address, std::uint64_t head) noexcept;

private:
    void acquire(const record* from) noexcept;
    void release(atomic_effect effect, memory_order order) noexcept;

    thread* self_;
    std::uintptr_t address_;
    std::uintptr_t site_;
    unsigned size_;
    cell* cell_ = nullptr;
    std::uint64_t head_ = 0;
    bool released_ = false;
};

void fence(memory_order order) noexcept;

}  // namespace interlock::race
