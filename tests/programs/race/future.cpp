// A future's value is ordered after its promise; what is written after the promise is not.
#include <future>

#include "tests/programs/race/both.hpp"

static int beside = 0;

int main() {
    std::promise<int> given;
    std::future<int> taken = given.get_future();
    both(
        [&] {
            if (!racy) beside = 1;
            given.set_value(1);
            if (racy) beside = 1;
        },
        [&] {
            look(taken.get());
            look(beside);
        });
    return std::async(std::launch::async, [] { return beside; }).get() == 1 ? 0 : 1;
}
