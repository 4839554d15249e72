// A lock is acquired in a signal handler, and outside it while that signal can arrive: whoever is interrupted there waits for
// itself. With the signal blocked outside, or the lock used in the handler alone, nothing can happen.
//
// expect: open
//   acquisitions 2
//   dependencies 0
//   finding self-deadlock potential edges=1 locks=m
// expect: blocked
//   acquisitions 2
//   dependencies 0
//   clean
// expect: handler-only
//   acquisitions 2
//   dependencies 0
//   clean
// expect: other-lock
//   acquisitions 2
//   dependencies 0
//   clean

#include <pthread.h>
#include <signal.h>
#include <string.h>

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t other = PTHREAD_MUTEX_INITIALIZER;

static void on_signal(int number) {
    (void)number;
    pthread_mutex_lock(&m);
    pthread_mutex_unlock(&m);
}

int main(int count, char** words) {
    struct sigaction action;
    sigset_t set;
    if (count != 2) return 2;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    sigemptyset(&action.sa_mask);
    sigaction(SIGUSR1, &action, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_mutex_t* outside = strcmp(words[1], "other-lock") == 0 ? &other : &m;
    if (strcmp(words[1], "handler-only") == 0) {
        raise(SIGUSR1);
    } else {
        if (strcmp(words[1], "blocked") == 0) pthread_sigmask(SIG_BLOCK, &set, NULL);
        pthread_mutex_lock(outside);
        pthread_mutex_unlock(outside);
        pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    }
    raise(SIGUSR1);
    return 0;
}
