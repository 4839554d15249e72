// C11 threads: everything once.
#include <stdio.h>
#include <threads.h>
#include <time.h>

static mtx_t plain, recursive;
static cnd_t condition;
static once_flag flag = ONCE_FLAG_INIT;
static int go;

static void initialise(void) {
    mtx_lock(&recursive);
    mtx_unlock(&recursive);
}

static int run(void* nothing) {
    (void)nothing;
    call_once(&flag, initialise);
    mtx_lock(&plain);
    go = 1;
    cnd_signal(&condition);
    mtx_unlock(&plain);
    thrd_exit(7);
}

int main(void) {
    struct timespec past = {0, 0};
    thrd_t thread;
    int result = 0;
    mtx_init(&plain, mtx_plain);
    mtx_init(&recursive, mtx_timed | mtx_recursive);
    cnd_init(&condition);
    mtx_lock(&plain);
    thrd_create(&thread, run, NULL);
    while (!go) cnd_wait(&condition, &plain);
    mtx_unlock(&plain);
    printf("join: %d", thrd_join(thread, &result) == thrd_success);
    printf(" %d\n", result);
    call_once(&flag, initialise);
    call_once(&flag, initialise);
    mtx_lock(&recursive);
    mtx_lock(&recursive);
    mtx_unlock(&recursive);
    mtx_unlock(&recursive);
    mtx_lock(&plain);
    printf("busy: %d\n", mtx_trylock(&plain) == thrd_busy);
    printf("timed out: %d\n", cnd_timedwait(&condition, &plain, &past) == thrd_timedout);
    mtx_unlock(&plain);
    mtx_destroy(&plain);
    cnd_destroy(&condition);
    return 0;
}
