// Two locks in both orders, after descriptor 2 became something else. Arguments: how (kept, data, closed, log, null), a file.
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t outer = PTHREAD_MUTEX_INITIALIZER, inner = PTHREAD_MUTEX_INITIALIZER;

static void* both(void* first) {
    pthread_mutex_t* const second = first == &outer ? &inner : &outer;
    pthread_mutex_lock(first);
    pthread_mutex_lock(second);
    pthread_mutex_unlock(second);
    pthread_mutex_unlock(first);
    return NULL;
}

/// Whether descriptor 2 is what was asked for.
static int replace(const char* how, const char* file) {
    if (strcmp(how, "kept") == 0) return 1;
    if (strcmp(how, "log") == 0) {
        const int log = open(file, O_CREAT | O_WRONLY | O_APPEND, 0600);
        return dup2(log, 1) == 1 && dup2(log, 2) == 2 && close(log) == 0;
    }
    close(2);
    if (strcmp(how, "closed") == 0) return 1;
    if (strcmp(how, "null") == 0) return open("/dev/null", O_WRONLY) == 2;
    return open(file, O_CREAT | O_RDWR, 0600) == 2 && write(2, "data\n", 5) == 5;
}

int main(int count, char** words) {
    pthread_t thread;
    if (count != 3 || !replace(words[1], words[2]) || pthread_create(&thread, NULL, both, &outer) != 0) return 2;
    pthread_join(thread, NULL);
    both(&inner);
    return 0;
}
