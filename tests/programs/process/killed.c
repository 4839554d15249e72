// A program that ends by a signal or a status of its own keeps it, and what it did until then is in the report.
//
// expect: SIGKILL
//   exit 137
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle single-thread edges=2 locks=a,b
// expect: SIGSEGV
//   exit 139
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle single-thread edges=2 locks=a,b
// expect: abort
//   exit 134
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle single-thread edges=2 locks=a,b
// expect: status
//   exit 42
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle single-thread edges=2 locks=a,b
// expect: _exit
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle single-thread edges=2 locks=a,b
// expect: agreed
//   exit 137
//   acquisitions 4
//   dependencies 1
//   clean

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;

static void nest(pthread_mutex_t* first, pthread_mutex_t* second) {
    pthread_mutex_lock(first);
    pthread_mutex_lock(second);
    pthread_mutex_unlock(second);
    pthread_mutex_unlock(first);
}

int main(int count, char** words) {
    const struct rlimit no_core = {0, 0};
    if (count != 2) return 2;
    const char* how = words[1];
    const int agreed = strcmp(how, "agreed") == 0;
    setrlimit(RLIMIT_CORE, &no_core);
    for (int i = 0; i < 2; ++i) nest(i == 0 || agreed ? &a : &b, i == 0 || agreed ? &b : &a);
    if (strcmp(how, "SIGKILL") == 0 || agreed) kill(getpid(), SIGKILL);
    if (strcmp(how, "SIGSEGV") == 0) kill(getpid(), SIGSEGV);
    if (strcmp(how, "abort") == 0) abort();
    if (strcmp(how, "_exit") == 0) _exit(0);
    return 42;
}
