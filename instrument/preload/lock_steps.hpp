// The acquisition and the release of whatever can be held and says so by a return value: mutexes, read-write locks, spin locks.
//
// What differs between them is a type `Kind`, all of whose functions are static:
//      type                           pthread_mutex_t ...
//      looks_free(lock, flags)        a try would acquire it, as it seems; nothing about it is out of the ordinary
//      try_acquire(lock, flags)       the try function: 0, or an error number. Where it acquires, so would the blocking one
//      identify_at_once(self, lock, id)  its object, if that is a matter of a few instructions and the caller, who acquired
//                                     it just now, does not have it twice. False: neither is sure
//      identify(self, lock, from)     its object, born if need be; `none`: nothing of it is recorded
//      draw(self, lock, object)       at level full, its next number: after acquiring, before releasing
//      draw_at_once(lock, object)     the same at level full, for what identify_at_once() identified
//      releases_unasked(lock)         its release asks nobody who the owner is
//      busy_flag(lock, flags)         `contended` if a request would wait, as it seems
//      is_held_by_right(lock, known)  may the caller, of whose hold there is no record, release it by what the lock's own words say?
//                                     They name it, or name nobody while no holder is `known`
#pragma once

#include <cerrno>

#include "instrument/preload/hook.hpp"
#include "instrument/recorder/fast_path.hpp"

namespace interlock::preload {

/// The next number of an object that keeps it in its object_info.
inline std::uint32_t draw_of(const agent& self, object_id id) noexcept {
    return self.full ? recorder::draw(recorder::process.objects[id]) : 0;
}

// The functions that are not inlined take a call point apart, so that the inlined part keeps it in registers.

/// Acquired by a try, but not the common case. The agent is busy; it leaves here. Returns 0.
template <typename Kind>
__attribute__((noinline)) int note_granted(agent& self, typename Kind::type* lock, std::uint8_t flags,
                                           std::uintptr_t site, std::uintptr_t stack_pointer,
                                           std::uintptr_t frame_pointer) noexcept {
    const call_point from{site, stack_pointer, frame_pointer};
    const object_id id = Kind::identify(self, lock, from);
    if (id != object_id::none)
        recorder::granted(self, id, flags, Kind::draw(self, lock, id), reinterpret_cast<std::uint64_t>(lock), from);
    recorder::leave(self);
    return 0;
}

/// Acquired by a try on top of other holds, from where no callers can be followed.
template <typename Kind, std::uint8_t flags>
__attribute__((noinline)) int note_granted_on_top(agent& self, typename Kind::type* lock, object_id id,
                                                  std::uintptr_t site, std::uintptr_t stack_pointer) noexcept {
    if (__builtin_expect(
            !recorder::granted_on_top(self, id, flags, reinterpret_cast<std::uint64_t>(lock), site, stack_pointer), 0))
        return note_granted<Kind>(self, lock, flags, site, stack_pointer, 0);
    recorder::leave(self);
    return 0;
}

// At level full the common case calls nothing but what it ends with, so that it needs no frame and saves no register.

/// Acquired by a try at level full, whatever is held, from where no callers can be followed.
template <typename Kind, std::uint8_t flags>
__attribute__((noinline)) int note_granted_recorded(agent& self, typename Kind::type* lock, object_id id,
                                                    std::uintptr_t site, std::uintptr_t stack_pointer) noexcept {
    const recorder::site_entry* known = recorder::known_site(self, site);
    recorder::tick_gap gap;
    if (__builtin_expect(known == nullptr, 0) || __builtin_expect(!recorder::may_write_at_once(self, gap), 0) ||
        __builtin_expect(
            !recorder::granted_on_top(self, id, flags, reinterpret_cast<std::uint64_t>(lock), site, stack_pointer), 0))
        return note_granted<Kind>(self, lock, flags, site, stack_pointer, 0);
    recorder::write_at_once(self, gap, format::event_kind::acquire, flags, known->id, format::number(id),
                            Kind::draw_at_once(lock, id));
    recorder::leave(self);
    return 0;
}

/// Acquired by a try from where frame pointers lead to callers, or the site is not known.
template <typename Kind, std::uint8_t flags>
__attribute__((noinline)) int note_granted_from(agent& self, typename Kind::type* lock, object_id id,
                                                std::uintptr_t site, std::uintptr_t stack_pointer,
                                                std::uintptr_t frame_pointer) noexcept {
    const recorder::site_entry* known = recorder::known_site(self, site);
    recorder::tick_gap gap;
    if (__builtin_expect(known == nullptr, 0) || (self.full && !recorder::may_write_at_once(self, gap)) ||
        __builtin_expect(!recorder::granted_from(self, id, flags, reinterpret_cast<std::uint64_t>(lock),
                                                 {site, stack_pointer, frame_pointer}, known->caller_depth),
                         0))
        return note_granted<Kind>(self, lock, flags, site, stack_pointer, frame_pointer);
    if (self.full)
        recorder::write_at_once(self, gap, format::event_kind::acquire, flags, known->id, format::number(id),
                                Kind::draw_at_once(lock, id));
    recorder::leave(self);
    return 0;
}

/// Request, the real function, acquired: what may block or fail, or is not the common case.
template <typename Kind, typename Real>
__attribute__((noinline)) int lock_slowly(typename Kind::type* lock, std::uint8_t flags, std::uintptr_t site,
                                          std::uintptr_t stack_pointer, std::uintptr_t frame_pointer, Real real_lock) {
    const call_point from{site, stack_pointer, frame_pointer};
    object_id id{};
    note(from, [&](agent& self) {
        id = Kind::identify(self, lock, from);
        if (id == object_id::none) return;
        flags = static_cast<std::uint8_t>(flags | Kind::busy_flag(lock, flags));
        recorder::request(self, id, flags, from);
    });
    const int result = real_lock(lock);
    if (id == object_id::none) return result;
    note(from, [&](agent& self) {
        if (result != 0 && result != EOWNERDEAD) return recorder::not_acquired(self, id, flags, result, from);
        recorder::acquired(self, id, flags, Kind::draw(self, lock, id), from);
        if (result == EOWNERDEAD) recorder::write(self, format::event_kind::owner_died, 0, {}, format::number(id), 0);
    });
    return result;
}

/// `real_lock(lock)` returns 0 or an error number; it refers to nothing of the caller's frame. To be called by the hook itself.
template <typename Kind, std::uint8_t flags, typename Real>
__attribute__((always_inline)) inline int lock(typename Kind::type* lock, Real real_lock) {
    agent* self = recorder::common_agent();
    // A timed function may refuse its time before it looks at the lock.
    const bool acquired = (flags & format::lock_flags::timed) == 0 && __builtin_expect(self != nullptr, 1) &&
                          __builtin_expect(Kind::looks_free(lock, flags), 1) &&
                          __builtin_expect(Kind::try_acquire(lock, flags) == 0, 1);
    // Loaded after the try: else they would be kept in registers meanwhile.
    const auto* frame = static_cast<const std::uintptr_t*>(__builtin_frame_address(0));
    const std::uintptr_t site = frame[1];
    const auto stack_pointer = reinterpret_cast<std::uintptr_t>(frame + 2);
    const std::uintptr_t frame_pointer = frame[0];
    if (!acquired) return lock_slowly<Kind>(lock, flags, site, stack_pointer, frame_pointer, real_lock);
    recorder::mark_busy(*self, stack_pointer);
    const auto address = reinterpret_cast<std::uint64_t>(lock);
    object_id id{};
    if (__builtin_expect(!Kind::identify_at_once(*self, lock, id), 0))
        return note_granted<Kind>(*self, lock, flags, site, stack_pointer, frame_pointer);
    if (__builtin_expect(recorder::may_follow_callers(*self, site, stack_pointer, frame_pointer), 0))
        return note_granted_from<Kind, flags>(*self, lock, id, site, stack_pointer, frame_pointer);
    if (__builtin_expect(self->full, 0))
        return note_granted_recorded<Kind, flags>(*self, lock, id, site, stack_pointer);
    if (__builtin_expect(!recorder::granted_first(*self, id, flags, address, site, stack_pointer), 0))
        return note_granted_on_top<Kind, flags>(*self, lock, id, site, stack_pointer);
    recorder::leave(*self);
    return 0;
}

/// A release that is not the common case, and the real function.
template <typename Kind, typename Real>
__attribute__((noinline)) int unlock_slowly(typename Kind::type* lock, std::uintptr_t site,
                                            std::uintptr_t stack_pointer, std::uintptr_t frame_pointer,
                                            Real real_unlock) {
    const call_point from{site, stack_pointer, frame_pointer};
    recorder::foreign_release other;
    note(from, [&](agent& self) {
        const object_id id = Kind::identify(self, lock, from);
        if (id == object_id::none) return;
        // Not by address: of a primitive's mutex, released by its native handle, the hold is at the primitive's.
        const std::uint32_t index = recorder::find_hold(self, id);
        if (index != recorder::none_held)
            recorder::release_hold(self, index, 0, Kind::draw(self, lock, id), from);
        else
            other = recorder::releasing_of_other(self, id, Kind::releases_unasked(lock));
        other.acquired_unseen =
            other.lock != object_id::none && Kind::is_held_by_right(lock, other.holder != format::agent_id::none);
    });
    const int result = real_unlock(lock);
    if (__builtin_expect(other.lock != object_id::none, 0))
        note(from, [&](agent& self) { recorder::released_by_other(self, other, 0, result == 0, from); });
    return result;
}

/// The record of a release at level full, before the hold goes: not the shortest way.
template <typename Kind>
__attribute__((always_inline)) inline void write_release(agent& self, typename Kind::type* lock,
                                                         const format::held_entry& hold, std::uintptr_t site,
                                                         std::uintptr_t stack_pointer) noexcept {
    const object_id id = format::hold_object(hold.lead);
    const auto mode = static_cast<std::uint8_t>(format::hold_flags(hold.lead) & format::lock_flags::shared);
    recorder::write(self, format::event_kind::release, mode, recorder::find_site(self, {site, stack_pointer, 0}).id,
                    format::number(id), Kind::draw(self, lock, id));
}

/// The release of a hold that is not the last one, or of any at level full, or of none. The agent is busy.
template <typename Kind, typename Real>
__attribute__((noinline)) int unlock_any(agent& self, typename Kind::type* lock, std::uintptr_t site,
                                         std::uintptr_t stack_pointer, Real real_unlock) {
    const std::uint32_t index = recorder::find_hold_at(self, reinterpret_cast<std::uint64_t>(lock));
    if (__builtin_expect(index == recorder::none_held, 0) ||
        __builtin_expect(format::hold_depth(self.hold(index).lead) != 1, 0)) {
        recorder::leave(self);
        return unlock_slowly<Kind>(lock, site, stack_pointer, 0, real_unlock);
    }
    if (self.full) write_release<Kind>(self, lock, self.hold(index), site, stack_pointer);
    recorder::remove_hold(self, index);
    recorder::leave(self);
    return real_unlock(lock);
}

/// The release of the last hold at level full, not the shortest way. The agent is busy.
template <typename Kind, typename Real>
__attribute__((noinline)) int unlock_last(agent& self, typename Kind::type* lock, format::held_entry& last,
                                          std::uintptr_t site, std::uintptr_t stack_pointer, Real real_unlock) {
    write_release<Kind>(self, lock, last, site, stack_pointer);
    recorder::release_last(self, last);
    recorder::leave(self);
    return real_unlock(lock);
}

/// The same the shortest way, if it is open.
template <typename Kind, typename Real>
__attribute__((noinline)) int unlock_recorded(agent& self, typename Kind::type* lock, format::held_entry& last,
                                              std::uintptr_t site, std::uintptr_t stack_pointer, Real real_unlock) {
    const std::uint64_t lead = last.lead;
    const object_id id = format::hold_object(lead);
    object_id now{};
    const recorder::site_entry* known = recorder::known_site(self, site);
    recorder::tick_gap gap;
    if (__builtin_expect(!Kind::identify_at_once(self, lock, now), 0) || __builtin_expect(now != id, 0) ||
        __builtin_expect(known == nullptr, 0) || __builtin_expect(!recorder::may_write_at_once(self, gap), 0))
        return unlock_last<Kind>(self, lock, last, site, stack_pointer, real_unlock);
    const auto mode = static_cast<std::uint8_t>(format::hold_flags(lead) & format::lock_flags::shared);
    recorder::write_at_once(self, gap, format::event_kind::release, mode, known->id, format::number(id),
                            Kind::draw_at_once(lock, id));
    recorder::release_last(self, last);
    recorder::leave(self);
    return real_unlock(lock);
}

/// `real_unlock(lock)` returns 0 or an error number; it refers to nothing of the caller's frame. To be called by the hook itself.
template <typename Kind, typename Real>
__attribute__((always_inline)) inline int unlock(typename Kind::type* lock, Real real_unlock) {
    const auto* frame = static_cast<const std::uintptr_t*>(__builtin_frame_address(0));
    const std::uintptr_t site = frame[1];
    const auto stack_pointer = reinterpret_cast<std::uintptr_t>(frame + 2);
    agent* self = recorder::common_agent();
    if (__builtin_expect(self == nullptr, 0))
        return unlock_slowly<Kind>(lock, site, stack_pointer, frame[0], real_unlock);
    recorder::mark_busy(*self, stack_pointer);
    format::held_entry* last = recorder::last_hold_of(*self, reinterpret_cast<std::uint64_t>(lock));
    if (__builtin_expect(last == nullptr, 0)) return unlock_any<Kind>(*self, lock, site, stack_pointer, real_unlock);
    if (__builtin_expect(self->full, 0))
        return unlock_recorded<Kind>(*self, lock, *last, site, stack_pointer, real_unlock);
    recorder::release_last(*self, *last);
    recorder::leave(*self);
    return real_unlock(lock);
}

}  // namespace interlock::preload
