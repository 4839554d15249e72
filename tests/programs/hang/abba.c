// The real thing: alice holds a and waits for b, bob holds b and waits for a. The main thread ends the process once both have
// come to rest; the log ends in the deadlock.
//
// expect: inverted
//   acquisitions 2
//   dependencies 2
//   finding deadlock observed edges=2 locks=a,b threads=alice,bob functions=alice,bob modes=EE,EE no=none
// expect: agreed
//   acquisitions 4
//   dependencies 2
//   clean

#include <string.h>

#include "tests/programs/blocked.h"
#include "tests/programs/hand_over.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static int agreed;
static int stuck[2];

static void* alice(void* unused) {
    (void)unused;
    pthread_mutex_lock(&a);
    give_turn(1);
    if (!agreed) await_turn(2);
    say_thread(&stuck[0]);
    pthread_mutex_lock(&b);
    pthread_mutex_unlock(&b);
    pthread_mutex_unlock(&a);
    return NULL;
}

static void* bob(void* unused) {
    (void)unused;
    await_turn(1);
    pthread_mutex_lock(agreed ? &a : &b);
    give_turn(2);
    say_thread(&stuck[1]);
    pthread_mutex_lock(agreed ? &b : &a);
    pthread_mutex_unlock(&a);
    pthread_mutex_unlock(&b);
    return NULL;
}

int main(int count, char** words) {
    pthread_t threads[2];
    agreed = count == 2 && strcmp(words[1], "agreed") == 0;
    pthread_create(&threads[0], NULL, alice, NULL);
    pthread_setname_np(threads[0], "alice");
    pthread_create(&threads[1], NULL, bob, NULL);
    pthread_setname_np(threads[1], "bob");
    if (agreed) {
        for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
        return 0;
    }
    for (int i = 0; i < 2; ++i) await_blocked(&stuck[i]);
    _exit(0);
}
