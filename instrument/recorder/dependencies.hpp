// Dependencies: what an agent holds when it requests a lock, logged the first time it is seen in a segment.
// Thread-bound; the agent is busy.
#pragma once

#include "instrument/recorder/agent.hpp"
#include "instrument/recorder/holds.hpp"
#include "instrument/recorder/interning.hpp"

namespace interlock::recorder {

/// Key of (held set, wanted, mode, site): 64 bits, so a clash among a million dependencies is a matter of 1 in 36 million.
inline std::uint64_t dependency_key(std::uint64_t held_hash, format::object_id wanted, std::uint8_t flags,
                                    std::uintptr_t site) noexcept {
    const std::uint64_t what = (format::number(wanted) | std::uint64_t{flags} << 32) * 0x9E37'79B9'7F4A'7C15;
    const std::uint64_t key = (held_hash ^ what ^ what >> 32) * 0xD6E8'FEB8'6659'FD93 + site * 0x2545'F491'4F6C'DD1D;
    return key == 0 ? 1 : key;
}

/// First sight in this segment: unwinds, defines the held path where needed, logs.
void log_dependency(agent& self, std::uint64_t key, format::object_id wanted, std::uint8_t flags,
                    const call_point& from, const site_entry& site) noexcept;

/// Notes the request of `wanted` on top of what is held. Cost when seen before: one hash lookup.
inline void note_dependency(agent& self, format::object_id wanted, std::uint8_t flags, const call_point& from,
                            const site_entry& site) noexcept {
    if (self.held_count() == 0) return;
    constexpr std::uint8_t relevant = static_cast<std::uint8_t>(~format::lock_flags::contended);
    flags &= relevant;
    const std::uint64_t key = dependency_key(hash_holds(self), wanted, flags, from.site);
    const hash_numbers::entry* seen = self.seen.find(key);
    if (__builtin_expect(seen != nullptr && seen->second == self.segment, 1)) return;
    log_dependency(self, key, wanted, flags, from, site);
}

/// The request of a thread's termination: always logged, as `join_dependency`. Precondition: something is held.
void log_join_dependency(agent& self, format::agent_id joined, std::uint8_t flags, const call_point& from,
                         const site_entry& site) noexcept;

}  // namespace interlock::recorder
