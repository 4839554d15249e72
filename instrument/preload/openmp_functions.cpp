// Which OpenMP runtime a caller is bound to: the next one in the order of the whole program, else the one that its own library depends on
// (a module opened with RTLD_LOCAL). Kept by library. A call in place of a function's return names its caller's caller, who may be bound to
// none, or be ourselves: then it is the runtime that this thread used last, or that anybody used.
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
constinit thread_local const openmp_functions* used_last = nullptr;

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

void* bound_function(std::uintptr_t caller, const char* name) noexcept {
    if (void* symbol = find_in(RTLD_NEXT, name)) return symbol;
    void* const library = library_of(caller);
    if (library == nullptr) return nullptr;
    void* const symbol = find_in(library, name);
    dlclose(library);  // it stays: its code is about to go on
    return symbol;
}

bool is_there(const openmp_functions& functions) noexcept { return functions.omp_get_num_threads != nullptr; }

binding* make_binding(std::uintptr_t caller) noexcept {
    auto* made = recorder::process.memory.make<binding>();
    if (made == nullptr) return nullptr;
    dl_find_object found;
    if (_dl_find_object(reinterpret_cast<void*>(caller), &found) == 0) {
        made->begin = reinterpret_cast<std::uintptr_t>(found.dlfo_map_start);
        made->end = reinterpret_cast<std::uintptr_t>(found.dlfo_map_end);
    }
#define INTERLOCK_RESOLVE(Result, name, parameters) \
    made->functions.name = reinterpret_cast<decltype(made->functions.name)>(bound_function(caller, #name));
    INTERLOCK_OPENMP_FUNCTIONS(INTERLOCK_RESOLVE)
#undef INTERLOCK_RESOLVE
    return made;
}

const binding* known(std::uintptr_t caller) noexcept {
    for (const binding* at = bindings.load(std::memory_order_acquire); at != nullptr; at = at->next)
        if (at->begin <= caller && caller < at->end) return at;
    return nullptr;
}

const openmp_functions& bind(std::uintptr_t caller) noexcept {
    if (const binding* found = known(caller)) return found->functions;
    binding* const made = make_binding(caller);
    if (made == nullptr) __builtin_trap();  // no memory for three hundred bytes, and nowhere to go on
    const recorder::spin_guard guard(bindings_latch);
    made->next = bindings.load(std::memory_order_relaxed);
    bindings.store(made, std::memory_order_release);  // pairs with the load in known()
    return made->functions;
}

/// That of whoever is bound to one; nullptr: nobody is so far.
const openmp_functions* of_anybody() noexcept {
    for (const binding* at = bindings.load(std::memory_order_acquire); at != nullptr; at = at->next)
        if (is_there(at->functions)) return &at->functions;
    for (const char* name : {"libgomp.so.1", "libomp.so.5", "libiomp5.so"})
        if (void* library = dlopen(name, RTLD_LAZY | RTLD_NOLOAD))
            if (void* inside = dlsym(library, "omp_get_num_threads"))
                return &bind(reinterpret_cast<std::uintptr_t>(inside));
    return nullptr;
}

}  // namespace

constinit std::atomic<bool> openmp_has_tasks{false};

void use_openmp(const openmp_functions& functions) noexcept { used_last = &functions; }

const openmp_functions& openmp(std::uintptr_t caller) noexcept {
    const openmp_functions& own = bind(caller);
    if (is_there(own)) {
        used_last = &own;
    } else if (used_last == nullptr) {
        used_last = of_anybody();
        if (used_last == nullptr) __builtin_trap();  // the caller could not have been linked
    }
    return *used_last;
}

void* openmp_function(std::uintptr_t caller, const char* name) noexcept {
    if (void* symbol = bound_function(caller, name)) return symbol;
    return bound_function(reinterpret_cast<std::uintptr_t>(openmp(caller).omp_get_num_threads), name);
}

/// They are not freed: another thread may be reading them.
void forget_openmp() noexcept { bindings.store(nullptr, std::memory_order_release); }

}  // namespace interlock::preload
