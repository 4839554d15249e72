// Destroying a lock that somebody holds, for every kind that has a destroy call. (The holder is the main thread, which leaves
// with it: leaving main is no misuse of its own.)
//
// expect: mutex
//   acquisitions 1
//   dependencies 0
//   finding destroy-while-held observed locks=mutex functions=main
// expect: read-held
//   acquisitions 1
//   dependencies 0
//   finding destroy-while-held observed locks=shared functions=main
// expect: write-held
//   acquisitions 1
//   dependencies 0
//   finding destroy-while-held observed locks=shared functions=main
// expect: spin
//   acquisitions 1
//   dependencies 0
//   finding destroy-while-held observed locks=spin functions=main
// expect: c11
//   acquisitions 1
//   dependencies 0
//   finding destroy-while-held observed locks=c11 functions=main
// expect: free
//   acquisitions 1
//   dependencies 0
//   clean

#include <pthread.h>
#include <string.h>
#include <threads.h>

static pthread_mutex_t mutex;
static pthread_rwlock_t shared;
static pthread_spinlock_t spin;
static mtx_t c11;

int main(int count, char** words) {
    if (count != 2) return 2;
    const char* how = words[1];
    if (strcmp(how, "mutex") == 0) {
        pthread_mutex_init(&mutex, NULL);
        pthread_mutex_lock(&mutex);
        pthread_mutex_destroy(&mutex);
    } else if (strcmp(how, "read-held") == 0 || strcmp(how, "write-held") == 0) {
        pthread_rwlock_init(&shared, NULL);
        how[0] == 'r' ? pthread_rwlock_rdlock(&shared) : pthread_rwlock_wrlock(&shared);
        pthread_rwlock_destroy(&shared);
    } else if (strcmp(how, "spin") == 0) {
        pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
        pthread_spin_lock(&spin);
        pthread_spin_destroy(&spin);
    } else if (strcmp(how, "c11") == 0) {
        mtx_init(&c11, mtx_plain);
        mtx_lock(&c11);
        mtx_destroy(&c11);
    } else {
        pthread_mutex_init(&mutex, NULL);
        pthread_mutex_lock(&mutex);
        pthread_mutex_unlock(&mutex);
        pthread_mutex_destroy(&mutex);
    }
    return 0;
}
