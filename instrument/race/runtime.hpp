// The runtime as a whole: its mode, its tie to the recorder, when it looks.
#pragma once

#include <atomic>
#include <cstdint>

#include "instrument/recorder/observer.hpp"

namespace interlock::race {

struct thread;

enum class mode : std::uint8_t { off, detect, sync_only, sample };

struct runtime_state {
    const recorder::observer_services* recorder = nullptr;
    race::mode mode = mode::off;
    std::uint32_t sample_percent = 100;
    /// Some second thread was there: until then nothing can race, and nothing is recorded.
    std::atomic<bool> looking{false};
};
extern constinit runtime_state runtime;

/// In a child with memory of its own: only the calling thread is left, and it races with nobody until it makes another.
void begin_in_child() noexcept;

/// Once, early: __tsan_init and the library's constructor.
void start_runtime() noexcept;

/// Is `address` in code that was compiled with the hooks?
bool is_instrumented(std::uintptr_t address) noexcept;
/// It is; tells in which range of addresses that holds.
void note_instrumented(std::uintptr_t address, std::uintptr_t& begin, std::uintptr_t& size) noexcept;
/// Did code with hooks call us? A tail call leaves no return address of its own, but the call that it ended is the one noted last.
bool is_call_of_ours(std::uintptr_t site) noexcept;
/// Is it the C++ library's?
bool is_standard_library(std::uintptr_t address) noexcept;

}  // namespace interlock::race
