// The other stack is a context of makecontext(3), not a thread: what runs there is still whoever called.
#include "analysis/stack_room.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>

#include <pthread.h>
#include <sys/mman.h>
#include <ucontext.h>

namespace interlock::analysis {
namespace {

constexpr std::size_t room_min = std::size_t{4} << 20;
constexpr std::size_t room = std::size_t{8} << 20;  // what Linux gives by default
constexpr std::size_t guard_size = 4096;            // below it: what needs more faults and damages nothing

/// Of this thread. Empty if that cannot be told.
struct stack_bounds {
    std::uintptr_t low = 0;
    std::uintptr_t high = 0;
};

stack_bounds bounds_of_this_stack() {
    pthread_attr_t how;
    if (::pthread_getattr_np(::pthread_self(), &how) != 0) return {};
    void* low = nullptr;
    std::size_t size = 0;
    stack_bounds made;
    if (::pthread_attr_getstack(&how, &low, &size) == 0) {
        made.low = reinterpret_cast<std::uintptr_t>(low);
        made.high = made.low + size;
    }
    ::pthread_attr_destroy(&how);
    return made;
}

/// On a stack that is not the thread's own, such as a fiber's, nobody knows.
bool has_room() {
    thread_local const stack_bounds own = bounds_of_this_stack();
    const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    return here >= own.low && here < own.high && here - own.low >= room_min;
}

struct call {
    const std::function<void()>& work;
    std::exception_ptr failed;
};

/// An address in two halves: makecontext() passes ints.
void run(unsigned high, unsigned low) {
    call& one = *reinterpret_cast<call*>(std::uintptr_t{high} << 32 | low);
    try {
        one.work();
    } catch (...) {
        one.failed = std::current_exception();
    }
}

}  // namespace

void with_stack_room(const std::function<void()>& work) {
    if (has_room()) return work();
    void* const stack = ::mmap(nullptr, guard_size + room, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED) return work();
    ::mprotect(stack, guard_size, PROT_NONE);
    call one{work, nullptr};
    ucontext_t here;
    ucontext_t there;
    ::getcontext(&there);
    there.uc_stack.ss_sp = static_cast<std::byte*>(stack) + guard_size;
    there.uc_stack.ss_size = room;
    there.uc_link = &here;
    const auto address = reinterpret_cast<std::uintptr_t>(&one);
    ::makecontext(&there, reinterpret_cast<void (*)()>(run), 2, static_cast<unsigned>(address >> 32),
                  static_cast<unsigned>(address));
    ::swapcontext(&here, &there);
    ::munmap(stack, guard_size + room);
    if (one.failed) std::rethrow_exception(one.failed);
}

}  // namespace interlock::analysis
