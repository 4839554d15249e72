// Masks and actions changed by the functions of System V and BSD: a lock that the handler acquires is held while the signal is blocked or
// ignored, or when it is open again.
//
// expect: sigblock
//   acquisitions 3
//   dependencies 0
//   clean
// expect: sighold
//   acquisitions 3
//   dependencies 0
//   clean
// expect: sigset
//   acquisitions 3
//   dependencies 0
//   clean
// expect: sigignore
//   acquisitions 3
//   dependencies 0
//   clean
// expect: sigsetmask
//   acquisitions 3
//   dependencies 0
//   finding self-deadlock potential edges=1 locks=m
// expect: sigrelse
//   acquisitions 3
//   dependencies 0
//   finding self-deadlock potential edges=1 locks=m
// expect: siginterrupt
//   acquisitions 3
//   dependencies 0
//   finding self-deadlock potential edges=1 locks=m

#include <pthread.h>
#include <signal.h>
#include <string.h>

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t other = PTHREAD_MUTEX_INITIALIZER;

static void use(pthread_mutex_t* lock) {
    pthread_mutex_lock(lock);
    pthread_mutex_unlock(lock);
}

static void on_signal(int number) {
    (void)number;
    use(&m);
}

int main(int count, char** words) {
    if (count != 2) return 2;
    const char* what = words[1];
    const int usr1 = 1 << (SIGUSR1 - 1);
    signal(SIGUSR1, on_signal);
    raise(SIGUSR1);
    use(&other);
    if (strcmp(what, "sigblock") == 0) {
        sigblock(usr1);
    } else if (strcmp(what, "sighold") == 0) {
        sighold(SIGUSR1);
    } else if (strcmp(what, "sigset") == 0) {
        sigset(SIGUSR1, SIG_HOLD);
    } else if (strcmp(what, "sigignore") == 0) {
        sigignore(SIGUSR1);
    } else if (strcmp(what, "sigsetmask") == 0) {
        sigsetmask(sigblock(usr1));
    } else if (strcmp(what, "sigrelse") == 0) {
        sighold(SIGUSR1);
        sigrelse(SIGUSR1);
    } else {
        siginterrupt(SIGUSR1, 1);
    }
    use(&m);
    return 0;
}
