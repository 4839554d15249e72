// Forks from eight threads under fork handlers that lock; vfork; daemon.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { threads = 8, forks = 200 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int wrong;

static void lock(void) { pthread_mutex_lock(&mutex); }
static void unlock(void) { pthread_mutex_unlock(&mutex); }

/// One child in twenty has a log of its own.
static void* fork_often(void* nothing) {
    for (int i = 0; i < forks; ++i) {
        int status = 0;
        const pid_t child = fork();
        if (child == 0) {
            if (i % 20 == 0) {
                lock();
                unlock();
            }
            _exit(3);
        }
        waitpid(child, &status, 0);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 3) __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
    }
    return nothing;
}

int main(void) {
    pthread_t thread[threads];
    int status = 0;
    pid_t child;
    for (int i = 0; i < threads; ++i) pthread_create(&thread[i], NULL, fork_often, NULL);
    for (int i = 0; i < threads; ++i) pthread_join(thread[i], NULL);
    printf("wrong: %d\n", wrong);
    pthread_atfork(lock, unlock, unlock);
    fflush(stdout);
    child = fork();
    if (child == 0) _exit(4);
    waitpid(child, &status, 0);
    printf("fork handlers: %d\n", WEXITSTATUS(status));
    fflush(stdout);
    child = vfork();
    if (child == 0) {
        char* const arguments[] = {(char*)"true", NULL};
        execv("/bin/true", arguments);
        _exit(1);
    }
    waitpid(child, &status, 0);
    printf("vfork: %d\n", WEXITSTATUS(status));
    fflush(stdout);
    child = fork();
    if (child == 0) {
        if (daemon(1, 1) != 0) _exit(9);
        lock();
        unlock();
        _exit(0);
    }
    waitpid(child, &status, 0);
    printf("daemon: %d\n", WEXITSTATUS(status));
    return 0;
}
