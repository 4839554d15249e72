// A descriptor closed while another thread may use it: the number may be another file's by then.
// memory: file descriptor
#include <unistd.h>

#include "tests/programs/race/both.hpp"

int main() {
    int ends[2];
    if (pipe(ends) != 0) return 1;
    std::thread writer([&] {
        const char byte = 0;
        look(write(ends[1], &byte, 1));
    });
    if (!racy) writer.join();
    close(ends[1]);
    if (racy) writer.join();
    close(ends[0]);
}
