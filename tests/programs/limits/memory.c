// Limits of memory, and locks on it, that a program sets for itself. Arguments: what to do, the file that gets the numbers of /proc/self/status.
#include <grp.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;

static void* work(void* nothing) {
    for (int i = 0; i < 1000; ++i) {
        pthread_mutex_lock(&a);
        pthread_mutex_lock(&b);
        pthread_mutex_unlock(&b);
        pthread_mutex_unlock(&a);
    }
    return nothing;
}

static int start_threads(void) {
    pthread_t threads[3];
    pthread_attr_t small;
    int made = 0;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 << 10);
    while (made < 3 && pthread_create(&threads[made], &small, work, NULL) == 0) ++made;
    for (int i = 0; i < made; ++i) pthread_join(threads[i], NULL);
    return made;
}

/// An unprivileged program, which may lock 8 MiB.
static int give_up_rights(void) {
    const struct rlimit limit = {8 << 20, 8 << 20};
    if (setrlimit(RLIMIT_MEMLOCK, &limit) != 0) return -1;
    return geteuid() != 0 ? 0 : setgroups(0, NULL) | setgid(65534) | setuid(65534);
}

/// 0 if the limit is in force, is read as it was set, can be lowered by every function, and not be more than the hard one.
static int limit_space(const struct rlimit* limit) {
    const struct rlimit lower = {limit->rlim_cur - 4096, limit->rlim_max};
    const struct rlimit more = {limit->rlim_max + 4096, limit->rlim_max};
    struct rlimit before, now;
    if (setrlimit(RLIMIT_AS, limit) != 0 || getrlimit(RLIMIT_AS, &now) != 0) return 1;
    if (now.rlim_cur != limit->rlim_cur || now.rlim_max != limit->rlim_max) return 2;
    if (prlimit(0, RLIMIT_AS, &lower, &before) != 0 || before.rlim_cur != limit->rlim_cur) return 4;
    if (prlimit(getpid(), RLIMIT_AS, NULL, &now) != 0 || now.rlim_cur != lower.rlim_cur) return 5;
    if (setrlimit(RLIMIT_AS, &more) == 0) return 6;
    // What is too much is refused all the same.
    return mmap(NULL, 1 << 30, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? 0 : 7;
}

static int copy_status(const char* into) {
    FILE* status = fopen("/proc/self/status", "r");
    FILE* file = fopen(into, "w");
    if (status == NULL || file == NULL) return -1;
    for (int c = getc(status); c != EOF; c = getc(status)) putc(c, file);
    fclose(status);
    return fclose(file);
}

int main(int count, char** words) {
    if (count != 3) return 2;
    const char* how = words[1];
    const struct rlimit data = {16 << 20, 16 << 20};
    const struct rlimit space = {40 << 20, 80 << 20};
    int done = 0;
    FILE* const made = fopen(words[2], "w");  // while it may
    work(NULL);
    if (made == NULL || fchown(fileno(made), geteuid() != 0 ? geteuid() : 65534, (gid_t)-1) != 0) return 3;
    fclose(made);
    if (strcmp(how, "unprivileged") == 0 && give_up_rights() != 0) return 3;
    if (strcmp(how, "data") == 0)
        done = setrlimit(RLIMIT_DATA, &data);
    else if (strcmp(how, "space") == 0)
        done = limit_space(&space);
    else if (strcmp(how, "on-fault") == 0)
        done = mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
    else if (strcmp(how, "wrong") == 0)
        done = mlockall(1 << 10);
    else if (strcmp(how, "large") == 0)
        done = mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
    else
        done = mlockall(MCL_CURRENT | MCL_FUTURE);
    if (copy_status(words[2]) != 0) return 3;
    printf("%d, threads: %d\n", done, start_threads());
    return 0;
}
