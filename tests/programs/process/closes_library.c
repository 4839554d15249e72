// A forked child closes a library that its parent opened, and that is the first that is seen of the child: su does so with its
// PAM modules.
//
// expect: child-inverts
//   acquisitions 4
//   dependencies 2
//   logs 2
//   finding lock-order-cycle single-thread edges=2 locks=a,b functions=nest
// expect: child-agrees
//   acquisitions 4
//   dependencies 2
//   logs 2
//   clean

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
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
    int status = 0;
    if (count != 2) return 2;
    const int inverts = strcmp(words[1], "child-inverts") == 0;
    void* library = dlopen("libresolv.so.2", RTLD_NOW);
    void* other = dlopen("libanl.so.1", RTLD_NOW);
    if (library == NULL || other == NULL) return 4;
    dlclose(other);  // the recorder looks at all libraries, and so knows the first
    const pid_t pid = fork();
    if (pid == 0) {
        if (dlclose(library) != 0) return 6;
        nest(&a, &b);
        nest(inverts ? &b : &a, inverts ? &a : &b);
        return 0;
    }
    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) return 3;
    return WEXITSTATUS(status);
}
