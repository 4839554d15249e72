// pthread_mutex_*: what std::mutex, recursive_mutex, timed_mutex and most of the world come to.
#include "instrument/preload/mutex_steps.hpp"

namespace interlock::preload {

using namespace format::lock_flags;

INTERLOCK_HOOK int pthread_mutex_lock(pthread_mutex_t* mutex) {
    return lock<mutex_kind, 0>(mutex, [](pthread_mutex_t* m) { return real().pthread_mutex_lock(m); });
}

INTERLOCK_HOOK int pthread_mutex_trylock(pthread_mutex_t* mutex) {
    return lock<mutex_kind, attempt>(mutex, [](pthread_mutex_t* m) { return real().pthread_mutex_trylock(m); });
}

INTERLOCK_HOOK int pthread_mutex_timedlock(pthread_mutex_t* mutex, const timespec* until) {
    return lock<mutex_kind, timed>(mutex, [=](pthread_mutex_t* m) { return real().pthread_mutex_timedlock(m, until); });
}

INTERLOCK_HOOK int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock, const timespec* until) {
    return lock<mutex_kind, timed>(mutex,
                                   [=](pthread_mutex_t* m) { return real().pthread_mutex_clocklock(m, clock, until); });
}

INTERLOCK_HOOK int pthread_mutex_unlock(pthread_mutex_t* mutex) {
    return unlock<mutex_kind>(mutex, [](pthread_mutex_t* m) { return real_table.pthread_mutex_unlock(m); });
}

INTERLOCK_HOOK int pthread_mutex_init(pthread_mutex_t* mutex, const pthread_mutexattr_t* attributes) {
    return init_mutex(mutex, here(), [&] { return real().pthread_mutex_init(mutex, attributes); });
}

INTERLOCK_HOOK int pthread_mutex_destroy(pthread_mutex_t* mutex) {
    return destroy_mutex(mutex, here(), [&] { return real().pthread_mutex_destroy(mutex); });
}

}  // namespace interlock::preload
