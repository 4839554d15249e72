// A C11 mutex released by a thread that does not hold it.
//
// expect: not-held
//   acquisitions 0
//   dependencies 0
//   finding unlock-not-held observed locks=m functions=main
// expect: own
//   acquisitions 1
//   dependencies 0
//   clean

#include <string.h>
#include <threads.h>

static mtx_t m;

int main(int count, char** words) {
    if (count != 2) return 2;
    mtx_init(&m, mtx_plain);
    if (strcmp(words[1], "own") == 0) mtx_lock(&m);
    mtx_unlock(&m);
    return 0;
}
