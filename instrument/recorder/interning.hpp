// Numbers for code addresses, stacks and strings, each defined once in the log by whoever met it first.
// Thread-safe, lock-free; tables are fixed in virtual size and real only where used.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "instrument/format/ids.hpp"
#include "instrument/format/record.hpp"
#include "instrument/recorder/agent.hpp"

namespace interlock::recorder {

/// Set of 64-bit keys whose slot number is their id. 0 is no key.
class key_table {
public:
    /// False: not even a small one could be mapped.
    bool create(std::uint32_t largest_capacity) noexcept;
    /// Id of `key` (1 and up), 0: table full. `fresh`: it was not there before.
    std::uint32_t intern(std::uint64_t key, bool& fresh) noexcept;
    std::uint32_t capacity() const noexcept { return capacity_; }
    void reset() noexcept;

private:
    std::atomic<std::uint64_t>* keys_ = nullptr;
    std::uint32_t capacity_ = 0;
    std::atomic<std::uint32_t> used_{0};
};

struct site_table {
    key_table keys;
    /// By id: 0 unknown yet, else 1 + callers that frame pointers lead to from this site.
    std::atomic<std::uint8_t>* caller_depths = nullptr;
};

struct stack_table {
    key_table keys;
};

bool create_intern_tables() noexcept;

/// Slow half of find_site: interns, defines, learns the caller depth.
const site_entry& learn_site(agent& self, const call_point& from, site_entry& entry) noexcept;

/// Load epoch << 48, in every key of this moment.
extern __attribute__((visibility("hidden"))) constinit std::atomic<std::uint64_t> site_epoch;
inline std::uint64_t site_key(std::uintptr_t address) noexcept {
    return interlock::site_key(address, site_epoch.load(std::memory_order_relaxed));
}

inline site_entry& site_entry_of(agent& self, std::uintptr_t site) noexcept {
    return self.known_sites[site_index(site)];
}

/// The site as this agent knows it; nullptr: it does not, find_site() will tell.
inline const site_entry* known_site(agent& self, std::uintptr_t site) noexcept {
    const site_entry& entry = site_entry_of(self, site);
    return entry.key == site_key(site) ? &entry : nullptr;
}

/// The call point's site as this agent knows it. The agent is busy.
inline const site_entry& find_site(agent& self, const call_point& from) noexcept {
    if (const site_entry* known = known_site(self, from.site)) [[likely]]
        return *known;
    return learn_site(self, from, site_entry_of(self, from.site));
}

/// Id of a site address without a call point.
format::site_id intern_site(agent& self, std::uintptr_t address) noexcept;

/// Id of a stack, innermost first; `none` if empty or the table is full.
format::stack_id intern_stack(agent& self, std::span<const std::uint64_t> frames) noexcept;

/// The stack of a call point, unwound now.
format::stack_id capture_stack(agent& self, const call_point& from) noexcept;

/// A new string of the log. `none`: empty or no room.
format::string_id define_string(agent& self, const char* text, std::size_t size) noexcept;

/// Return addresses of the callers beyond a site, by frame pointers; zero where they cannot be followed.
void follow_callers(const agent& self, const call_point& from, std::uint32_t depth, std::uint64_t (&out)[4]) noexcept;

}  // namespace interlock::recorder
