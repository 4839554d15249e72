// Ways to start another program: vfork, posix_spawn, exec in place. Each image that ran has its log; a vfork child borrows its
// parent's memory and must not disturb the parent's.
//
// expect: nest
//   acquisitions 2
//   dependencies 1
//   clean
// expect: vfork
//   acquisitions 6
//   dependencies 3
//   logs 2
//   clean
// expect: spawn
//   acquisitions 6
//   dependencies 3
//   logs 2
//   clean
// expect: exec
//   acquisitions 4
//   dependencies 2
//   logs 2
//   clean
// expect: exec-inverts
//   acquisitions 6
//   dependencies 3
//   logs 2
//   finding lock-order-cycle single-thread edges=2 locks=a,b
// expect: vfork-missing
//   acquisitions 4
//   dependencies 2
//   logs 1
//   clean

#include <pthread.h>
#include <spawn.h>
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

static void nest_again(void) { nest(&a, &b); }

static int await(pid_t pid) {
    int status = 0;
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

int main(int count, char** words) {
    char* self_nests[] = {words[0], (char*)"nest", NULL};
    char* self_inverts[] = {words[0], (char*)"invert", NULL};
    char* none[] = {NULL};
    char missing[] = "./no-such-program";
    extern char** environ;
    if (count != 2) return 2;
    const char* how = words[1];
    nest(&a, &b);
    if (strcmp(how, "invert") == 0) nest(&b, &a);
    if (strcmp(how, "exec") == 0) execv(words[0], self_nests);
    if (strcmp(how, "exec-inverts") == 0) execv(words[0], self_inverts);
    if (strcmp(how, "vfork") == 0 || strcmp(how, "vfork-missing") == 0) {
        const int is_missing = strcmp(how, "vfork-missing") == 0;
        const pid_t pid = vfork();
        if (pid == 0) {
            execve(is_missing ? missing : words[0], is_missing ? none : self_nests, environ);
            _exit(9);
        }
        if (await(pid) != (is_missing ? 9 : 0)) return 4;
        nest_again();
    } else if (strcmp(how, "spawn") == 0) {
        pid_t pid = 0;
        if (posix_spawn(&pid, words[0], NULL, NULL, self_nests, environ) != 0 || await(pid) != 0) return 5;
        nest_again();
    }
    return 0;
}
