// Fibers as <sanitizer/tsan_interface.h> tells of them: a switch orders what one left behind before what the next does, unless the program
// says that it does not.
#include <ucontext.h>

#include "tests/programs/race/both.hpp"

extern "C" {
void* __tsan_get_current_fiber();
void* __tsan_create_fiber(unsigned flags);
void __tsan_destroy_fiber(void* fiber);
void __tsan_switch_to_fiber(void* fiber, unsigned flags);
void __tsan_set_fiber_name(void* fiber, const char* name);
}

long value = 0;
static ucontext_t outside;
static ucontext_t inside;
static void* thread_fiber = nullptr;
static void* own_fiber = nullptr;
constexpr unsigned flags = racy ? 1 : 0;

static void run() {
    for (int i = 0; i < 3; ++i) {
        value += 1;
        __tsan_switch_to_fiber(thread_fiber, flags);
        swapcontext(&inside, &outside);
    }
}

int main() {
    static char stack[256 * 1024];
    std::thread([] {}).join();
    thread_fiber = __tsan_get_current_fiber();
    own_fiber = __tsan_create_fiber(0);
    __tsan_set_fiber_name(own_fiber, "worker");
    getcontext(&inside);
    inside.uc_stack.ss_sp = stack;
    inside.uc_stack.ss_size = sizeof stack;
    inside.uc_link = &outside;
    makecontext(&inside, run, 0);
    for (int i = 0; i < 3; ++i) {
        value += 1;
        __tsan_switch_to_fiber(own_fiber, flags);
        swapcontext(&outside, &inside);
    }
    __tsan_destroy_fiber(own_fiber);
}
