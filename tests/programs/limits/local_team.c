// A plugin that alone of the process has an OpenMP runtime. Its calls at the end of functions are jumps, so their return addresses are not its own.
#include <omp.h>

static omp_lock_t a;
static omp_lock_t b;

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

/// The barrier is the last that each of them does.
static void meet(void) {
#pragma omp parallel num_threads(2)
    {
        if (omp_get_thread_num() == 0) forward();
#pragma omp barrier
    }
}

void run_plugin(void);
void run_plugin(void) {
    omp_init_lock(&a);
    omp_init_lock(&b);
    meet();
#pragma omp parallel num_threads(2)
    if (omp_get_thread_num() == 1) backward();
}
