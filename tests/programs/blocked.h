// Knowing that another thread of this program is stuck, without a sleep: programs that hang on purpose end themselves once
// their threads have come to rest. For C and C++; needs _GNU_SOURCE.
#pragma once

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

/// Whether a lock lies in a library: one of the loader's or an unwinder's, which is given back soon.
static inline int is_of_library(const char* address) {
    Dl_info lock;
    Dl_info self;
    static const char here = 0;
    return dladdr((const void*)strtoul(address, NULL, 16), &lock) != 0 && dladdr(&here, &self) != 0 &&
           lock.dli_fbase != self.dli_fbase;
}

/// Waits until the thread sleeps in futex(2), the system call that every blocked mutex, rwlock, semaphore, condition and join
/// ends in, for a lock that no library keeps for itself. `*thread` is its kernel id, 0 until it has said it; the process is this one, or
/// one that this one is a forked child of.
static inline void await_blocked_in(pid_t process, const int* thread) {
    char path[64];
    char line[32];
    int id = 0;
    while ((id = __atomic_load_n(thread, __ATOMIC_ACQUIRE)) == 0) sched_yield();
    snprintf(path, sizeof path, "/proc/%d/task/%d/syscall", (int)process, id);
    for (;;) {
        const int file = open(path, O_RDONLY | O_CLOEXEC);
        if (file < 0) abort();
        const ssize_t size = read(file, line, sizeof line - 1);
        close(file);
        line[size > 0 ? size : 0] = 0;
        if (strncmp(line, "202 ", 4) == 0 && !is_of_library(line + 4)) return;
        sched_yield();
    }
}

static inline void await_blocked(const int* thread) { await_blocked_in(getpid(), thread); }

/// Waits until the thread has used 20 ms of processor time more: one that spins for a lock does nothing else by then.
static inline void await_spinning(pthread_t thread) {
    clockid_t clock;
    struct timespec now;
    if (pthread_getcpuclockid(thread, &clock) != 0 || clock_gettime(clock, &now) != 0) abort();
    const long long end = now.tv_sec * 1000000000LL + now.tv_nsec + 20000000LL;
    do {
        sched_yield();
        if (clock_gettime(clock, &now) != 0) abort();
    } while (now.tv_sec * 1000000000LL + now.tv_nsec < end);
}

/// Says this thread's kernel id to whoever waits for it in await_blocked().
static inline void say_thread(int* thread) { __atomic_store_n(thread, (int)gettid(), __ATOMIC_RELEASE); }
