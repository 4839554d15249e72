// Every function that replaces a process's image, each in a child that has locked before; and both that start a child with an image.
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char* self;
static char marked[] = "MARKED=yes";

static void lock(void) {
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
}

/// The environment with one variable more.
static char** more(void) {
    static char* all[4096];
    int count = 0;
    while (environ[count] != NULL && count < 4000) {
        all[count] = environ[count];
        ++count;
    }
    all[count] = marked;
    return all;
}

static void replace(int way) {
    char* arguments[] = {self, (char*)"leaf", (char*)"second", NULL};
    const int file = open(self, O_RDONLY | O_CLOEXEC);
    switch (way) {
        case 0: execl(self, self, "leaf", "second", (char*)NULL); break;
        case 1: execlp(self, self, "leaf", "second", (char*)NULL); break;
        case 2: execle(self, self, "leaf", "second", (char*)NULL, more()); break;
        case 3: execv(self, arguments); break;
        case 4: execve(self, arguments, more()); break;
        case 5: execvp(self, arguments); break;
        case 6: execvpe(self, arguments, more()); break;
        case 7: fexecve(file, arguments, more()); break;
        case 8: execveat(AT_FDCWD, self, arguments, more(), 0); break;
        case 9: execveat(file, "", arguments, more(), AT_EMPTY_PATH); break;
        default: break;
    }
    _exit(99);
}

static int status_of(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(int count, char** words) {
    if (count > 1) return count == 3 && strcmp(words[2], "second") == 0 ? 5 + (getenv("MARKED") != NULL) : 98;
    self = realpath(words[0], NULL);
    lock();
    for (int way = 0; way < 10; ++way) {
        const pid_t child = fork();
        if (child == 0) {
            lock();
            replace(way);
        }
        printf("way %d: %d\n", way, status_of(child));
        fflush(stdout);
    }
    char* arguments[] = {self, (char*)"leaf", (char*)"second", NULL};
    pid_t child = vfork();
    if (child == 0) {
        execl(self, self, "leaf", "second", (char*)NULL);
        _exit(99);
    }
    printf("vfork: %d\n", status_of(child));
    printf("spawn: %d", posix_spawn(&child, self, NULL, NULL, arguments, environ));
    printf(" %d\n", status_of(child));
    printf("spawnp: %d", posix_spawnp(&child, self, NULL, NULL, arguments, more()));
    printf(" %d\n", status_of(child));
    printf("missing: %d\n", posix_spawn(&child, "/nowhere/at/all", NULL, NULL, arguments, environ));
    printf("missing: %d\n", execl("/nowhere/at/all", "all", (char*)NULL));
    lock();
    return 0;
}
