// An allocator of its own that locks a mutex for every block, as the first thing that ever locks.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t heap_mutex = PTHREAD_MUTEX_INITIALIZER;
static _Alignas(16) char heap[64 << 20];
static size_t used;

void* malloc(size_t size) {
    void* block = NULL;
    size = (size + 31) & ~(size_t)15;
    pthread_mutex_lock(&heap_mutex);
    if (used + size <= sizeof heap) {
        block = heap + used + 16;
        memcpy(heap + used, &size, sizeof size);
        used += size;
    }
    pthread_mutex_unlock(&heap_mutex);
    return block;
}
void free(void* block) {
    (void)block;
    pthread_mutex_lock(&heap_mutex);
    pthread_mutex_unlock(&heap_mutex);
}
void* calloc(size_t count, size_t size) { return malloc(count * size); }
void* realloc(void* block, size_t size) {
    size_t old = 0;
    void* larger = malloc(size);
    if (block == NULL || larger == NULL) return larger;
    memcpy(&old, (char*)block - 16, sizeof old);
    memcpy(larger, block, old - 16 < size ? old - 16 : size);
    return larger;
}

static void* allocate(void* nothing) {
    for (int i = 0; i < 1000; ++i) {
        void* volatile block = malloc(10);
        free(block);
    }
    return nothing;
}

int main(void) {
    pthread_t thread[4];
    for (int i = 0; i < 4; ++i) pthread_create(&thread[i], NULL, allocate, NULL);
    for (int i = 0; i < 4; ++i) pthread_join(thread[i], NULL);
    puts("done");
    return 0;
}
