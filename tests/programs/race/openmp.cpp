// OpenMP's loops, locks, critical regions and barriers order what they say they do. Of tasks the report says that their order is not seen.
// flags: -fopenmp
// compiler: g++
#include <omp.h>

#include <vector>

#include "tests/programs/race/both.hpp"

long counted = 0;
long once = 0;

int main() {
    omp_set_num_threads(4);
    std::vector<long> from(400);
    std::vector<long> to(400);
#pragma omp parallel for
    for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<long>(i);
#pragma omp parallel for
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = from[from.size() - 1 - i];
    long sum = 0;
#pragma omp parallel for reduction(+ : sum)
    for (std::size_t i = 0; i < to.size(); ++i) sum += to[i];
#pragma omp parallel
    {
#pragma omp single
        once = 3;
        const long mine = once;
        if (racy) counted += mine;
#pragma omp critical
        if (!racy) counted += mine;
#pragma omp barrier
#pragma omp master
        counted += 1;
#pragma omp barrier
        look(counted);
#pragma omp for schedule(dynamic)
        for (std::size_t i = 0; i < from.size(); ++i) from[i] += mine;
    }
    omp_lock_t lock;
    omp_init_lock(&lock);
#pragma omp parallel
    {
        omp_set_lock(&lock);
        counted += 1;
        omp_unset_lock(&lock);
#pragma omp atomic
        sum += 1;
    }
    omp_destroy_lock(&lock);
    look(sum);
}
