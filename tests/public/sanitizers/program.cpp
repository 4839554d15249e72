// program keep | invert | overflow | leak | shift: two threads that live at the same time nest two locks, in one order or in opposite ones; or they
// do so in one order, and there is what a sanitizer finds.
#include <semaphore.h>

#include <climits>
#include <cstdio>
#include <cstring>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

std::mutex first, second;
sem_t posted;

void nest(std::mutex& outer, std::mutex& inner) {
    const std::lock_guard hold(outer);
    const std::lock_guard hold_too(inner);
}

void in_turns(bool inverted) {
    sem_init(&posted, 0, 0);
    std::thread late([&] {
        sem_wait(&posted);
        inverted ? nest(second, first) : nest(first, second);
    });
    std::thread early([&] {
        nest(first, second);
        sem_post(&posted);
    });
    early.join();
    late.join();
}

/// Unwinding asks the loader for its list.
int caught() {
    try {
        throw std::runtime_error("thrown");
    } catch (const std::exception&) {
        return 1;
    }
}

}  // namespace

int main(int count, char** arguments) {
    const char* what = count > 1 ? arguments[1] : "keep";
    std::vector<std::unique_ptr<int>> numbers;
    for (int i = 0; i < 1000; ++i) numbers.push_back(std::make_unique<int>(i));
    in_turns(std::strcmp(what, "invert") == 0);
    int result = caught() + *numbers.back();
    if (std::strcmp(what, "overflow") == 0) result += numbers.front().get()[count];
    if (std::strcmp(what, "shift") == 0) result += INT_MAX - 10 + result;
    if (std::strcmp(what, "leak") == 0) {
        // Some copy of the last pointer may be left on the stack.
        int* volatile lost = nullptr;
        for (int i = 0; i < 100; ++i) lost = new int[1000];
        lost = nullptr;
    }
    std::printf("%s: %d\n", what, result);
}
