// Teams of OpenMP that stand still: on crossed critical regions and locks, and at a barrier to which one of them does not come. And
// teams that only wait for one of them who sleeps.
//
// hangs: criticals
//   finding deadlock observed edges=2 locks=critical(one),critical(two) threads=main,worker functions=enter_two,enter_one modes=EE,EE no=none
// hangs: locks
//   finding deadlock observed edges=2 locks=a,b threads=main,worker functions=set_b,set_a modes=EE,EE no=none
// hangs: lock-held-at-a-barrier
//   finding stalled observed locks=? threads=main behind=worker holds=main:a
// idles: critical-of-a-sleeper
// idles: lock-of-a-sleeper
// idles: barrier-with-a-sleeper
// idles: region-with-a-sleeper
// idles: pool-between-regions

#include <omp.h>

#include "tests/programs/stuck/never_outlives.h"

static omp_lock_t a;
static omp_lock_t b;
static int arrived;

static void name_worker(void) {
    if (omp_get_thread_num() != 0) pthread_setname_np(pthread_self(), "worker");
}

static void sleep_for_long(void) {
    for (;;) pause();
}

static void enter_two(void) {
#pragma omp critical(two)
    sleep(0);
}

static void enter_one(void) {
#pragma omp critical(one)
    sleep(0);
}

static void cross_criticals(void) {
#pragma omp parallel num_threads(2)
    {
        name_worker();
        if (omp_get_thread_num() == 0) {
#pragma omp critical(one)
            {
                meet(&arrived, 2);
                enter_two();
            }
        } else {
#pragma omp critical(two)
            {
                meet(&arrived, 2);
                enter_one();
            }
        }
    }
}

static void set_a(void) { omp_set_lock(&a); }
static void set_b(void) { omp_set_lock(&b); }

static void cross_locks(void) {
#pragma omp parallel num_threads(2)
    {
        name_worker();
        if (omp_get_thread_num() == 0)
            set_a();
        else
            set_b();
        meet(&arrived, 2);
        if (omp_get_thread_num() == 0)
            set_b();
        else
            set_a();
    }
}

static void hold_at_barrier(void) {
#pragma omp parallel num_threads(2)
    {
        name_worker();
        if (omp_get_thread_num() == 0) set_a();
        meet(&arrived, 2);
        if (omp_get_thread_num() == 1) set_a();
#pragma omp barrier
    }
}

static void sleep_in_critical(void) {
#pragma omp parallel num_threads(2)
    {
#pragma omp critical
        sleep_for_long();
    }
}

static void sleep_with_lock(void) {
#pragma omp parallel num_threads(2)
    {
        omp_set_lock(&a);
        sleep_for_long();
    }
}

static void sleep_before_barrier(void) {
#pragma omp parallel num_threads(2)
    {
        if (omp_get_thread_num() == 1) sleep_for_long();
#pragma omp barrier
    }
}

static void sleep_in_region(void) {
#pragma omp parallel num_threads(2)
    if (omp_get_thread_num() == 1) sleep_for_long();
}

/// The rest of the team waits for another region, the opener for a sleeper that is none of them.
static void* sleeper(void* unused) {
    sleep_for_long();
    return unused;
}
static void join_between_regions(void) {
#pragma omp parallel num_threads(2)
    meet(&arrived, 2);
    pthread_join(start(sleeper, "sleeper", NULL), NULL);
}

int main(int count, char** words) {
    omp_init_lock(&a);
    omp_init_lock(&b);
    if (is_case(count, words, "criticals")) cross_criticals();
    if (is_case(count, words, "locks")) cross_locks();
    if (is_case(count, words, "lock-held-at-a-barrier")) hold_at_barrier();
    if (is_case(count, words, "critical-of-a-sleeper")) sleep_in_critical();
    if (is_case(count, words, "lock-of-a-sleeper")) sleep_with_lock();
    if (is_case(count, words, "barrier-with-a-sleeper")) sleep_before_barrier();
    if (is_case(count, words, "region-with-a-sleeper")) sleep_in_region();
    if (is_case(count, words, "pool-between-regions")) join_between_regions();
    return 0;
}
