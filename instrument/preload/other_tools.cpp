// Tools that stand between ours and libc's functions, as ThreadSanitizer's runtime does. What they are to make of a lock is for the program's own call to
// say: to try first and wait only then, as the shortest way does, is another thing to them (their search for inversions passes over tries).
#include <dlfcn.h>

#include "instrument/preload/hook.hpp"
#include "instrument/preload/process.hpp"

namespace interlock::preload {

void heed_other_tools() noexcept {
    void* const libc = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
    if (libc == nullptr) return;
    const void* const own = dlsym(libc, "pthread_mutex_lock");
    dlclose(libc);
    if (own == nullptr || own == reinterpret_cast<const void*>(real().pthread_mutex_lock)) return;
    recorder::process.intercepted.store(true, std::memory_order_relaxed);
    recorder::process.generation->fetch_add(1, std::memory_order_relaxed);  // for agents that are there already
}

}  // namespace interlock::preload
