// Built with ThreadSanitizer, whose runtime sees locks and threads by the same names as we do. Argument: what there is for it to tell.
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
static int guarded, bare;

static void* forward(void* racing) {
    for (int i = 0; i < 100; ++i) {
        pthread_mutex_lock(&a);
        pthread_mutex_lock(&b);
        ++guarded;
        pthread_mutex_unlock(&b);
        pthread_mutex_unlock(&a);
    }
    if (racing != NULL) ++bare;
    return NULL;
}

static void* backward(void* nothing) {
    pthread_mutex_lock(&b);
    pthread_mutex_lock(&a);
    ++guarded;
    pthread_mutex_unlock(&a);
    pthread_mutex_unlock(&b);
    return nothing;
}

int main(int count, char** words) {
    const char* how = count == 2 ? words[1] : "";
    pthread_t one, other;
    pthread_create(&one, NULL, forward, strcmp(how, "race") == 0 ? &bare : NULL);
    if (strcmp(how, "inversion") == 0) pthread_join(one, NULL);
    pthread_create(&other, NULL, strcmp(how, "inversion") == 0 ? backward : forward,
                   strcmp(how, "race") == 0 ? &bare : NULL);
    pthread_join(other, NULL);
    if (strcmp(how, "inversion") != 0) pthread_join(one, NULL);
    printf("%d\n", guarded);
    return 0;
}
