// The two notes around the acquisition and the release of an object whose numbers are drawn from its object_info: read-write
// locks, spin locks, semaphores that are locks. Mutexes draw from their stash (mutex.cpp).
#pragma once

#include <cerrno>

#include "instrument/preload/hook.hpp"

namespace interlock::preload {

/// Level full: the next number of an object. Drawn after acquiring and before releasing.
inline std::uint32_t draw_of(const agent& self, object_id id) noexcept {
    return self.full ? recorder::draw(recorder::process.objects[id]) : 0;
}

/// `find(agent&)` identifies the object, `look()` says `contended` or nothing, `real_lock()` returns 0 or an error number.
template <typename Find, typename Look, typename Real>
__attribute__((always_inline)) inline int acquire(std::uint8_t flags, const call_point& from, Find find, Look look,
                                                  Real real_lock) {
    object_id id{};
    note(from, [&](agent& self) {
        id = find(self);
        if (id == object_id::none) return;
        flags = static_cast<std::uint8_t>(flags | look());
        recorder::request(self, id, flags, from);
    });
    const int result = real_lock();
    if (id == object_id::none) return result;
    note(from, [&](agent& self) {
        if (result != 0) return recorder::not_acquired(self, id, flags, result, from);
        recorder::acquired(self, id, flags, draw_of(self, id), from);
    });
    return result;
}

/// `real_unlock()` returns 0 or an error number.
template <typename Find, typename Real>
__attribute__((always_inline)) inline int release(const call_point& from, Find find, Real real_unlock) {
    object_id id{};
    bool mine = true;
    note(from, [&](agent& self) {
        id = find(self);
        if (id == object_id::none) return;
        const std::uint32_t sequence = recorder::holds(self, id) ? draw_of(self, id) : 0;
        mine = recorder::releasing(self, id, 0, sequence, from);
    });
    const int result = real_unlock();
    if (__builtin_expect(!mine, 0))
        note(from, [&](agent& self) { recorder::released_by_other(self, id, 0, result == 0, from); });
    return result;
}

}  // namespace interlock::preload
