// The malloc family and the C++ operators: new memory has no past, a free is a write of the whole block. Seen here and not through the
// recorder, since to programs without race detection an allocation is nothing. Each does what the next library does, and
// no more: results, errno and alignment are the real function's.
#include <dlfcn.h>
#include <malloc.h>

#include <cerrno>
#include <cstddef>
#include <type_traits>

#include "instrument/race/access.hpp"
#include "instrument/race/blocks.hpp"
#include "instrument/race/runtime.hpp"

#define INTERLOCK_HOOK extern "C" __attribute__((visibility("default")))
#define INTERLOCK_SITE reinterpret_cast<std::uintptr_t>(__builtin_return_address(0))

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);
}

namespace interlock::race {
namespace {

struct allocator {
    void* (*malloc)(std::size_t) = __libc_malloc;
    void* (*calloc)(std::size_t, std::size_t) = __libc_calloc;
    void* (*realloc)(void*, std::size_t) = __libc_realloc;
    void (*free)(void*) = __libc_free;
    void* (*memalign)(std::size_t, std::size_t) = __libc_memalign;
    int (*posix_memalign)(void**, std::size_t, std::size_t) = nullptr;
    std::size_t (*usable_size)(void*) = nullptr;
};
constinit allocator real;
constinit bool resolved = false;

template <typename Function>
void resolve(const char* name, Function& out) noexcept {
    if (void* symbol = dlsym(RTLD_NEXT, name)) out = reinterpret_cast<Function>(symbol);
}

/// The program's first allocation comes before there are threads. What dlsym may allocate meanwhile is libc's, so where another
/// allocator follows, nothing that dlsym has kept is ever given to it: it keeps its own.
const allocator& next() noexcept {
    if (__builtin_expect(resolved, 1)) return real;
    resolved = true;
    allocator found = real;
    resolve("malloc", found.malloc);
    resolve("calloc", found.calloc);
    resolve("realloc", found.realloc);
    resolve("free", found.free);
    resolve("memalign", found.memalign);
    resolve("posix_memalign", found.posix_memalign);
    resolve("malloc_usable_size", found.usable_size);
    real = found;
    return real;
}

bool is_looked_at() noexcept {
    const thread* const self = front.self;
    if (self == nullptr || self->inside != 0) return false;
    constexpr std::uintptr_t near = 4096;  // of the operator's frame, as what it calls is
    return self->allocating - reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) > near;
}

/// While an operator of C++ runs: what it allocates is told by its own caller's place. Its frame is what is kept, so that an
/// exception which leaves it leaves nothing behind for long.
template <typename Operator>
auto quietly(Operator run) {
    thread* const self = is_looked_at() ? front.self : nullptr;
    if (self != nullptr) self->allocating = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    if constexpr (std::is_void_v<decltype(run())>) {
        run();
        if (self != nullptr) self->allocating = 0;
    } else {
        const auto result = run();
        if (self != nullptr) self->allocating = 0;
        return result;
    }
}

std::size_t size_of(void* block) noexcept { return next().usable_size == nullptr ? 0 : next().usable_size(block); }

/// The new block, told.
void* allocated(void* block, std::uintptr_t site) noexcept {
    if (block == nullptr || !is_looked_at()) return block;
    const auto begin = reinterpret_cast<std::uintptr_t>(block);
    const std::size_t size = size_of(block);
    forget_range(begin, size);
    front.self->inside = 1;
    mark_block(begin, size, describe(*front.self, site));
    front.self->inside = 0;
    return block;
}

/// Before the real free. A library's own blocks are its own affair: what orders their uses may not be seen.
void freeing(void* block, std::uintptr_t site) noexcept {
    if (block == nullptr || !is_looked_at()) return;
    const auto begin = reinterpret_cast<std::uintptr_t>(block);
    if (is_call_of_ours(site)) access_freed(begin, size_of(block), site);
    mark_freed(begin);
}

}  // namespace
}  // namespace interlock::race

using interlock::race::allocated;
using interlock::race::freeing;
using interlock::race::next;

INTERLOCK_HOOK void* malloc(std::size_t size) { return allocated(next().malloc(size), INTERLOCK_SITE); }
INTERLOCK_HOOK void* calloc(std::size_t count, std::size_t size) {
    return allocated(next().calloc(count, size), INTERLOCK_SITE);
}
INTERLOCK_HOOK void free(void* block) {
    freeing(block, INTERLOCK_SITE);
    next().free(block);
}
INTERLOCK_HOOK void* realloc(void* block, std::size_t size) {
    freeing(block, INTERLOCK_SITE);
    return allocated(next().realloc(block, size), INTERLOCK_SITE);
}
INTERLOCK_HOOK void* memalign(std::size_t alignment, std::size_t size) {
    return allocated(next().memalign(alignment, size), INTERLOCK_SITE);
}
INTERLOCK_HOOK void* aligned_alloc(std::size_t alignment, std::size_t size) {
    return allocated(next().memalign(alignment, size), INTERLOCK_SITE);
}
INTERLOCK_HOOK int posix_memalign(void** out, std::size_t alignment, std::size_t size) {
    const int result = next().posix_memalign(out, alignment, size);
    if (result == 0) allocated(*out, INTERLOCK_SITE);
    return result;
}

// C++. The real operators are the next library's, which calls the functions above from code that is not looked at.
// NOLINTBEGIN(bugprone-macro-parentheses): the parameters bring their own
#define INTERLOCK_NEW(symbol, parameters, arguments)                                                \
    INTERLOCK_HOOK void* symbol parameters {                                                        \
        using function = void*(*)parameters;                                                        \
        static function real = nullptr;                                                             \
        if (real == nullptr) interlock::race::resolve(#symbol, real);                               \
        return allocated(interlock::race::quietly([&] { return real arguments; }), INTERLOCK_SITE); \
    }
#define INTERLOCK_DELETE(symbol, parameters, arguments)               \
    INTERLOCK_HOOK void symbol parameters {                           \
        using function = void(*) parameters;                          \
        static function real = nullptr;                               \
        if (real == nullptr) interlock::race::resolve(#symbol, real); \
        freeing(block, INTERLOCK_SITE);                               \
        interlock::race::quietly([&] { real arguments; });            \
    }
// NOLINTEND(bugprone-macro-parentheses)

INTERLOCK_NEW(_Znwm, (std::size_t size), (size))
INTERLOCK_NEW(_Znam, (std::size_t size), (size))
INTERLOCK_NEW(_ZnwmRKSt9nothrow_t, (std::size_t size, const void* tag), (size, tag))
INTERLOCK_NEW(_ZnamRKSt9nothrow_t, (std::size_t size, const void* tag), (size, tag))
INTERLOCK_NEW(_ZnwmSt11align_val_t, (std::size_t size, std::size_t alignment), (size, alignment))
INTERLOCK_NEW(_ZnamSt11align_val_t, (std::size_t size, std::size_t alignment), (size, alignment))
INTERLOCK_NEW(_ZnwmSt11align_val_tRKSt9nothrow_t, (std::size_t size, std::size_t alignment, const void* tag),
              (size, alignment, tag))
INTERLOCK_NEW(_ZnamSt11align_val_tRKSt9nothrow_t, (std::size_t size, std::size_t alignment, const void* tag),
              (size, alignment, tag))
INTERLOCK_DELETE(_ZdlPv, (void* block), (block))
INTERLOCK_DELETE(_ZdaPv, (void* block), (block))
INTERLOCK_DELETE(_ZdlPvm, (void* block, std::size_t size), (block, size))
INTERLOCK_DELETE(_ZdaPvm, (void* block, std::size_t size), (block, size))
INTERLOCK_DELETE(_ZdlPvRKSt9nothrow_t, (void* block, const void* tag), (block, tag))
INTERLOCK_DELETE(_ZdaPvRKSt9nothrow_t, (void* block, const void* tag), (block, tag))
INTERLOCK_DELETE(_ZdlPvSt11align_val_t, (void* block, std::size_t alignment), (block, alignment))
INTERLOCK_DELETE(_ZdaPvSt11align_val_t, (void* block, std::size_t alignment), (block, alignment))
INTERLOCK_DELETE(_ZdlPvmSt11align_val_t, (void* block, std::size_t size, std::size_t alignment),
                 (block, size, alignment))
INTERLOCK_DELETE(_ZdaPvmSt11align_val_t, (void* block, std::size_t size, std::size_t alignment),
                 (block, size, alignment))
