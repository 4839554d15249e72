// The functions that the interposed ones stand before, as the next library defines them. Resolved once, in the constructor.
#pragma once

#include <dlfcn.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <threads.h>
#include <time.h>

#include <cstddef>

struct dl_phdr_info;

namespace interlock::preload {

/// One line a function: name of the member = name of the symbol. `REAL(result, name, parameters)`.
#define INTERLOCK_REAL_FUNCTIONS(REAL)                                                                    \
    REAL(int, pthread_mutex_init, (pthread_mutex_t*, const pthread_mutexattr_t*))                         \
    REAL(int, pthread_mutex_destroy, (pthread_mutex_t*))                                                  \
    REAL(int, pthread_mutex_lock, (pthread_mutex_t*))                                                     \
    REAL(int, pthread_mutex_trylock, (pthread_mutex_t*))                                                  \
    REAL(int, pthread_mutex_timedlock, (pthread_mutex_t*, const timespec*))                               \
    REAL(int, pthread_mutex_clocklock, (pthread_mutex_t*, clockid_t, const timespec*))                    \
    REAL(int, pthread_mutex_unlock, (pthread_mutex_t*))                                                   \
    REAL(int, pthread_rwlock_init, (pthread_rwlock_t*, const pthread_rwlockattr_t*))                      \
    REAL(int, pthread_rwlock_destroy, (pthread_rwlock_t*))                                                \
    REAL(int, pthread_rwlock_rdlock, (pthread_rwlock_t*))                                                 \
    REAL(int, pthread_rwlock_tryrdlock, (pthread_rwlock_t*))                                              \
    REAL(int, pthread_rwlock_timedrdlock, (pthread_rwlock_t*, const timespec*))                           \
    REAL(int, pthread_rwlock_clockrdlock, (pthread_rwlock_t*, clockid_t, const timespec*))                \
    REAL(int, pthread_rwlock_wrlock, (pthread_rwlock_t*))                                                 \
    REAL(int, pthread_rwlock_trywrlock, (pthread_rwlock_t*))                                              \
    REAL(int, pthread_rwlock_timedwrlock, (pthread_rwlock_t*, const timespec*))                           \
    REAL(int, pthread_rwlock_clockwrlock, (pthread_rwlock_t*, clockid_t, const timespec*))                \
    REAL(int, pthread_rwlock_unlock, (pthread_rwlock_t*))                                                 \
    REAL(int, pthread_spin_init, (pthread_spinlock_t*, int))                                              \
    REAL(int, pthread_spin_destroy, (pthread_spinlock_t*))                                                \
    REAL(int, pthread_spin_lock, (pthread_spinlock_t*))                                                   \
    REAL(int, pthread_spin_trylock, (pthread_spinlock_t*))                                                \
    REAL(int, pthread_spin_unlock, (pthread_spinlock_t*))                                                 \
    REAL(int, pthread_cond_init, (pthread_cond_t*, const pthread_condattr_t*))                            \
    REAL(int, pthread_cond_destroy, (pthread_cond_t*))                                                    \
    REAL(int, pthread_cond_wait, (pthread_cond_t*, pthread_mutex_t*))                                     \
    REAL(int, pthread_cond_timedwait, (pthread_cond_t*, pthread_mutex_t*, const timespec*))               \
    REAL(int, pthread_cond_clockwait, (pthread_cond_t*, pthread_mutex_t*, clockid_t, const timespec*))    \
    REAL(int, pthread_cond_signal, (pthread_cond_t*))                                                     \
    REAL(int, pthread_cond_broadcast, (pthread_cond_t*))                                                  \
    REAL(int, pthread_barrier_init, (pthread_barrier_t*, const pthread_barrierattr_t*, unsigned))         \
    REAL(int, pthread_barrier_destroy, (pthread_barrier_t*))                                              \
    REAL(int, pthread_barrier_wait, (pthread_barrier_t*))                                                 \
    REAL(int, pthread_once, (pthread_once_t*, void (*)()))                                                \
    REAL(int, pthread_create, (pthread_t*, const pthread_attr_t*, void* (*)(void*), void*))               \
    REAL(int, pthread_join, (pthread_t, void**))                                                          \
    REAL(int, pthread_tryjoin_np, (pthread_t, void**))                                                    \
    REAL(int, pthread_timedjoin_np, (pthread_t, void**, const timespec*))                                 \
    REAL(int, pthread_clockjoin_np, (pthread_t, void**, clockid_t, const timespec*))                      \
    REAL(int, pthread_detach, (pthread_t))                                                                \
    REAL(int, pthread_setname_np, (pthread_t, const char*))                                               \
    REAL(int, sem_init, (sem_t*, int, unsigned))                                                          \
    REAL(int, sem_destroy, (sem_t*))                                                                      \
    REAL(sem_t*, sem_open, (const char*, int, ...))                                                       \
    REAL(int, sem_close, (sem_t*))                                                                        \
    REAL(int, sem_wait, (sem_t*))                                                                         \
    REAL(int, sem_trywait, (sem_t*))                                                                      \
    REAL(int, sem_timedwait, (sem_t*, const timespec*))                                                   \
    REAL(int, sem_clockwait, (sem_t*, clockid_t, const timespec*))                                        \
    REAL(int, sem_post, (sem_t*))                                                                         \
    REAL(int, sem_getvalue, (sem_t*, int*))                                                               \
    REAL(int, mtx_init, (mtx_t*, int))                                                                    \
    REAL(void, mtx_destroy, (mtx_t*))                                                                     \
    REAL(int, mtx_lock, (mtx_t*))                                                                         \
    REAL(int, mtx_trylock, (mtx_t*))                                                                      \
    REAL(int, mtx_timedlock, (mtx_t*, const timespec*))                                                   \
    REAL(int, mtx_unlock, (mtx_t*))                                                                       \
    REAL(int, cnd_init, (cnd_t*))                                                                         \
    REAL(void, cnd_destroy, (cnd_t*))                                                                     \
    REAL(int, cnd_wait, (cnd_t*, mtx_t*))                                                                 \
    REAL(int, cnd_timedwait, (cnd_t*, mtx_t*, const timespec*))                                           \
    REAL(int, cnd_signal, (cnd_t*))                                                                       \
    REAL(int, cnd_broadcast, (cnd_t*))                                                                    \
    REAL(int, thrd_create, (thrd_t*, thrd_start_t, void*))                                                \
    REAL(int, thrd_join, (thrd_t, int*))                                                                  \
    REAL(int, thrd_detach, (thrd_t))                                                                      \
    REAL(void, call_once, (once_flag*, void (*)()))                                                       \
    REAL(void*, dlopen, (const char*, int))                                                               \
    REAL(void*, dlmopen, (Lmid_t, const char*, int))                                                      \
    REAL(int, dlclose, (void*))                                                                           \
    REAL(int, dl_iterate_phdr, (int (*)(dl_phdr_info*, std::size_t, void*), void*))                       \
    REAL(long, syscall, (long, ...))                                                                      \
    REAL(int, fork, ())                                                                                   \
    REAL(int, execve, (const char*, char* const*, char* const*))                                          \
    REAL(int, execv, (const char*, char* const*))                                                         \
    REAL(int, execvp, (const char*, char* const*))                                                        \
    REAL(int, execvpe, (const char*, char* const*, char* const*))                                         \
    REAL(int, fexecve, (int, char* const*, char* const*))                                                 \
    REAL(int, execveat, (int, const char*, char* const*, char* const*, int))                              \
    REAL(int, posix_spawn,                                                                                \
         (pid_t*, const char*, const posix_spawn_file_actions_t*, const posix_spawnattr_t*, char* const*, \
          char* const*))                                                                                  \
    REAL(int, posix_spawnp,                                                                               \
         (pid_t*, const char*, const posix_spawn_file_actions_t*, const posix_spawnattr_t*, char* const*, \
          char* const*))                                                                                  \
    REAL(int, timer_create, (clockid_t, sigevent*, timer_t*))                                             \
    REAL(int, mq_notify, (mqd_t, const sigevent*))                                                        \
    REAL(int, sigaction, (int, const struct sigaction*, struct sigaction*))                               \
    REAL(void, longjmp, (__jmp_buf_tag*, int))                                                            \
    REAL(void, __longjmp_chk, (__jmp_buf_tag*, int))                                                      \
    REAL(sighandler_t, signal, (int, sighandler_t))                                                       \
    REAL(sighandler_t, sysv_signal, (int, sighandler_t))                                                  \
    REAL(sighandler_t, sigset, (int, sighandler_t))                                                       \
    REAL(int, sigblock, (int))                                                                            \
    REAL(int, sigsetmask, (int))                                                                          \
    REAL(int, sighold, (int))                                                                             \
    REAL(int, sigrelse, (int))                                                                            \
    REAL(int, sigignore, (int))                                                                           \
    REAL(int, pthread_sigmask, (int, const sigset_t*, sigset_t*))                                         \
    REAL(int, sigprocmask, (int, const sigset_t*, sigset_t*))

struct real_functions {
    int (*__libc_start_main)(int (*)(int, char**, char**), int, char**, void (*)(), void (*)(), void (*)(),
                             void*) = nullptr;
// NOLINTNEXTLINE(bugprone-macro-parentheses): a declarator's parts stand without parentheses
#define INTERLOCK_MEMBER(Result, name, parameters) Result(*name) parameters = nullptr;
    INTERLOCK_REAL_FUNCTIONS(INTERLOCK_MEMBER)
#undef INTERLOCK_MEMBER
    bool resolved = false;
};

extern __attribute__((visibility("hidden"))) constinit real_functions real_table;

/// Looks every function up. Not while one of them runs.
void resolve_real_functions() noexcept;

/// The table, resolved. A hook that runs before the constructor (another library's constructor came first) resolves here.
inline const real_functions& real() noexcept {
    if (__builtin_expect(!real_table.resolved, 0)) resolve_real_functions();
    return real_table;
}

}  // namespace interlock::preload
