// A lock that a signal handler acquires is held elsewhere as well: wrong where the signal can bring that handler at that moment. It
// cannot before the handler is installed, while the signal is ignored or has its default action or another handler, and where a jump has restored a
// mask that blocks it.
//
// expect: before
//   acquisitions 2
//   dependencies 0
//   clean
// expect: ignored
//   acquisitions 2
//   dependencies 0
//   clean
// expect: default
//   acquisitions 2
//   dependencies 0
//   clean
// expect: one-shot
//   acquisitions 2
//   dependencies 0
//   clean
// expect: other-handler
//   acquisitions 2
//   dependencies 0
//   clean
// expect: blocked-by-jump
//   acquisitions 2
//   dependencies 0
//   clean
// expect: thread-before
//   acquisitions 2
//   dependencies 0
//   clean
// expect: installed-again
//   acquisitions 2
//   dependencies 0
//   finding self-deadlock potential edges=1 locks=m
// expect: armed-again
//   acquisitions 2
//   dependencies 0
//   finding self-deadlock potential edges=1 locks=m
// expect: opened-by-jump
//   acquisitions 2
//   dependencies 0
//   finding self-deadlock potential edges=1 locks=m
// expect: installed-while-held
//   acquisitions 2
//   dependencies 0
//   finding self-deadlock potential edges=1 locks=m
// expect: unblocked-while-held
//   acquisitions 2
//   dependencies 0
//   finding self-deadlock potential edges=1 locks=m
// expect: again-while-open
//   acquisitions 3
//   dependencies 0
//   finding self-deadlock potential edges=1 locks=m
// expect: under-another-again-while-open
//   acquisitions 5
//   dependencies 1
//   finding self-deadlock potential edges=1 locks=m
// expect: thread-after
//   acquisitions 2
//   dependencies 0
//   finding self-deadlock potential edges=1 locks=m
// expect: child-of-vfork
//   acquisitions 2
//   dependencies 0
//   finding self-deadlock potential edges=1 locks=m

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t outer = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t step;
static sigset_t usr1;
static sigjmp_buf out;

static void use(void) {
    pthread_mutex_lock(&m);
    pthread_mutex_unlock(&m);
}

static void on_signal(int number) {
    (void)number;
    use();
}

static void on_signal_once_more(int number) {
    use();
    signal(number, on_signal_once_more);
}

static void does_nothing(int number) { (void)number; }

static void install(void (*handler)(int), int flags) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = flags;
    sigaction(SIGUSR1, &action, NULL);
}

static void* uses_between(void* unused) {
    (void)unused;
    pthread_barrier_wait(&step);
    use();
    pthread_barrier_wait(&step);
    return NULL;
}

/// A thread that lives all the while uses the lock before or after the handler is installed.
static void in_thread(int after) {
    pthread_t thread;
    pthread_barrier_init(&step, NULL, 2);
    pthread_create(&thread, NULL, uses_between, NULL);
    if (after) install(on_signal, 0);
    pthread_barrier_wait(&step);
    pthread_barrier_wait(&step);
    if (!after) install(on_signal, 0);
    pthread_join(thread, NULL);
}

/// Jumps to where the signal was blocked from where it is open, or the other way round.
static void jump(int from, int to) {
    sigprocmask(to, &usr1, NULL);
    if (sigsetjmp(out, 1) == 0) {
        sigprocmask(from, &usr1, NULL);
        siglongjmp(out, 1);
    }
}

__attribute__((noinline)) static void start_child(void) {
    if (vfork() == 0) {
        signal(SIGUSR1, SIG_DFL);
        _exit(0);
    }
    wait(NULL);
}

/// What is done before the one delivery; 1: the last use of the lock is yet to come.
static int prepare(const char* what) {
    if (strcmp(what, "before") == 0) {
        use();
        install(on_signal, 0);
    } else if (strcmp(what, "other-handler") == 0) {
        install(does_nothing, 0);
        use();
        install(on_signal, 0);
    } else if (strcmp(what, "thread-before") == 0 || strcmp(what, "thread-after") == 0) {
        in_thread(strcmp(what, "thread-after") == 0);
    } else if (strcmp(what, "one-shot") == 0) {
        install(on_signal, (int)SA_RESETHAND);
        return 1;
    } else if (strcmp(what, "armed-again") == 0) {
        install(on_signal_once_more, (int)SA_RESETHAND);
        return 1;
    } else if (strcmp(what, "installed-while-held") == 0) {
        pthread_mutex_lock(&m);
        install(on_signal, 0);
        pthread_mutex_unlock(&m);
    } else if (strcmp(what, "unblocked-while-held") == 0) {
        install(on_signal, 0);
        sigprocmask(SIG_BLOCK, &usr1, NULL);
        pthread_mutex_lock(&m);
        sigprocmask(SIG_UNBLOCK, &usr1, NULL);
        pthread_mutex_unlock(&m);
    } else if (strcmp(what, "again-while-open") == 0) {
        use();
        install(on_signal, 0);
        use();
    } else if (strcmp(what, "under-another-again-while-open") == 0) {
        for (int i = 0; i < 2; ++i) {
            sigprocmask(SIG_BLOCK, &usr1, NULL);
            pthread_mutex_lock(&outer);
            if (i == 1) sigprocmask(SIG_UNBLOCK, &usr1, NULL);
            use();
            pthread_mutex_unlock(&outer);
            install(on_signal, 0);
        }
    } else {
        install(on_signal, 0);
        return 1;
    }
    return 0;
}

int main(int count, char** words) {
    if (count != 2) return 2;
    const char* what = words[1];
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    const int is_used_after = prepare(what);
    raise(SIGUSR1);
    if (strcmp(what, "ignored") == 0) signal(SIGUSR1, SIG_IGN);
    if (strcmp(what, "default") == 0) signal(SIGUSR1, SIG_DFL);
    if (strcmp(what, "installed-again") == 0) {
        signal(SIGUSR1, SIG_IGN);
        install(on_signal, 0);
    }
    if (strcmp(what, "blocked-by-jump") == 0) jump(SIG_UNBLOCK, SIG_BLOCK);
    if (strcmp(what, "opened-by-jump") == 0) jump(SIG_BLOCK, SIG_UNBLOCK);
    if (strcmp(what, "child-of-vfork") == 0) start_child();
    if (is_used_after) use();
    return 0;
}
