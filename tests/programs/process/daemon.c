// A daemon as daemon(3) makes it: its parent leaves at once, it closes every descriptor it finds, lives on and inverts two
// locks. The first process waits for it on a pipe, which alone the daemon keeps.
//
// expect: inverted
//   acquisitions 4
//   dependencies 2
//   logs 3
//   finding lock-order-cycle potential edges=2 locks=a,b functions=nest
// expect: agreed
//   acquisitions 4
//   dependencies 2
//   logs 3
//   clean

#include <pthread.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/programs/hand_over.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static int agreed;

static void nest(pthread_mutex_t* first, pthread_mutex_t* second) {
    pthread_mutex_lock(first);
    pthread_mutex_lock(second);
    pthread_mutex_unlock(second);
    pthread_mutex_unlock(first);
}

static void* one(void* unused) {
    await_turn(0);
    nest(&a, &b);
    give_turn(1);
    return unused;
}

static void* other(void* unused) {
    await_turn(1);
    nest(agreed ? &a : &b, agreed ? &b : &a);
    return unused;
}

static int serve(int keep) {
    pthread_t threads[2];
    if (daemon(1, 0) != 0) return 4;
    for (int descriptor = 0; descriptor < 1024; ++descriptor)
        if (descriptor != keep) close(descriptor);
    pthread_create(&threads[0], NULL, one, NULL);
    pthread_create(&threads[1], NULL, other, NULL);
    for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
    return 0;
}

int main(int count, char** words) {
    int ends[2];
    int status = 0;
    char nothing;
    if (count != 2 || pipe(ends) != 0) return 2;
    agreed = strcmp(words[1], "agreed") == 0;
    const pid_t pid = fork();
    if (pid == 0) return serve(ends[1]);
    close(ends[1]);
    if (waitpid(pid, &status, 0) != pid || status != 0) return 3;
    // End of file: the daemon is gone.
    return read(ends[0], &nothing, 1) == 0 ? 0 : 5;
}
