// Forks from many threads at once while others lock; each child locks and ends. Arguments: threads, forks of each.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t shared = PTHREAD_MUTEX_INITIALIZER;
static int forks, wrong;

static void* fork_often(void* nothing) {
    pthread_mutex_t own = PTHREAD_MUTEX_INITIALIZER;
    for (int i = 0; i < forks; ++i) {
        pthread_mutex_lock(&shared);
        pthread_mutex_unlock(&shared);
        int status = 0;
        const pid_t child = fork();
        if (child == 0) {
            pthread_mutex_lock(&own);
            pthread_mutex_unlock(&own);
            _exit(3);
        }
        waitpid(child, &status, 0);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 3) __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
    }
    return nothing;
}

int main(int count, char** words) {
    pthread_t thread[64];
    if (count != 3) return 2;
    const int threads = atoi(words[1]);
    forks = atoi(words[2]);
    for (int i = 0; i < threads; ++i) pthread_create(&thread[i], NULL, fork_often, NULL);
    for (int i = 0; i < threads; ++i) pthread_join(thread[i], NULL);
    printf("wrong: %d\n", wrong);
    return 0;
}
