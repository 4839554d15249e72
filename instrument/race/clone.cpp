// clone(2) as libc offers it, where it makes a process: no handler of pthread_atfork() runs in that child, and of the threads that may have
// been inside the runtime none is there to leave it.
#include <dlfcn.h>
#include <sched.h>

#include <cstdarg>

#include "instrument/race/runtime.hpp"

namespace {

struct begun_call {
    int (*function)(void*);
    void* argument;
};

int begin_alone(void* given) {
    const begun_call call = *static_cast<begun_call*>(given);
    interlock::race::begin_in_child();
    return call.function(call.argument);
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int clone(int (*function)(void*), void* stack, int flags,
                                                            void* argument, ...) {
    using clone_function = int (*)(int (*)(void*), void*, int, void*, ...);
    static clone_function next = nullptr;
    if (next == nullptr) next = reinterpret_cast<clone_function>(dlsym(RTLD_NEXT, "clone"));
    std::va_list more;
    va_start(more, argument);
    void* const parent_id = va_arg(more, void*);
    void* const tls = va_arg(more, void*);
    void* const child_id = va_arg(more, void*);
    va_end(more);
    if ((flags & CLONE_VM) != 0) return next(function, stack, flags, argument, parent_id, tls, child_id);
    begun_call call = {function, argument};  // the child has a copy of it
    return next(begin_alone, stack, flags, &call, parent_id, tls, child_id);
}
