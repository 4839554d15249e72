// Robust mutexes whose owners die, a thread and a process; priority inheritance; process-shared. Attributes are what they were asked to be.
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t* mutex;

static void* die_holding(void* nothing) {
    pthread_mutex_lock(mutex);
    return nothing;
}

static void make(int robust, int shared, int protocol) {
    pthread_mutexattr_t wanted;
    int told[3] = {-1, -1, -1};
    pthread_mutexattr_init(&wanted);
    pthread_mutexattr_setrobust(&wanted, robust);
    pthread_mutexattr_setpshared(&wanted, shared);
    pthread_mutexattr_setprotocol(&wanted, protocol);
    printf("init %d", pthread_mutex_init(mutex, &wanted));
    pthread_mutexattr_getrobust(&wanted, &told[0]);
    pthread_mutexattr_getpshared(&wanted, &told[1]);
    pthread_mutexattr_getprotocol(&wanted, &told[2]);
    printf(" attributes %d kind %x", told[0] == robust && told[1] == shared && told[2] == protocol,
           (unsigned)mutex->__data.__kind);
    pthread_mutexattr_destroy(&wanted);
}

/// After the owner's death: told once, made consistent, used on; then the other end, not made consistent.
static void recover(void) {
    printf(" dead %d", pthread_mutex_lock(mutex) == EOWNERDEAD);
    printf(" consistent %d", pthread_mutex_consistent(mutex));
    printf(" unlock %d", pthread_mutex_unlock(mutex));
    printf(" lock %d", pthread_mutex_lock(mutex));
    printf(" unlock %d\n", pthread_mutex_unlock(mutex));
}
static void abandon(void) {
    printf(" dead %d", pthread_mutex_lock(mutex) == EOWNERDEAD);
    printf(" unlock %d", pthread_mutex_unlock(mutex));
    printf(" gone %d\n", pthread_mutex_lock(mutex) == ENOTRECOVERABLE);
}

static void owner_thread(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, die_holding, NULL);
    pthread_join(thread, NULL);
}
static void owner_process(void) {
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        pthread_mutex_lock(mutex);
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

int main(void) {
    mutex = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int protocol = 0; protocol < 2; ++protocol) {
        const int pi = protocol == 0 ? PTHREAD_PRIO_NONE : PTHREAD_PRIO_INHERIT;
        make(PTHREAD_MUTEX_ROBUST, PTHREAD_PROCESS_PRIVATE, pi);
        owner_thread();
        recover();
        make(PTHREAD_MUTEX_ROBUST, PTHREAD_PROCESS_SHARED, pi);
        owner_process();
        recover();
        make(PTHREAD_MUTEX_ROBUST, PTHREAD_PROCESS_SHARED, pi);
        owner_process();
        abandon();
        make(PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_SHARED, pi);
        printf(" lock %d unlock %d\n", pthread_mutex_lock(mutex), 0);
        pthread_mutex_unlock(mutex);
        fflush(stdout);
    }
    return 0;
}
