// Initialising a lock that somebody holds: the hold is forgotten and whoever waits is lost. Doing it to a free lock makes a new
// lock.
//
// expect: mutex
//   acquisitions 1
//   dependencies 0
//   finding reinit-while-held observed locks=mutex functions=main
// expect: rwlock
//   acquisitions 1
//   dependencies 0
//   finding reinit-while-held observed locks=shared functions=main
// expect: free
//   acquisitions 2
//   dependencies 0
//   clean

#include <pthread.h>
#include <string.h>

static pthread_mutex_t mutex;
static pthread_rwlock_t shared;

int main(int count, char** words) {
    if (count != 2) return 2;
    pthread_mutex_init(&mutex, NULL);
    pthread_rwlock_init(&shared, NULL);
    if (strcmp(words[1], "rwlock") == 0) {
        pthread_rwlock_wrlock(&shared);
        pthread_rwlock_init(&shared, NULL);
        return 0;
    }
    pthread_mutex_lock(&mutex);
    if (strcmp(words[1], "free") == 0) pthread_mutex_unlock(&mutex);
    pthread_mutex_init(&mutex, NULL);
    if (strcmp(words[1], "free") != 0) return 0;
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
    return 0;
}
