// pthread_mutex_*: what std::mutex, recursive_mutex, timed_mutex and most of the world come to.
#include <cerrno>

#include "instrument/preload/hook.hpp"

namespace interlock::preload {
namespace {

using namespace format::lock_flags;

std::uint8_t busy_flag(const pthread_mutex_t* mutex) noexcept {
    return __atomic_load_n(&mutex->__data.__lock, __ATOMIC_RELAXED) != 0 ? contended : std::uint8_t{0};
}

/// Level full: the number of an operation on a mutex, drawn while holding it.
std::uint32_t draw_held(agent& self, pthread_mutex_t* mutex, object_id id) noexcept {
    if (!self.full) return 0;
    if (recorder::mutex_stash* stash = recorder::stash_of(mutex)) return recorder::draw(*stash, id);
    return recorder::draw(recorder::process.objects[id]);
}

template <typename Real>
__attribute__((always_inline)) inline int lock(pthread_mutex_t* mutex, std::uint8_t flags, const call_point& from,
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

}  // namespace

INTERLOCK_HOOK int pthread_mutex_lock(pthread_mutex_t* mutex) {
    return lock(mutex, 0, here(), [&] { return real().pthread_mutex_lock(mutex); });
}

INTERLOCK_HOOK int pthread_mutex_trylock(pthread_mutex_t* mutex) {
    return lock(mutex, attempt, here(), [&] { return real().pthread_mutex_trylock(mutex); });
}

INTERLOCK_HOOK int pthread_mutex_timedlock(pthread_mutex_t* mutex, const timespec* until) {
    return lock(mutex, timed, here(), [&] { return real().pthread_mutex_timedlock(mutex, until); });
}

INTERLOCK_HOOK int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock, const timespec* until) {
    return lock(mutex, timed, here(), [&] { return real().pthread_mutex_clocklock(mutex, clock, until); });
}

INTERLOCK_HOOK int pthread_mutex_unlock(pthread_mutex_t* mutex) {
    const call_point from = here();
    object_id id{};
    bool mine = true;
    note(from, [&](agent& self) {
        id = recorder::identify(self, mutex, from);
        if (id == object_id::none) return;
        const std::uint32_t sequence = recorder::holds(self, id) ? draw_held(self, mutex, id) : 0;
        mine = recorder::releasing(self, id, 0, sequence, from);
    });
    const int result = real().pthread_mutex_unlock(mutex);
    if (__builtin_expect(!mine, 0))
        note(from, [&](agent& self) { recorder::released_by_other(self, id, 0, result == 0, from); });
    return result;
}

INTERLOCK_HOOK int pthread_mutex_init(pthread_mutex_t* mutex, const pthread_mutexattr_t* attributes) {
    const call_point from = here();
    note(from, [&](agent& self) { recorder::about_to_init(self, recorder::known(mutex), from); });
    const int result = real().pthread_mutex_init(mutex, attributes);
    if (result == 0) note(from, [&](agent& self) { recorder::begin_life(self, mutex, from); });
    return result;
}

INTERLOCK_HOOK int pthread_mutex_destroy(pthread_mutex_t* mutex) {
    const call_point from = here();
    object_id id{};
    note(from, [&](agent& self) {
        id = recorder::known(mutex);
        if (busy_flag(mutex) != 0) recorder::about_to_destroy(self, id, from);
    });
    const int result = real().pthread_mutex_destroy(mutex);
    if (result == 0) note(from, [&](agent& self) { recorder::end_life(self, id, mutex, from); });
    return result;
}

}  // namespace interlock::preload
