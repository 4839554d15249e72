// The way of a mutex through the recorder, inlined into the hook: what locks.hpp does, for the common case only.
// Common: no signal handler, no group, nobody listening; a lock that is not recursive; few holds, released in the order of a stack.
// All else goes to locks.hpp. At level `order` with nothing else held, lock and unlock cost some 240 instructions more than alone.
#pragma once

#include "instrument/recorder/locks.hpp"

namespace interlock::recorder {

/// One request on its way: made by begin_request, used up by end_request. `self` null: not recorded.
struct ticket {
    agent* self = nullptr;
    const site_entry* site = nullptr;  // null: not the common case
    format::object_id id{};
    std::uint8_t flags = 0;
};

/// The stashed identity, or the slow way to one.
__attribute__((always_inline)) inline format::object_id identify_fast(agent& self, pthread_mutex_t* mutex,
                                                                      const call_point& from) noexcept {
    constexpr int robust_or_shared = 16 | 128;
    if (__builtin_expect((mutex->__data.__kind & robust_or_shared) == 0 && stashes.mutex, 1)) {
        const std::uint64_t word =
            __atomic_load_n(&reinterpret_cast<mutex_stash*>(&mutex->__data.__list)->word, __ATOMIC_RELAXED);
        const format::object_id id{static_cast<std::uint32_t>(word)};
        if (__builtin_expect(word == stash_word(reinterpret_cast<std::uint64_t>(mutex), id), 1)) return id;
    }
    return identify(self, mutex, from);
}

__attribute__((always_inline)) inline const site_entry* find_site_fast(agent& self, const call_point& from) noexcept {
    site_entry& entry = self.sites[(from.site * 0x9E37'79B9'7F4A'7C15) >> 56];
    if (__builtin_expect(entry.key == site_key(from.site), 1)) return &entry;
    return &find_site(self, from);
}

/// Recursive and error-checking mutexes answer a second request themselves.
inline bool is_common(const pthread_mutex_t* mutex) noexcept {
    const int type = mutex->__data.__kind & 3;
    return type == 0 || type == 3;
}

/// The next number of a mutex that is held, at level full.
inline std::uint32_t draw_held(const agent& self, pthread_mutex_t* mutex, format::object_id id) noexcept {
    if (!self.full) return 0;
    mutex_stash* stash = stash_of(mutex);
    return stash != nullptr ? draw(*stash) : draw(process.objects[id]);
}

__attribute__((always_inline)) inline ticket begin_request(pthread_mutex_t* mutex, std::uint8_t flags,
                                                           const call_point& from) noexcept {
    agent* self = enter(from.stack_pointer);
    if (__builtin_expect(self == nullptr, 0)) return {};
    const site_entry* site = find_site_fast(*self, from);
    const format::object_id id = site->ignored ? format::object_id::none : identify_fast(*self, mutex, from);
    if (__builtin_expect(id == format::object_id::none, 0)) {
        leave(*self);
        return {};
    }
    if (__builtin_expect(__atomic_load_n(&mutex->__data.__lock, __ATOMIC_RELAXED) != 0, 0))
        flags |= format::lock_flags::contended;
    if (__builtin_expect((self->attention & ~attention_bits::full) == 0 && is_common(mutex), 1)) {
        if (self->page->held_count != 0) note_dependency(*self, id, flags, from, *site);
        if ((flags & format::lock_flags::attempt) == 0) {
            set_want(*self, id, flags, format::event_kind::request, from, *site);
            if (__builtin_expect((flags & format::lock_flags::contended) != 0 && self->full, 0))
                write(*self, format::event_kind::request, flags, site->id, format::number(id), 0);
        }
    } else {
        request(*self, id, flags, from);
        site = nullptr;
    }
    leave(*self);
    return {self, site, id, flags};
}

/// The mutex was acquired. The agent is the same thread's, so it is entered without asking again.
__attribute__((always_inline)) inline void end_request(const ticket& made, pthread_mutex_t* mutex,
                                                       const call_point& from) noexcept {
    agent& self = *made.self;
    self.busy = from.stack_pointer;
    if (__builtin_expect(made.site != nullptr && self.page->held_count < format::state_held_entries, 1)) {
        push_hold(self, self.page->held[self.page->held_count], made.id, made.flags,
                  reinterpret_cast<std::uint64_t>(mutex), from, *made.site);
        self.page->want = 0;
        if (self.full)
            write(self, format::event_kind::acquire, made.flags, made.site->id, format::number(made.id),
                  draw_held(self, mutex, made.id));
    } else {
        acquired(self, made.id, made.flags, draw_held(self, mutex, made.id), from);
    }
    leave(self);
}

/// What is not the common case of begin_release.
__attribute__((noinline)) inline format::object_id begin_release_slowly(agent& self, pthread_mutex_t* mutex,
                                                                        const call_point& from) noexcept {
    if (find_site_fast(self, from)->ignored) return format::object_id::none;
    const format::object_id id = identify_fast(self, mutex, from);
    if (id == format::object_id::none) return id;
    const std::uint32_t sequence = holds(self, id) ? draw_held(self, mutex, id) : 0;
    return releasing(self, id, 0, sequence, from) ? format::object_id::none : id;
}

/// Before an unlock. Returns the lock if the agent does not hold it, for released_by_other(); else `none`.
__attribute__((always_inline)) inline format::object_id begin_release(pthread_mutex_t* mutex,
                                                                      const call_point& from) noexcept {
    agent* self = enter(from.stack_pointer);
    if (__builtin_expect(self == nullptr, 0)) return format::object_id::none;
    format::object_id other = format::object_id::none;
    const std::uint32_t top = self->page->held_count - 1;
    if (__builtin_expect(top < format::state_held_entries && (self->attention & ~attention_bits::full) == 0, 1) &&
        __builtin_expect(self->page->held[top].address == reinterpret_cast<std::uint64_t>(mutex) && self->gaps == 0 &&
                             (self->page->held[top].lead >> 40 & 0xffff) == 1,
                         1)) {
        format::held_entry& entry = self->page->held[top];
        if (self->full) {
            const format::object_id id = format::hold_object(entry.lead);
            write(*self, format::event_kind::release, 0, find_site_fast(*self, from)->id, format::number(id),
                  draw_held(*self, mutex, id));
        }
        entry.lead = 0;
        self->page->held_count = top;
        self->page->moves = self->page->moves + 1;
        if (self->hashed_count > top) {
            self->held_hash -= self->hashes[top];
            self->hashed_count = top;
            if (self->path_valid > top) self->path_valid = top;
        }
    } else {
        other = begin_release_slowly(*self, mutex, from);
    }
    leave(*self);
    return other;
}

}  // namespace interlock::recorder
