// Threads that all live at once, each of which has locked. Arguments: how many, the file that gets the number of mappings then.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int alive, done;

static void* live(void* nothing) {
    pthread_mutex_lock(&a);
    pthread_mutex_lock(&b);
    ++alive;
    pthread_mutex_unlock(&b);
    pthread_cond_broadcast(&changed);
    while (!done) pthread_cond_wait(&changed, &a);
    pthread_mutex_unlock(&a);
    return nothing;
}

static int count_maps(const char* into) {
    FILE* maps = fopen("/proc/self/maps", "r");
    FILE* file = fopen(into, "w");
    int lines = 0;
    if (maps == NULL || file == NULL) return 0;
    for (int c = getc(maps); c != EOF; c = getc(maps)) lines += c == '\n';
    fclose(maps);
    fprintf(file, "%d\n", lines);
    return fclose(file) == 0;
}

int main(int count, char** words) {
    if (count != 3) return 2;
    const int threads = atoi(words[1]);
    pthread_t* thread = calloc((size_t)threads, sizeof *thread);
    pthread_attr_t small;
    int made = 0;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 64 << 10);
    while (made < threads && pthread_create(&thread[made], &small, live, NULL) == 0) ++made;
    pthread_mutex_lock(&a);
    while (alive != made) {
        pthread_mutex_unlock(&a);
        pthread_mutex_lock(&a);
    }
    const int counted = count_maps(words[2]);
    done = 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&a);
    for (int i = 0; i < made; ++i) pthread_join(thread[i], NULL);
    printf("%d threads, all there: %d\n", made, counted && alive == made);
    return 0;
}
