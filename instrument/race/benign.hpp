// Memory whose races the program has declared to be meant (AnnotateBenignRaceSized). Asked where a race is about to be reported, which
// is rare; until there is one, nothing else is paid for them.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace interlock::race {

/// How many ranges there are.
extern constinit std::atomic<std::uint32_t> benign_count;

/// Thread-safe, as all below. No memory, or more than 65,536 of them: the declaration is lost, and the races are told.
void add_benign(std::uintptr_t address, std::size_t size) noexcept;
/// Does one of the ranges meet these bytes?
bool is_benign(std::uintptr_t address, std::size_t size) noexcept;
/// New memory lies there: what was declared of the old one holds no more.
void drop_benign_slowly(std::uintptr_t address, std::size_t size) noexcept;
inline void drop_benign(std::uintptr_t address, std::size_t size) noexcept {
    if (__builtin_expect(benign_count.load(std::memory_order_relaxed) != 0, 0)) drop_benign_slowly(address, size);
}

/// Forked child: nobody holds the latch.
void reset_benign() noexcept;

}  // namespace interlock::race
