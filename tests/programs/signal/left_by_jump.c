// A signal handler is left by siglongjmp, and the next lock is acquired in calls deeper than the handler's frame was: no longer in a
// handler. A handler that acquires that lock itself is what is wrong.
//
// expect: own-stack
//   acquisitions 3
//   dependencies 0
//   clean
// expect: signal-stack
//   acquisitions 3
//   dependencies 0
//   clean
// expect: signal-stack-in-frame
//   acquisitions 3
//   dependencies 0
//   clean
// expect: locks-it
//   acquisitions 3
//   dependencies 0
//   finding self-deadlock potential edges=1 locks=m

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t other = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t* in_handler = &other;
static sigjmp_buf out;

static void nest(pthread_mutex_t* lock) {
    pthread_mutex_lock(lock);
    pthread_mutex_unlock(lock);
}

static void on_signal(int number) {
    (void)number;
    nest(in_handler);
    siglongjmp(out, 1);
}

static void deep(int calls) {
    volatile char room[4096];
    room[0] = (char)calls;
    if (calls > 0)
        deep(calls - 1);
    else
        nest(&m);
    room[1] = room[0];
}

int main(int count, char** words) {
    char frame[1 << 16];
    struct sigaction action;
    stack_t stack = {.ss_sp = frame, .ss_size = sizeof frame};
    if (count != 2) return 2;
    if (strcmp(words[1], "locks-it") == 0) in_handler = &m;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    if (strncmp(words[1], "signal-stack", 12) == 0) {
        if (strcmp(words[1], "signal-stack") == 0) stack.ss_sp = malloc(sizeof frame);
        if (stack.ss_sp == NULL || sigaltstack(&stack, NULL) != 0) return 3;
        action.sa_flags = SA_ONSTACK;
    }
    sigaction(SIGUSR1, &action, NULL);
    if (sigsetjmp(out, 1) == 0) raise(SIGUSR1);
    deep(30);
    nest(&m);
    return 0;
}
