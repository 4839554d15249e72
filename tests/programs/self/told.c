// A thread asks again for what it holds, and the system says so: EDEADLK is a self-deadlock that the program survived.
//
// expect: error-checking
//   acquisitions 1
//   dependencies at-least 0
//   finding self-deadlock observed edges=1 locks=checked functions=ask_again
// expect: write-write
//   acquisitions 1
//   dependencies at-least 0
//   finding self-deadlock observed edges=1 locks=shared functions=ask_again modes=EE
// expect: write-read
//   acquisitions 1
//   dependencies at-least 0
//   finding self-deadlock observed edges=1 locks=shared functions=ask_again modes=ES
// expect: recursive
//   acquisitions 2
//   dependencies 0
//   clean
// expect: read-read
//   acquisitions 2
//   dependencies 0
//   clean
// expect: tried
//   acquisitions 1
//   dependencies at-least 0
//   clean

#include <errno.h>
#include <pthread.h>
#include <string.h>

static pthread_mutex_t checked = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
static pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_rwlock_t shared = PTHREAD_RWLOCK_INITIALIZER;
static const char* how;

static int is(const char* word) { return strcmp(how, word) == 0; }

static int ask(void) {
    if (is("error-checking") || is("tried")) return pthread_mutex_lock(&checked);
    if (is("recursive")) return pthread_mutex_lock(&recursive);
    return is("read-read") ? pthread_rwlock_rdlock(&shared) : pthread_rwlock_wrlock(&shared);
}

static int ask_again(void) {
    if (is("error-checking")) return pthread_mutex_lock(&checked);
    if (is("tried")) return pthread_mutex_trylock(&checked);
    if (is("recursive")) return pthread_mutex_lock(&recursive);
    return is("write-write") ? pthread_rwlock_wrlock(&shared) : pthread_rwlock_rdlock(&shared);
}

static int let_go(void) {
    if (is("error-checking") || is("tried")) return pthread_mutex_unlock(&checked);
    if (is("recursive")) return pthread_mutex_unlock(&recursive);
    return pthread_rwlock_unlock(&shared);
}

int main(int count, char** words) {
    if (count != 2) return 2;
    how = words[1];
    if (ask() != 0) return 3;
    const int again = ask_again();
    const int expected = is("recursive") || is("read-read") ? 0 : is("tried") ? EBUSY : EDEADLK;
    if (again != expected) return 4;
    if (again == 0) let_go();
    return let_go();
}
