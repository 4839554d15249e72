// A thread's result before and after the join.
#include "tests/programs/race/both.hpp"

static int result = 0;

int main() {
    std::thread worker([] { result = 1; });
    if (racy) look(result);
    worker.join();
    return result == 1 ? 0 : 1;
}
