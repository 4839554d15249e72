// Locks that are acquired by functions which dlsym found in libc's own handle, as profilers and foreign-function interfaces do: nobody sees that.
// Who releases one where it is seen does so by right; who releases what nobody holds does not.
//
// expect: mutex
//   acquisitions 0
//   dependencies 0
//   events blind_spot 1
//   clean
// expect: checked
//   acquisitions 0
//   dependencies 0
//   events blind_spot 1
//   clean
// expect: recursive
//   acquisitions 0
//   dependencies 0
//   events blind_spot 1
//   clean
// expect: reader
//   acquisitions 0
//   dependencies 0
//   events blind_spot 1
//   clean
// expect: writer
//   acquisitions 0
//   dependencies 0
//   events blind_spot 1
//   clean
// expect: spin
//   acquisitions 0
//   dependencies 0
//   events blind_spot 1
//   clean
// expect: twice
//   acquisitions 0
//   dependencies 0
//   finding unlock-not-held observed locks=plain functions=give_back

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t plain = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t checked = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
static pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_rwlock_t shared = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t spin;

/// Calls a function of one lock that returns 0.
static void call_unseen(const char* name, volatile void* lock) {
    void* const libc = dlopen("libc.so.6", RTLD_NOW);
    int (*found)(volatile void*) = NULL;
    *(void**)&found = dlsym(libc, name);  // as POSIX writes it
    if (found == NULL || found(lock) != 0) abort();
}

static int give_back(pthread_mutex_t* lock) {
    const int result = pthread_mutex_unlock(lock);
    return result;
}

static int take_and_give_back(pthread_mutex_t* lock) {
    call_unseen("pthread_mutex_lock", lock);
    return give_back(lock);
}

int main(int count, char** words) {
    if (count != 2) return 2;
    const char* how = words[1];
    if (strcmp(how, "mutex") == 0) return take_and_give_back(&plain);
    if (strcmp(how, "checked") == 0) return take_and_give_back(&checked);
    if (strcmp(how, "recursive") == 0) {
        call_unseen("pthread_mutex_lock", &recursive);
        return take_and_give_back(&recursive) | give_back(&recursive);
    }
    if (strcmp(how, "reader") == 0) {
        call_unseen("pthread_rwlock_rdlock", &shared);
        return pthread_rwlock_unlock(&shared);
    }
    if (strcmp(how, "writer") == 0) {
        call_unseen("pthread_rwlock_wrlock", &shared);
        return pthread_rwlock_unlock(&shared);
    }
    if (strcmp(how, "spin") == 0) {
        pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
        call_unseen("pthread_spin_lock", &spin);
        return pthread_spin_unlock(&spin);
    }
    return take_and_give_back(&plain) | give_back(&plain);
}
