// A blocking call that a cancellation may end: pthread_cancel unwinds through the hook, and the hook's second note must still be made.
#pragma once

#include <pthread.h>

namespace interlock::preload {

/// Runs `real_wait`; if the thread is cancelled in it, runs `cancelled()` and lets the unwinding go on. In its form without
/// exceptions, which needs no unwinder of ours; a function of its own, so that setjmp does not spoil the hook's registers.
template <typename Real, typename Cancelled>
__attribute__((noinline)) int wait_cancellable(Real& real_wait, Cancelled& cancelled) {
#ifdef __EXCEPTIONS
#error "this form of pthread_cleanup_push belongs to code without exceptions"
#endif
    int result = 0;
    pthread_cleanup_push([](void* routine) { (*static_cast<Cancelled*>(routine))(); }, &cancelled);
    result = real_wait();
    pthread_cleanup_pop(0);
    return result;
}

}  // namespace interlock::preload
