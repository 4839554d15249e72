// The guards of static locals. The real functions live in libstdc++ or libc++abi, which may not be there when we are loaded, or
// may be loaded later where only its own users see it: they are looked up again from the caller's library.
// Compilers call the guard only until it is set, so who finds a static ready leaves no trace.
#include <dlfcn.h>
#include <link.h>

#include "instrument/preload/once_steps.hpp"

namespace interlock::preload {
namespace {

struct guard_functions {
    int (*acquire)(long*);
    void (*release)(long*);
    void (*abort)(long*);
};
constinit guard_functions late{};

template <typename Function>
bool find_in(void* library, const char* name, Function own, Function& out) noexcept {
    const auto symbol = reinterpret_cast<Function>(dlsym(library, name));
    if (symbol == nullptr || symbol == own) return false;
    out = symbol;
    return true;
}

bool is_done(const long* guard) noexcept {
    return __atomic_load_n(reinterpret_cast<const char*>(guard), __ATOMIC_ACQUIRE) != 0;
}
bool is_running(const long* guard) noexcept {
    return __atomic_load_n(reinterpret_cast<const char*>(guard) + 1, __ATOMIC_RELAXED) != 0;
}

const guard_functions& guards(const call_point& from) noexcept;

}  // namespace

INTERLOCK_HOOK int __cxa_guard_acquire(long* guard) {
    const call_point from = here();
    const guard_functions& functions = guards(from);
    if (is_done(guard)) return functions.acquire(guard);
    object_id id{};
    note(from, [&](agent& self) {
        id = identify_once(self, guard, false, format::object_type::static_guard, from);
        if (id != object_id::none) request_once(self, id, is_running(guard), from);
    });
    const int runs = functions.acquire(guard);
    if (id == object_id::none) return runs;
    note(from, [&](agent& self) {
        if (runs != 0)
            once_begun(self, id, from);
        else
            once_passed(self, id, from);
    });
    return runs;
}

INTERLOCK_HOOK void __cxa_guard_release(long* guard) {
    const call_point from = here();
    note(from, [&](agent& self) {
        if (const object_id id = recorder::known(guard); id != object_id::none) once_done(self, id, from);
    });
    guards(from).release(guard);
}

INTERLOCK_HOOK void __cxa_guard_abort(long* guard) {
    const call_point from = here();
    note(from, [&](agent& self) {
        if (const object_id id = recorder::known(guard); id != object_id::none) once_aborted(self, id, from);
    });
    guards(from).abort(guard);
}

namespace {

const guard_functions& guards(const call_point& from) noexcept {
    if (__builtin_expect(__atomic_load_n(&late.acquire, __ATOMIC_ACQUIRE) != nullptr, 1)) return late;
    guard_functions found{};
    const auto find_all = [&](void* library) {
        return find_in(library, "__cxa_guard_release", __cxa_guard_release, found.release) &&
               find_in(library, "__cxa_guard_abort", __cxa_guard_abort, found.abort) &&
               find_in(library, "__cxa_guard_acquire", __cxa_guard_acquire, found.acquire);
    };
    if (!find_all(RTLD_NEXT)) {
        Dl_info caller{};
        void* library = nullptr;
        if (dladdr(reinterpret_cast<void*>(from.site), &caller) != 0)
            library = dlopen(caller.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
        if (library == nullptr || !find_all(library)) {
            library = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_NOLOAD);
            if (library == nullptr || !find_all(library)) __builtin_trap();  // the caller could not have been linked
        }
    }
    late.release = found.release;
    late.abort = found.abort;
    __atomic_store_n(&late.acquire, found.acquire, __ATOMIC_RELEASE);  // pairs with the load above
    return late;
}

}  // namespace

}  // namespace interlock::preload
