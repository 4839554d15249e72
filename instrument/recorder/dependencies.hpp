// Dependencies: what an agent holds when it requests a lock, logged the first time it is seen in a segment.
// Thread-bound; the agent is busy.
#pragma once

#include "instrument/recorder/agent.hpp"
#include "instrument/recorder/holds.hpp"
#include "instrument/recorder/interning.hpp"
#include "instrument/recorder/writer.hpp"

namespace interlock::recorder {

/// What of a request's flags tells bare acquisitions apart.
inline constexpr std::uint8_t bare_flags = format::lock_flags::shared | format::lock_flags::timed |
                                           format::lock_flags::attempt | format::lock_flags::in_signal;

/// Whether what the entry stands for was told in this segment, and at some time in it with each signal open that is now.
inline bool is_told(const agent& self, const hash_numbers::entry& seen) noexcept {
    const std::uint64_t with_open = seen.third | std::uint64_t{seen.fourth} << 32;
    return seen.first != 0 && seen.second == self.segment && (self.open_signals & ~with_open) == 0;
}

/// A signal has opened: what the agent holds is said, and what it will request and hold is said once more. `by_other_handler`: there was another
/// handler before, with which it was said.
void tell_again(agent& self, bool by_other_handler) noexcept;

/// First sight in this segment: unwinds, defines the held path where needed, logs.
void log_dependency(agent& self, std::uint64_t key, format::object_id wanted, std::uint8_t flags,
                    const call_point& from, const site_entry& site) noexcept;

/// Notes the request of `wanted` on top of what is held, which is what its path would be once granted. Cost when seen before: one
/// hash lookup.
inline void note_dependency(agent& self, format::object_id wanted, std::uint8_t flags, const call_point& from,
                            const site_entry& site) noexcept {
    if (self.held_count() == 0) return;
    const std::uint64_t held = hash_path(self);
    if (held == 0) return note_loss(self, format::loss_reason::out_of_memory, 1);
    const std::uint64_t key = path_hash(held, wanted, flags, from.site);
    interlock_told& recent = self.recent[key >> interlock_recent_shift];
    if (__builtin_expect(recent.key == key, 1)) return;
    constexpr auto relevant = static_cast<std::uint8_t>(~format::lock_flags::contended);
    recent = {key, format::hold_word(wanted, static_cast<std::uint8_t>(flags & relevant), 1)};
    const hash_numbers::entry* seen = self.seen.find(key);
    if (seen == nullptr || !is_told(self, *seen))
        log_dependency(self, key, wanted, static_cast<std::uint8_t>(flags & ~format::lock_flags::contended), from,
                       site);
}

/// Where the shortest ways look whether a lock's bare acquisition is told.
inline interlock_told& bare_entry_of(agent& self, format::object_id lock, std::uint8_t flags) noexcept {
    return self.bare[bare_index(format::number(lock), (flags & format::lock_flags::shared) != 0)];
}

/// The slow half of note_bare().
__attribute__((noinline)) void tell_bare(agent& self, format::object_id lock, std::uint8_t flags,
                                         const call_point& from, const site_entry& site) noexcept;

/// A lock was acquired with nothing else held. That is an edge from the agent's end (joins), a writer that may come, and one half of what a
/// signal handler locks. Level `order` says it once a segment, agent and mode; where the site may be a function of a library that all its
/// callers share, which is code that keeps frame pointers, both levels say the stack. Cost when said: one hash lookup, and the unwinding.
inline void note_bare(agent& self, format::object_id lock, std::uint8_t flags, const call_point& from,
                      const site_entry& site) noexcept {
    if (self.held_count() == 0 && (!self.full || site.caller_depth != 0)) tell_bare(self, lock, flags, from, site);
}

/// The request of a thread's termination: always logged, as `join_dependency`. Precondition: something is held.
void log_join_dependency(agent& self, format::agent_id joined, std::uint8_t flags, const call_point& from,
                         const site_entry& site) noexcept;

}  // namespace interlock::recorder
