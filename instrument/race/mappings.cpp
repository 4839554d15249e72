// mmap and munmap: what lay at these addresses before is not what lies there now.
#include <dlfcn.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "instrument/race/access.hpp"

#define INTERLOCK_HOOK extern "C" __attribute__((visibility("default")))

namespace {

using mmap_function = void* (*)(void*, std::size_t, int, int, int, off_t);
using munmap_function = int (*)(void*, std::size_t);

template <typename Function>
Function following(const char* name, Function& kept) noexcept {
    if (kept == nullptr) kept = reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
    return kept;
}

void* map(void* address, std::size_t size, int protection, int flags, int file, off_t offset) noexcept {
    static mmap_function real = nullptr;
    void* const got = following("mmap", real)(address, size, protection, flags, file, offset);
    constexpr std::intptr_t failed = -1;
    if (reinterpret_cast<std::intptr_t>(got) != failed)
        interlock::race::forget_range(reinterpret_cast<std::uintptr_t>(got), size);
    return got;
}

}  // namespace

INTERLOCK_HOOK void* mmap(void* address, std::size_t size, int protection, int flags, int file, off_t offset) {
    return map(address, size, protection, flags, file, offset);
}
INTERLOCK_HOOK void* mmap64(void* address, std::size_t size, int protection, int flags, int file, off_t offset) {
    return map(address, size, protection, flags, file, offset);
}
INTERLOCK_HOOK int munmap(void* address, std::size_t size) {
    static munmap_function real = nullptr;
    interlock::race::forget_range(reinterpret_cast<std::uintptr_t>(address), size);
    return following("munmap", real)(address, size);
}
