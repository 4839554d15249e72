// What lies before a thread's creation is before all it does; what lies after is not.
#include "tests/programs/race/both.hpp"

static int given = 0;

int main() {
    if (!racy) given = 1;
    std::thread worker([] { look(given); });
    if (racy) given = 1;
    worker.join();
}
