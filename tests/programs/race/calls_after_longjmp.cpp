// longjmp leaves calls without their ends; the accesses after it are told as before.
#include <setjmp.h>

#include <mutex>

#include "tests/programs/race/both.hpp"

static std::mutex guard;
static int value = 0;

__attribute__((noinline)) static void leave(jmp_buf& to, int depth) {
    if (depth == 0) longjmp(to, 1);
    leave(to, depth - 1);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static void touch() {
    for (volatile int i = 0; i < 20; i = i + 1) {
        jmp_buf back;
        if (setjmp(back) == 0) leave(back, 5);
        if (!racy) guard.lock();
        ++value;
        if (!racy) guard.unlock();
    }
}

int main() { both(touch, touch); }
