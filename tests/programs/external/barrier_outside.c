// The barrier that LLVM's tests take from inside their runtime, for ours: no detector sees it, so it fixes who comes first and orders nothing.
// Built without hooks. The low half of the word counts arrivals, the high half is the number of parties.
#include <sched.h>

void __tsan_testonly_barrier_init(unsigned* barrier, unsigned parties) {
    __atomic_store_n(barrier, parties << 16, __ATOMIC_RELEASE);
}

void __tsan_testonly_barrier_wait(unsigned* barrier) {
    const unsigned arrived = __atomic_fetch_add(barrier, 1, __ATOMIC_ACQ_REL);
    const unsigned parties = arrived >> 16;
    const unsigned phase = (arrived & 0xffff) / parties;
    while ((__atomic_load_n(barrier, __ATOMIC_ACQUIRE) & 0xffff) / parties == phase) sched_yield();
}
