// Two orders of two OpenMP locks, by two threads of a team whose first one is done before the other begins, which no OpenMP construct
// says; then what takes the inversion away: one order, a test instead of a set, a critical region around both, a barrier, the end of a
// region, a nestable lock set again. And what is no more than a test that fails.
//
// expect: inverted
//   acquisitions 4
//   dependencies 2
//   blind none
//   finding lock-order-cycle potential edges=2 locks=a,b functions=forward,backward modes=EE,EE
// expect: agreed
//   acquisitions 4
//   dependencies 2
//   blind none
//   clean
// expect: tested
//   acquisitions 4
//   dependencies 2
//   blind none
//   harmless hold-and-wait 1
//   clean
// expect: nested
//   acquisitions 6
//   dependencies 2
//   blind none
//   finding lock-order-cycle potential edges=2 locks=outer,inner functions=forward_nested,backward_nested
// expect: again
//   acquisitions 4
//   dependencies 0
//   blind none
//   clean
// expect: regions
//   acquisitions 4
//   dependencies 2
//   blind none
//   finding lock-order-cycle potential edges=2 locks=critical(one),critical(two) functions=forward_critical,backward_critical
// expect: guarded
//   acquisitions 6
//   dependencies 4
//   blind none
//   finding lock-order-cycle guarded edges=2 locks=a,b guards=critical no=circular_wait
// expect: barrier
//   acquisitions 4
//   dependencies 2
//   blind none
//   finding lock-order-cycle ordered edges=2 locks=a,b no=circular_wait
// expect: dealt-out
//   acquisitions 4
//   dependencies 2
//   blind none
//   finding lock-order-cycle ordered edges=2 locks=a,b no=circular_wait
// expect: next-region
//   acquisitions 4
//   dependencies 2
//   blind none
//   finding lock-order-cycle ordered edges=2 locks=a,b no=circular_wait
// expect: inner-region
//   acquisitions 4
//   dependencies 2
//   blind none
//   finding lock-order-cycle ordered edges=2 locks=a,b no=circular_wait
// expect: barrier-of-others
//   acquisitions 4
//   dependencies 2
//   blind none
//   finding lock-order-cycle potential edges=2 locks=a,b
// expect: tasks
//   acquisitions 4
//   dependencies 2
//   blind GOMP_task
//   clean

#include <omp.h>
#include <string.h>

#include "tests/programs/hand_over.h"

static omp_lock_t a;
static omp_lock_t b;
static omp_nest_lock_t outer;
static omp_nest_lock_t inner;

static void forward(void) {
    omp_set_lock(&a);
    omp_set_lock(&b);
    omp_unset_lock(&b);
    omp_unset_lock(&a);
}

static void backward(void) {
    omp_set_lock(&b);
    omp_set_lock(&a);
    omp_unset_lock(&a);
    omp_unset_lock(&b);
}

static void backward_tested(void) {
    omp_set_lock(&b);
    if (omp_test_lock(&a)) omp_unset_lock(&a);
    omp_unset_lock(&b);
}

static void forward_nested(void) {
    omp_set_nest_lock(&outer);
    omp_set_nest_lock(&outer);
    omp_set_nest_lock(&inner);
    omp_unset_nest_lock(&inner);
    omp_unset_nest_lock(&outer);
    omp_unset_nest_lock(&outer);
}

static void backward_nested(void) {
    omp_set_nest_lock(&inner);
    omp_set_nest_lock(&inner);
    omp_set_nest_lock(&outer);
    omp_unset_nest_lock(&outer);
    omp_unset_nest_lock(&inner);
    omp_unset_nest_lock(&inner);
}

static void again(void) {
    omp_set_nest_lock(&outer);
    if (omp_test_nest_lock(&outer) == 2) omp_unset_nest_lock(&outer);
    omp_unset_nest_lock(&outer);
}

static void forward_critical(void) {
#pragma omp critical(one)
    {
#pragma omp critical(two)
        {}
    }
}

static void backward_critical(void) {
#pragma omp critical(two)
    {
#pragma omp critical(one)
        {}
    }
}

static void forward_guarded(void) {
#pragma omp critical
    forward();
}

static void backward_guarded(void) {
#pragma omp critical
    backward();
}

/// By two threads of one team, one after the other.
static void in_turn(void (*first)(void), void (*second)(void)) {
#pragma omp parallel num_threads(2)
    {
        if (omp_get_thread_num() == 0) {
            await_turn(0);
            first();
            give_turn(1);
        } else {
            await_turn(1);
            second();
        }
    }
}

static void by_barrier(void) {
#pragma omp parallel num_threads(2)
    {
        if (omp_get_thread_num() == 0) forward();
#pragma omp barrier
        if (omp_get_thread_num() == 1) backward();
    }
}

/// The loop's end is where the team meets.
static void by_loop(void) {
#pragma omp parallel num_threads(2)
    {
#pragma omp for schedule(dynamic, 1)
        for (int i = 0; i < 2; ++i)
            if (omp_get_thread_num() == 1 || i == 1) continue;
        if (omp_get_thread_num() == 0) forward();
#pragma omp for schedule(dynamic, 1)
        for (int i = 0; i < 2; ++i) (void)i;
        if (omp_get_thread_num() == 1) backward();
    }
}

static void by_regions(void) {
#pragma omp parallel num_threads(2)
    if (omp_get_thread_num() == 1) forward();
#pragma omp parallel num_threads(2)
    if (omp_get_thread_num() == 0) backward();
}

/// An inner team ends within the outer region, and the outer's other thread begins after the inner's start by its own barrier alone.
static void by_inner_region(void) {
    omp_set_max_active_levels(2);
#pragma omp parallel num_threads(2)
    {
        if (omp_get_thread_num() == 0) {
#pragma omp parallel num_threads(2)
            if (omp_get_thread_num() == 1) forward();
        }
#pragma omp barrier
        if (omp_get_thread_num() == 1) backward();
    }
}

/// Both come after the same barrier.
static void after_barrier(void) {
#pragma omp parallel num_threads(2)
    {
#pragma omp barrier
        if (omp_get_thread_num() == 0) {
            await_turn(0);
            forward();
            give_turn(1);
        } else {
            await_turn(1);
            backward();
        }
    }
}

static void by_tasks(void) {
#pragma omp parallel num_threads(2)
#pragma omp single
    {
#pragma omp task
        forward();
#pragma omp task
        forward();
    }
}

int main(int count, char** words) {
    const char* how = count == 2 ? words[1] : "";
    omp_init_lock(&a);
    omp_init_lock(&b);
    omp_init_nest_lock(&outer);
    omp_init_nest_lock(&inner);
    if (strcmp(how, "inverted") == 0) in_turn(forward, backward);
    if (strcmp(how, "agreed") == 0) in_turn(forward, forward);
    if (strcmp(how, "tested") == 0) in_turn(forward, backward_tested);
    if (strcmp(how, "nested") == 0) in_turn(forward_nested, backward_nested);
    if (strcmp(how, "again") == 0) in_turn(again, again);
    if (strcmp(how, "regions") == 0) in_turn(forward_critical, backward_critical);
    if (strcmp(how, "guarded") == 0) in_turn(forward_guarded, backward_guarded);
    if (strcmp(how, "barrier") == 0) by_barrier();
    if (strcmp(how, "dealt-out") == 0) by_loop();
    if (strcmp(how, "next-region") == 0) by_regions();
    if (strcmp(how, "inner-region") == 0) by_inner_region();
    if (strcmp(how, "barrier-of-others") == 0) after_barrier();
    if (strcmp(how, "tasks") == 0) by_tasks();
    omp_destroy_nest_lock(&inner);
    omp_destroy_nest_lock(&outer);
    omp_destroy_lock(&b);
    omp_destroy_lock(&a);
    return 0;
}
