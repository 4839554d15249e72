// One end of a socket pair to the other, by messages; a race on the buffer that is sent.
#include <sys/socket.h>
#include <unistd.h>

#include "tests/programs/race/both.hpp"

char sent[64] = {};
int handed = 0;

int main() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return 1;
    both(
        [&] {
            handed = 1;
            if (send(ends[0], sent, sizeof sent, 0) != sizeof sent) _exit(1);
        },
        [&] {
            if (racy) sent[8] = 1;
            char got[64];
            if (recv(ends[1], got, sizeof got, MSG_WAITALL) != sizeof got) _exit(1);
            handed = 2;
            sent[9] = 1;
        });
}
