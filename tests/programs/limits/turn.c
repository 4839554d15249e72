// Built twice, as TURN alpha and TURN beta: two locks, taken in both orders by functions of names of its own.
#include <pthread.h>

#define NAME_(turn, what) turn##_##what
#define NAME(turn, what) NAME_(turn, what)

static pthread_mutex_t outer = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t inner = PTHREAD_MUTEX_INITIALIZER;

static void __attribute__((noinline)) NAME(TURN, forward)(void) {
    pthread_mutex_lock(&outer);
    pthread_mutex_lock(&inner);
    pthread_mutex_unlock(&inner);
    pthread_mutex_unlock(&outer);
}
static void __attribute__((noinline)) NAME(TURN, backward)(void) {
    pthread_mutex_lock(&inner);
    pthread_mutex_lock(&outer);
    pthread_mutex_unlock(&outer);
    pthread_mutex_unlock(&inner);
}

__attribute__((visibility("default"))) void forward(void);
__attribute__((visibility("default"))) void backward(void);
void forward(void) { NAME(TURN, forward)(); }
void backward(void) { NAME(TURN, backward)(); }
