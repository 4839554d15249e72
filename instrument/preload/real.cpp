#include "instrument/preload/real.hpp"

#include <dlfcn.h>
#include <link.h>

#include <string_view>

namespace interlock::preload {

// glibc's other names for three of them, in the version that it keeps for old programs.
extern "C" {
int interlock_libc_mutex_lock(pthread_mutex_t*);
int interlock_libc_mutex_trylock(pthread_mutex_t*);
int interlock_libc_mutex_unlock(pthread_mutex_t*);
}
asm(".symver interlock_libc_mutex_lock, __pthread_mutex_lock@GLIBC_2.2.5");
asm(".symver interlock_libc_mutex_trylock, __pthread_mutex_trylock@GLIBC_2.2.5");
asm(".symver interlock_libc_mutex_unlock, __pthread_mutex_unlock@GLIBC_2.2.5");

// dlsym may allocate, and an allocator may lock: these serve from the first moment until it has answered.
constinit real_functions real_table = [] {
    real_functions table;
    table.pthread_mutex_lock = interlock_libc_mutex_lock;
    table.pthread_mutex_trylock = interlock_libc_mutex_trylock;
    table.pthread_mutex_unlock = interlock_libc_mutex_unlock;
    return table;
}();

namespace {

/// Condition variables and timers have an older version of their symbols that dlsym may return. Null: any version is right.
consteval const char* version_of(std::string_view name) {
    if (name.starts_with("pthread_cond_") && name != "pthread_cond_clockwait") return "GLIBC_2.3.2";
    return name == "timer_create" ? "GLIBC_2.34" : nullptr;
}

/// Calls nothing but the loader: AddressSanitizer's runtime starts in the first of its strcmp, strlen ... that somebody calls, and calls
/// hooks of ours while it does. musl knows no versions.
void* next_symbol(const char* name, const char* version) noexcept {
    if (version != nullptr)
        if (void* symbol = dlvsym(RTLD_NEXT, name, version)) return symbol;
    return dlsym(RTLD_NEXT, name);
}

}  // namespace

void resolve_real_functions() noexcept {
    real_table.resolved = true;
#define INTERLOCK_RESOLVE(Result, name, parameters)           \
    if (void* symbol = next_symbol(#name, version_of(#name))) \
        real_table.name = reinterpret_cast<decltype(real_table.name)>(symbol);
    INTERLOCK_REAL_FUNCTIONS(INTERLOCK_RESOLVE)
    INTERLOCK_RESOLVE(int, __libc_start_main, ())
#undef INTERLOCK_RESOLVE
}

}  // namespace interlock::preload
