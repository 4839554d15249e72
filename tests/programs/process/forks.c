// fork: the child is a process of its own, with locks of its own and a log of its own. What it inherits locked it may release;
// an order in the parent and the opposite one in the child never met, and would if one process came to do both.
//
// expect: child-inverts
//   acquisitions 6
//   dependencies 3
//   logs 2
//   finding lock-order-cycle potential edges=2 locks=a,b functions=backward,forward
// expect: opposite-orders
//   acquisitions 4
//   dependencies 2
//   logs 2
//   finding lock-order-cycle across-runs edges=2 locks=a,b functions=backward,forward
// expect: held-over-fork
//   acquisitions 3
//   dependencies 0
//   logs 2
//   clean
// expect: made-anew
//   acquisitions 3
//   dependencies 0
//   logs 2
//   clean
// expect: parent-inverts
//   acquisitions 6
//   dependencies 3
//   logs 2
//   finding lock-order-cycle potential edges=2 locks=a,b functions=backward,forward
// expect: child-fails
//   exit 7
//   acquisitions 4
//   dependencies 2
//   logs 2
//   clean

#include <pthread.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/programs/hand_over.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;

static void forward(void) {
    pthread_mutex_lock(&a);
    pthread_mutex_lock(&b);
    pthread_mutex_unlock(&b);
    pthread_mutex_unlock(&a);
}

static void backward(void) {
    pthread_mutex_lock(&b);
    pthread_mutex_lock(&a);
    pthread_mutex_unlock(&a);
    pthread_mutex_unlock(&b);
}

static void* first(void* unused) {
    await_turn(0);
    forward();
    give_turn(1);
    return unused;
}

static void* second(void* unused) {
    await_turn(1);
    backward();
    return unused;
}

static void invert(void) {
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, first, NULL);
    pthread_create(&threads[1], NULL, second, NULL);
    for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
}

static int child(const char* how) {
    if (strcmp(how, "child-inverts") == 0) {
        invert();
    } else if (strcmp(how, "opposite-orders") == 0) {
        backward();
    } else if (strcmp(how, "held-over-fork") == 0) {
        pthread_mutex_unlock(&a);
        pthread_mutex_lock(&a);
        pthread_mutex_unlock(&a);
    } else if (strcmp(how, "made-anew") == 0) {
        pthread_mutex_init(&a, NULL);
        pthread_mutex_lock(&a);
        pthread_mutex_unlock(&a);
    } else {
        forward();
    }
    return strcmp(how, "child-fails") == 0 ? 7 : 0;
}

int main(int count, char** words) {
    int status = 0;
    if (count != 2) return 2;
    const char* how = words[1];
    const int holds = strcmp(how, "held-over-fork") == 0 || strcmp(how, "made-anew") == 0;
    if (holds)
        pthread_mutex_lock(&a);
    else if (strcmp(how, "parent-inverts") != 0)
        forward();
    const pid_t pid = fork();
    if (pid == 0) return child(how);
    if (strcmp(how, "parent-inverts") == 0) invert();
    if (holds) {
        pthread_mutex_unlock(&a);
        pthread_mutex_lock(&a);
        pthread_mutex_unlock(&a);
    }
    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) return 3;
    return WEXITSTATUS(status);
}
