// What is written into a pipe orders the writer before who reads it, also through a copy of its end; another's reading does not.
#include <unistd.h>

#include "tests/programs/race/both.hpp"

int handed = 0;

int main() {
    int ends[2];
    int others[2];
    if (pipe(ends) != 0 || pipe(others) != 0) return 1;
    const int copy = dup(ends[1]);
    const char byte = 0;
    if (racy && write(others[1], &byte, 1) != 1) return 1;
    both(
        [&] {
            handed = 1;
            if (write(copy, &byte, 1) != 1) _exit(1);
        },
        [&] {
            char got = 1;
            if (read(racy ? others[0] : ends[0], &got, 1) != 1) _exit(1);
            handed = 2;
        });
}
