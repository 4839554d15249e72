// What each operation on a mutex notes, for pthread_mutex_t and for the C11 mtx_t, which is one inside.
#pragma once

#include <cerrno>

#include "instrument/preload/hook.hpp"
#include "instrument/recorder/fast_path.hpp"

namespace interlock::preload {

inline std::uint8_t busy_flag(const pthread_mutex_t* mutex) noexcept {
    return __atomic_load_n(&mutex->__data.__lock, __ATOMIC_RELAXED) != 0 ? format::lock_flags::contended
                                                                         : std::uint8_t{0};
}

using recorder::draw_held;

/// `real_lock()` returns 0 or an error number.
template <typename Real>
__attribute__((always_inline)) inline int lock_mutex(pthread_mutex_t* mutex, std::uint8_t flags, const call_point& from,
                                                     Real real_lock) {
    const recorder::ticket request = recorder::begin_request(mutex, flags, from);
    const int result = real_lock();
    if (__builtin_expect(request.self == nullptr, 0)) return result;
    if (__builtin_expect(result == 0, 1)) {
        recorder::end_request(request, mutex, from);
    } else if (result == EOWNERDEAD) {
        recorder::end_request(request, mutex, from);
        note(from, [&](agent& self) {
            recorder::write(self, format::event_kind::owner_died, 0, {}, format::number(request.id), 0);
        });
    } else {
        note(from, [&](agent& self) { recorder::not_acquired(self, request.id, request.flags, result, from); });
    }
    return result;
}

/// `real_unlock()` returns 0 or an error number.
template <typename Real>
__attribute__((always_inline)) inline int unlock_mutex(pthread_mutex_t* mutex, const call_point& from,
                                                       Real real_unlock) {
    const object_id other = recorder::begin_release(mutex, from);
    const int result = real_unlock();
    if (__builtin_expect(other != object_id::none, 0))
        note(from, [&](agent& self) { recorder::released_by_other(self, other, 0, result == 0, from); });
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
