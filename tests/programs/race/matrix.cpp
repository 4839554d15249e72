// Rows of a matrix, each thread its own; one row too many is a race at its border.
#include "tests/programs/race/both.hpp"

static double a[8][8];
static double sum[8];

static void rows(int from, int to) {
    for (int i = from; i < to; ++i)
        for (int j = 0; j < 8; ++j) {
            a[i][j] += i * j;
            sum[i] += a[i][j];
        }
}

int main() {
    both([] { rows(0, racy ? 5 : 4); }, [] { rows(4, 8); });
}
