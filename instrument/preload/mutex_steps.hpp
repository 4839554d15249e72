// What each operation on a mutex notes, for pthread_mutex_t and for the C11 mtx_t, which is one inside.
#pragma once

#include <cerrno>

#include "instrument/preload/hook.hpp"

namespace interlock::preload {

inline std::uint8_t busy_flag(const pthread_mutex_t* mutex) noexcept {
    return __atomic_load_n(&mutex->__data.__lock, __ATOMIC_RELAXED) != 0 ? format::lock_flags::contended
                                                                         : std::uint8_t{0};
}

/// Level full: the number of an operation on a mutex, drawn while holding it.
inline std::uint32_t draw_held(agent& self, pthread_mutex_t* mutex, object_id id) noexcept {
    if (!self.full) return 0;
    if (recorder::mutex_stash* stash = recorder::stash_of(mutex)) return recorder::draw(*stash);
    return recorder::draw(recorder::process.objects[id]);
}

/// `real_lock()` returns 0 or an error number.
template <typename Real>
__attribute__((always_inline)) inline int lock_mutex(pthread_mutex_t* mutex, std::uint8_t flags, const call_point& from,
                                                     Real real_lock) {
    object_id id{};
    note(from, [&](agent& self) {
        id = recorder::identify(self, mutex, from);
        if (id == object_id::none) return;
        flags = static_cast<std::uint8_t>(flags | busy_flag(mutex));
        recorder::request(self, id, flags, from);
    });
    const int result = real_lock();
    if (id == object_id::none) return result;
    note(from, [&](agent& self) {
        if (result != 0 && result != EOWNERDEAD) return recorder::not_acquired(self, id, flags, result, from);
        recorder::acquired(self, id, flags, draw_held(self, mutex, id), from);
        if (result == EOWNERDEAD) recorder::write(self, format::event_kind::owner_died, 0, {}, format::number(id), 0);
    });
    return result;
}

/// `real_unlock()` returns 0 or an error number.
template <typename Real>
__attribute__((always_inline)) inline int unlock_mutex(pthread_mutex_t* mutex, const call_point& from,
                                                       Real real_unlock) {
    object_id id{};
    bool mine = true;
    note(from, [&](agent& self) {
        id = recorder::identify(self, mutex, from);
        if (id == object_id::none) return;
        const std::uint32_t sequence = recorder::holds(self, id) ? draw_held(self, mutex, id) : 0;
        mine = recorder::releasing(self, id, 0, sequence, from);
    });
    const int result = real_unlock();
    if (__builtin_expect(!mine, 0))
        note(from, [&](agent& self) { recorder::released_by_other(self, id, 0, result == 0, from); });
    return result;
}

/// `real_init()` returns 0 for success.
template <typename Real>
__attribute__((always_inline)) inline int init_mutex(pthread_mutex_t* mutex, const call_point& from, Real real_init) {
    note(from, [&](agent& self) { recorder::about_to_init(self, recorder::known(mutex), from); });
    const int result = real_init();
    if (result == 0) note(from, [&](agent& self) { recorder::begin_life(self, mutex, from); });
    return result;
}

/// `real_destroy()` returns 0 for success.
template <typename Real>
__attribute__((always_inline)) inline int destroy_mutex(pthread_mutex_t* mutex, const call_point& from,
                                                        Real real_destroy) {
    object_id id{};
    note(from, [&](agent& self) {
        id = recorder::known(mutex);
        if (busy_flag(mutex) != 0) recorder::about_to_destroy(self, id, from);
    });
    const int result = real_destroy();
    if (result == 0) note(from, [&](agent& self) { recorder::end_life(self, id, mutex, from); });
    return result;
}

}  // namespace interlock::preload
