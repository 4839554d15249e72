// stdio's functions that take the caller's memory: they read or write it for him. What orders the users of a stream is its own lock,
// inside libc.
#include <dlfcn.h>

#include <cstring>

#include "instrument/race/access.hpp"
#include "instrument/race/runtime.hpp"

#define INTERLOCK_HOOK extern "C" __attribute__((visibility("default")))
#define INTERLOCK_SITE reinterpret_cast<std::uintptr_t>(__builtin_return_address(0))

/// What FILE is in glibc; <stdio.h> has no place in here.
struct _IO_FILE;

namespace {

using interlock::race::access_mode;

void access(const void* at, std::size_t size, access_mode mode, std::uintptr_t site) noexcept {
    if (size != 0 && interlock::race::front.is_recording() && interlock::race::is_call_of_ours(site))
        interlock::race::access_range(reinterpret_cast<std::uintptr_t>(at), size, mode, site);
}

template <typename Function>
Function following(const char* name, Function& kept) noexcept {
    Function found = __atomic_load_n(&kept, __ATOMIC_RELAXED);
    if (found == nullptr) {
        found = reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
        __atomic_store_n(&kept, found, __ATOMIC_RELAXED);
    }
    return found;
}

}  // namespace

INTERLOCK_HOOK int puts(const char* text) {
    static int (*kept)(const char*) = nullptr;
    access(text, std::strlen(text) + 1, access_mode::read, INTERLOCK_SITE);
    return following("puts", kept)(text);
}
INTERLOCK_HOOK int fputs(const char* text, _IO_FILE* stream) {
    static int (*kept)(const char*, _IO_FILE*) = nullptr;
    access(text, std::strlen(text) + 1, access_mode::read, INTERLOCK_SITE);
    return following("fputs", kept)(text, stream);
}
INTERLOCK_HOOK std::size_t fwrite(const void* from, std::size_t size, std::size_t count, _IO_FILE* stream) {
    static std::size_t (*kept)(const void*, std::size_t, std::size_t, _IO_FILE*) = nullptr;
    access(from, size * count, access_mode::read, INTERLOCK_SITE);
    return following("fwrite", kept)(from, size, count, stream);
}
INTERLOCK_HOOK std::size_t fread(void* into, std::size_t size, std::size_t count, _IO_FILE* stream) {
    static std::size_t (*kept)(void*, std::size_t, std::size_t, _IO_FILE*) = nullptr;
    const std::size_t got = following("fread", kept)(into, size, count, stream);
    access(into, size * got, access_mode::write, INTERLOCK_SITE);
    return got;
}
INTERLOCK_HOOK char* fgets(char* into, int room, _IO_FILE* stream) {
    static char* (*kept)(char*, int, _IO_FILE*) = nullptr;
    char* const got = following("fgets", kept)(into, room, stream);
    if (got != nullptr) access(into, std::strlen(into) + 1, access_mode::write, INTERLOCK_SITE);
    return got;
}
