// Call stacks of the thread that asks, by libunwind, which is loaded privately so that the program's own _Unwind_Backtrace and
// backtrace() stay its own. Never takes the loader's lock: libunwind's dl_iterate_phdr is answered from modules.hpp's snapshot.
// Cost: some microseconds the first time at a place, hundreds of nanoseconds a frame then; called only at first sights.
#pragma once

#include <cstddef>
#include <cstdint>

namespace interlock::recorder {

/// Where the program called us: what a hook knows without unwinding.
struct call_point {
    std::uintptr_t site = 0;           // return address into the caller
    std::uintptr_t stack_pointer = 0;  // the caller's at the call (our canonical frame address)
    std::uintptr_t frame_pointer = 0;  // the caller's rbp, whatever it used it for
    // Where the call came from, if the site is another place of the same function; else 0.
    std::uintptr_t return_address = 0;
};

/// The address by which an unwinder meets the call.
inline std::uintptr_t return_address_of(const call_point& from) noexcept {
    return from.return_address != 0 ? from.return_address : from.site;
}

/// The call point of the function that this is inlined into; that function is the hook itself.
__attribute__((always_inline)) inline call_point here() noexcept {
    const auto frame = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    return {reinterpret_cast<std::uintptr_t>(__builtin_return_address(0)), frame + 16,
            *reinterpret_cast<const std::uintptr_t*>(frame), 0};
}

struct frame {
    std::uintptr_t address = 0;    // return address (innermost: the site)
    std::uintptr_t frame_end = 0;  // canonical frame address: one past the frame
    std::uintptr_t function = 0;   // begin of the function, 0 unknown
    std::uintptr_t function_end = 0;
};

inline constexpr std::size_t stack_frames_max = 48;

/// Loads libunwind; false: not there, unwind() gives the site alone. Called once before main.
bool load_unwinder() noexcept;
bool has_unwinder() noexcept;
/// Once on each thread, outside of the program's own code: libunwind keeps thread-local state that the loader allocates at its first
/// use, and a first use inside the program's allocator would enter that again. Until then the thread's stacks are single sites.
void prime_unwinder() noexcept;
extern constinit thread_local bool is_unwinder_primed;

/// Frames from the caller of the hook outwards, innermost first; at least one. Keeps errno. The calling agent must be busy.
std::size_t unwind(const call_point& from, frame (&out)[stack_frames_max]) noexcept;

/// Return addresses alone, from the site outwards; at least the site. By libunwind's short way, which is much
/// faster where it reaches the site; where it does not, by unwind(). Keeps errno. The calling agent must be busy.
std::size_t unwind_addresses(const call_point& from, std::uint64_t (&out)[stack_frames_max]) noexcept;

/// Forked child, or modules came or went: drop what libunwind cached.
void forget_unwind_cache() noexcept;

}  // namespace interlock::recorder
