// C11 threads: symbols of their own, which never reach the pthread ones although glibc's types are the same inside. What they
// note is what the pthread functions note; only results are named differently.
#include <cerrno>

#include "instrument/preload/condition_steps.hpp"
#include "instrument/preload/once_steps.hpp"
#include "instrument/preload/thread_start.hpp"

namespace interlock::preload {
namespace {

using namespace format::lock_flags;

static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t) && sizeof(cnd_t) == sizeof(pthread_cond_t) &&
              sizeof(once_flag) == sizeof(int));

pthread_mutex_t* mutex_in(mtx_t* mutex) noexcept { return reinterpret_cast<pthread_mutex_t*>(mutex); }
mtx_t* mtx_of(pthread_mutex_t* mutex) noexcept { return reinterpret_cast<mtx_t*>(mutex); }

int error_of(int result) noexcept {
    switch (result) {
        case thrd_success: return 0;
        case thrd_busy: return EBUSY;
        case thrd_timedout: return ETIMEDOUT;
        case thrd_nomem: return ENOMEM;
        default: return EINVAL;
    }
}

/// The way back; a C11 function has no more results than these.
int result_of(int error) noexcept {
    switch (error) {
        case 0: return thrd_success;
        case EBUSY: return thrd_busy;
        case ETIMEDOUT: return thrd_timedout;
        case ENOMEM: return thrd_nomem;
        default: return thrd_error;
    }
}

/// `real_function` as the steps want it: its result goes to `result`, its meaning in error numbers back.
template <typename Real>
auto translated(int& result, Real real_function) noexcept {
    return [&result, real_function] { return error_of(result = real_function()); };
}

int call_once_as_function(int* flag, void (*routine)()) {
    real().call_once(reinterpret_cast<once_flag*>(flag), routine);
    return 0;
}

int c11_thread_main(void* start) { return static_cast<int>(reinterpret_cast<long>(thread_main(start))); }

}  // namespace

INTERLOCK_HOOK int mtx_lock(mtx_t* mutex) {
    return result_of(
        lock<mutex_kind, 0>(mutex_in(mutex), [](pthread_mutex_t* m) { return error_of(real().mtx_lock(mtx_of(m))); }));
}

INTERLOCK_HOOK int mtx_trylock(mtx_t* mutex) {
    return result_of(lock<mutex_kind, attempt>(
        mutex_in(mutex), [](pthread_mutex_t* m) { return error_of(real().mtx_trylock(mtx_of(m))); }));
}

INTERLOCK_HOOK int mtx_timedlock(mtx_t* mutex, const timespec* until) {
    return result_of(lock<mutex_kind, timed>(
        mutex_in(mutex), [=](pthread_mutex_t* m) { return error_of(real().mtx_timedlock(mtx_of(m), until)); }));
}

INTERLOCK_HOOK int mtx_unlock(mtx_t* mutex) {
    return result_of(
        unlock<mutex_kind>(mutex_in(mutex), [](pthread_mutex_t* m) { return error_of(real().mtx_unlock(mtx_of(m))); }));
}

INTERLOCK_HOOK int mtx_init(mtx_t* mutex, int type) {
    return init_mutex(mutex_in(mutex), here(), [=] { return real().mtx_init(mutex, type); });
}

INTERLOCK_HOOK void mtx_destroy(mtx_t* mutex) {
    destroy_mutex(mutex_in(mutex), here(), [=] {
        real().mtx_destroy(mutex);
        return 0;
    });
}

INTERLOCK_HOOK int cnd_wait(cnd_t* condition, mtx_t* mutex) {
    int result = 0;
    wait_on_condition_at(condition, mutex_in(mutex), 0, here(),
                         translated(result, [=] { return real().cnd_wait(condition, mutex); }));
    return result;
}

INTERLOCK_HOOK int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
    int result = 0;
    wait_on_condition_at(condition, mutex_in(mutex), timed, here(),
                         translated(result, [=] { return real().cnd_timedwait(condition, mutex, until); }));
    return result;
}

INTERLOCK_HOOK int cnd_signal(cnd_t* condition) {
    note_notify(condition, format::event_kind::notify_one, here());
    return real().cnd_signal(condition);
}

INTERLOCK_HOOK int cnd_broadcast(cnd_t* condition) {
    note_notify(condition, format::event_kind::notify_all, here());
    return real().cnd_broadcast(condition);
}

INTERLOCK_HOOK int cnd_init(cnd_t* condition) {
    const call_point from = here();
    const int result = real().cnd_init(condition);
    if (result == thrd_success)
        note(from, [&](agent& self) { recorder::begin_life(self, condition, format::object_type::condition, from); });
    return result;
}

INTERLOCK_HOOK void cnd_destroy(cnd_t* condition) {
    const call_point from = here();
    note(from, [&](agent& self) { recorder::end_life(self, recorder::known(condition), condition, from); });
    real().cnd_destroy(condition);
}

INTERLOCK_HOOK int thrd_create(thrd_t* handle, thrd_start_t function, void* argument) {
    const call_point from = here();
    thread_start* start = prepare_thread(from, nullptr);
    if (start == nullptr) return real().thrd_create(handle, function, argument);
    start->c11_function = function;
    start->argument = argument;
    const format::agent_id born = start->self->id;
    const int result = real().thrd_create(handle, c11_thread_main, start);
    if (result == thrd_success)
        note_created(from, born, *handle);
    else
        abandon_thread(from, start);
    return result;
}

INTERLOCK_HOOK int thrd_join(thrd_t handle, int* result) {
    return join_thread(handle, here(), real().thrd_join, result);
}

INTERLOCK_HOOK int thrd_detach(thrd_t handle) {
    note_detach(here(), handle);
    return real().thrd_detach(handle);
}

INTERLOCK_HOOK void call_once(once_flag* flag, void (*routine)()) {
    run_once(reinterpret_cast<int*>(flag), routine, call_once_as_function, here());
}

}  // namespace interlock::preload
