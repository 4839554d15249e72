// A daemon that closes every descriptor, then opens files of its own, which get the numbers 0 to 9, writes what it knows into them while
// threads lock in both orders, forks a child that locks, and ends. Argument: a folder. What must not be in the files: anything else.
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;

static void nest(pthread_mutex_t* first, pthread_mutex_t* second) {
    pthread_mutex_lock(first);
    pthread_mutex_lock(second);
    pthread_mutex_unlock(second);
    pthread_mutex_unlock(first);
}
static void* forward(void* nothing) {
    for (int i = 0; i < 5000; ++i) nest(&a, &b);
    return nothing;
}
static void* backward(void* nothing) {
    for (int i = 0; i < 5000; ++i) nest(&b, &a);
    return nothing;
}
static void run(void* (*what)(void*)) {
    pthread_t thread;
    pthread_create(&thread, NULL, what, NULL);
    pthread_join(thread, NULL);
}

int main(int count, char** words) {
    char name[4096];
    if (count != 2) return 2;
    for (int descriptor = 0; descriptor < 1024; ++descriptor) close(descriptor);
    for (int i = 0; i < 10; ++i) {
        snprintf(name, sizeof name, "%s/%d", words[1], i);
        if (open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600) != i) return 3;
    }
    for (int round = 0; round < 3; ++round) {
        run(forward);
        run(backward);
        for (int i = 0; i < 10; ++i)
            if (write(i, "mine\n", 5) != 5) return 4;
    }
    const pid_t child = fork();
    if (child == 0) {
        nest(&a, &b);
        return 0;
    }
    int status = 0;
    waitpid(child, &status, 0);
    return status;
}
