// What every program here begins with: it hangs, and must not outlive the test that runs it. For C and C++.
#pragma once

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tests/programs/hand_over.h"

__attribute__((constructor)) static void die_with_the_test(void) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    alarm(300);  // nobody handles it: the end, whatever became of the test
}

/// fork(); the child dies with its parent.
static inline pid_t start_child(void) {
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child != 0) return child;
    die_with_the_test();
    if (getppid() != parent) _exit(1);
    return 0;
}

struct named_start {
    void* (*function)(void*);
    void* argument;
    char name[16];
};
static inline void* run_named(void* argument) {
    const struct named_start begun = *(struct named_start*)argument;
    free(argument);
    pthread_setname_np(pthread_self(), begun.name);
    return begun.function(begun.argument);
}
/// Starts a thread that has its name before it does anything else.
static inline pthread_t start(void* (*function)(void*), const char* name, void* argument) {
    pthread_t made;
    struct named_start* const begun = (struct named_start*)malloc(sizeof *begun);
    if (begun == NULL) abort();
    begun->function = function;
    begun->argument = argument;
    snprintf(begun->name, sizeof begun->name, "%s", name);
    if (pthread_create(&made, NULL, run_named, begun) != 0) abort();
    return made;
}

/// Whether the program is to do this case.
static inline int is_case(int count, char** words, const char* name) {
    return count == 2 && strcmp(words[1], name) == 0;
}

/// A meeting of `parties` threads; nothing that interlock could see.
static inline void meet(int* arrived, int parties) {
    __atomic_fetch_add(arrived, 1, __ATOMIC_ACQ_REL);
    while (__atomic_load_n(arrived, __ATOMIC_ACQUIRE) < parties) sched_yield();
}
