// Signal handlers: what sigaction and its kin answer, locks in handlers, handlers left by siglongjmp, a profiling timer.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/time.h>

static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER, second = PTHREAD_MUTEX_INITIALIZER;
static sem_t posted;
static sigjmp_buf out;
static volatile sig_atomic_t ticks;

static void locks(int number) {
    (void)number;
    pthread_mutex_lock(&first);
    pthread_mutex_unlock(&first);
}
static void posts(int number, siginfo_t* info, void* context) {
    if (number != info->si_signo || context == NULL) abort();
    errno = 77;
    sem_post(&posted);
    if (errno != 77) abort();
}
static void jumps(int number) {
    pthread_mutex_lock(&second);
    pthread_mutex_unlock(&second);
    siglongjmp(out, number);
}
static void counts(int number) {
    (void)number;
    ++ticks;
}

static void answers(void) {
    struct sigaction action, old;
    memset(&action, 0, sizeof action);
    action.sa_handler = locks;
    sigaction(SIGUSR1, &action, &old);
    printf("was default: %d\n", old.sa_handler == SIG_DFL);
    sigaction(SIGUSR1, NULL, &old);
    printf("our own: %d\n", old.sa_handler == locks);
    printf("signal: %d", signal(SIGUSR1, SIG_IGN) == locks);
    printf(" %d", signal(SIGUSR1, locks) == SIG_IGN);
    printf(" %d", signal(99, locks) == SIG_ERR);
    printf(" %d\n", errno == EINVAL);
    printf("sigset: %d", sigset(SIGUSR2, counts) == SIG_DFL);
    printf(" %d", sysv_signal(SIGUSR2, counts) == counts);
    raise(SIGUSR2);
    printf(" %d\n", signal(SIGUSR2, SIG_DFL) == SIG_DFL);
    action.sa_flags = (int)SA_RESETHAND;
    sigaction(SIGTERM, &action, NULL);
    raise(SIGTERM);
    sigaction(SIGTERM, NULL, &old);
    printf("reset: %d\n", old.sa_handler == SIG_DFL);
}

static void jump(int flags) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = jumps;
    action.sa_flags = flags;
    sigaction(SIGHUP, &action, NULL);
    if (sigsetjmp(out, 1) == 0) raise(SIGHUP);
    pthread_mutex_lock(&first);
    pthread_mutex_unlock(&first);
}

int main(void) {
    struct sigaction action;
    sigset_t set;
    const size_t small = getauxval(AT_MINSIGSTKSZ) + 2048;
    stack_t stack = {.ss_sp = malloc(small), .ss_size = small};
    const struct itimerval often = {{0, 100}, {0, 100}}, never = {{0, 0}, {0, 0}};
    int value = 0;
    sem_init(&posted, 0, 0);
    answers();
    raise(SIGUSR1);
    sigaltstack(&stack, NULL);
    memset(&action, 0, sizeof action);
    action.sa_sigaction = posts;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigaction(SIGUSR2, &action, NULL);
    raise(SIGUSR2);
    sem_getvalue(&posted, &value);
    printf("posted: %d\n", value);
    jump(SA_ONSTACK);
    jump(0);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    pthread_mutex_lock(&first);
    pthread_mutex_unlock(&first);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    action.sa_handler = counts;
    action.sa_flags = SA_RESTART;
    sigaction(SIGPROF, &action, NULL);
    ticks = 0;
    setitimer(ITIMER_PROF, &often, NULL);
    while (ticks < 20) {
        pthread_mutex_lock(&first);
        pthread_mutex_lock(&second);
        pthread_mutex_unlock(&second);
        pthread_mutex_unlock(&first);
    }
    setitimer(ITIMER_PROF, &never, NULL);
    puts("done");
    return 0;
}
