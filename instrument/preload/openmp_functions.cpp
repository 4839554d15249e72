// Which OpenMP runtime a caller is bound to: the next one in the order of the whole program, else the one that its own library depends on
// (a module opened with RTLD_LOCAL). Kept by library.
#include <dlfcn.h>
#include <link.h>

#include "instrument/preload/openmp.hpp"

namespace interlock::preload {
namespace {

struct binding {
    std::uintptr_t begin;
    std::uintptr_t end;
    openmp_functions functions;
    binding* next;
};
constinit std::atomic<binding*> bindings{nullptr};
constinit recorder::spin_latch bindings_latch;

/// libgomp has its locks twice, with another layout for programs from before OpenMP 3.
void* find_in(void* library, const char* name) noexcept {
    if (void* symbol = dlvsym(library, name, "OMP_3.0")) return symbol;
    return dlsym(library, name);
}

void* library_of(std::uintptr_t address) noexcept {
    Dl_info found{};
    if (dladdr(reinterpret_cast<void*>(address), &found) == 0) return nullptr;
    return dlopen(found.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
}

binding* make_binding(std::uintptr_t caller) noexcept {
    auto* made = recorder::process.memory.make<binding>();
    if (made == nullptr) return nullptr;
    dl_find_object found;
    if (_dl_find_object(reinterpret_cast<void*>(caller), &found) == 0) {
        made->begin = reinterpret_cast<std::uintptr_t>(found.dlfo_map_start);
        made->end = reinterpret_cast<std::uintptr_t>(found.dlfo_map_end);
    }
#define INTERLOCK_RESOLVE(Result, name, parameters) \
    made->functions.name = reinterpret_cast<decltype(made->functions.name)>(openmp_function(caller, #name));
    INTERLOCK_OPENMP_FUNCTIONS(INTERLOCK_RESOLVE)
#undef INTERLOCK_RESOLVE
    return made;
}

const openmp_functions* known(std::uintptr_t caller) noexcept {
    for (const binding* at = bindings.load(std::memory_order_acquire); at != nullptr; at = at->next)
        if (at->begin <= caller && caller < at->end) return &at->functions;
    return nullptr;
}

}  // namespace

constinit std::atomic<bool> openmp_has_tasks{false};

void* openmp_function(std::uintptr_t caller, const char* name) noexcept {
    if (void* symbol = find_in(RTLD_NEXT, name)) return symbol;
    void* const library = library_of(caller);
    if (library == nullptr) return nullptr;
    void* const symbol = find_in(library, name);
    dlclose(library);  // the library stays: its code is about to go on
    return symbol;
}

const openmp_functions& openmp(std::uintptr_t caller) noexcept {
    if (const openmp_functions* functions = known(caller)) return *functions;
    binding* const made = make_binding(caller);
    if (made == nullptr) __builtin_trap();  // no memory for three hundred bytes, and nowhere to go on
    const recorder::spin_guard guard(bindings_latch);
    made->next = bindings.load(std::memory_order_relaxed);
    bindings.store(made, std::memory_order_release);  // pairs with the load in known()
    return made->functions;
}

/// They are not freed: another thread may be reading them.
void forget_openmp() noexcept { bindings.store(nullptr, std::memory_order_release); }

}  // namespace interlock::preload
