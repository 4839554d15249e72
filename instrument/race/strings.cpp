// memcpy and its kin, which compilers call instead of accessing memory themselves: their accesses are the caller's. Those of
// code without hooks are not looked at, but for the C++ library's, where std::string lives.
#include <dlfcn.h>
#include <string.h>

#include <cstddef>
#include <cstdint>

#include "instrument/race/access.hpp"
#include "instrument/race/runtime.hpp"

#define INTERLOCK_HOOK extern "C" __attribute__((visibility("default")))
#define INTERLOCK_SITE reinterpret_cast<std::uintptr_t>(__builtin_return_address(0))

namespace interlock::race {
namespace {

/// The next library's function, looked up at its first use.
template <typename Function>
Function following(const char* name, Function& kept) noexcept {
    Function found = __atomic_load_n(&kept, __ATOMIC_RELAXED);
    if (__builtin_expect(found == nullptr, 0)) {
        found = reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
        __atomic_store_n(&kept, found, __ATOMIC_RELAXED);
    }
    return found;
}

bool is_looked_at(std::uintptr_t site) noexcept {
    return __builtin_expect(front.is_recording(), 0) && (is_call_of_ours(site) || is_standard_library(site));
}

void reads(const void* from, std::size_t size, std::uintptr_t site) noexcept {
    if (size != 0) access_range(reinterpret_cast<std::uintptr_t>(from), size, access_mode::read, site);
}
void writes(const void* to, std::size_t size, std::uintptr_t site) noexcept {
    if (size != 0) access_range(reinterpret_cast<std::uintptr_t>(to), size, access_mode::write, site);
}

// For calls before the real one is known: dlsym itself may copy.
void* copy_plainly(void* to, const void* from, std::size_t size) noexcept {
    void* const result = to;
    asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
    return result;
}
void* move_plainly(void* to, const void* from, std::size_t size) noexcept {
    if (reinterpret_cast<std::uintptr_t>(to) - reinterpret_cast<std::uintptr_t>(from) >= size)
        return copy_plainly(to, from, size);
    auto* last_to = static_cast<char*>(to) + size - 1;
    auto* last_from = static_cast<const char*>(from) + size - 1;
    asm volatile("std\n\trep movsb\n\tcld" : "+D"(last_to), "+S"(last_from), "+c"(size) : : "memory", "cc");
    return to;
}
void* set_plainly(void* to, int value, std::size_t size) noexcept {
    void* const result = to;
    asm volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(value) : "memory");
    return result;
}

constinit decltype(&memcpy) next_copy = nullptr;
constinit decltype(&memmove) next_move = nullptr;
constinit decltype(&memset) next_set = nullptr;
constinit bool resolving = false;

bool resolve_blocks() noexcept {
    if (__builtin_expect(next_set != nullptr, 1)) return true;
    if (resolving) return false;
    resolving = true;
    following("memcpy", next_copy);
    following("memmove", next_move);
    following("memset", next_set);
    return true;
}

void* copy(void* to, const void* from, std::size_t size, std::uintptr_t site) noexcept {
    if (is_looked_at(site)) {
        reads(from, size, site);
        writes(to, size, site);
    }
    return resolve_blocks() ? next_copy(to, from, size) : copy_plainly(to, from, size);
}
void* move(void* to, const void* from, std::size_t size, std::uintptr_t site) noexcept {
    if (is_looked_at(site)) {
        reads(from, size, site);
        writes(to, size, site);
    }
    return resolve_blocks() ? next_move(to, from, size) : move_plainly(to, from, size);
}
void* set(void* to, int value, std::size_t size, std::uintptr_t site) noexcept {
    if (is_looked_at(site)) writes(to, size, site);
    return resolve_blocks() ? next_set(to, value, size) : set_plainly(to, value, size);
}

}  // namespace
}  // namespace interlock::race

using interlock::race::following;
using interlock::race::is_looked_at;
using interlock::race::reads;
using interlock::race::writes;

INTERLOCK_HOOK void* memcpy(void* to, const void* from, std::size_t size) noexcept {
    return interlock::race::copy(to, from, size, INTERLOCK_SITE);
}
INTERLOCK_HOOK void* memmove(void* to, const void* from, std::size_t size) noexcept {
    return interlock::race::move(to, from, size, INTERLOCK_SITE);
}
INTERLOCK_HOOK void* memset(void* to, int value, std::size_t size) noexcept {
    return interlock::race::set(to, value, size, INTERLOCK_SITE);
}
INTERLOCK_HOOK void* __tsan_memcpy(void* to, const void* from, std::size_t size) {
    return interlock::race::copy(to, from, size, INTERLOCK_SITE);
}
INTERLOCK_HOOK void* __tsan_memmove(void* to, const void* from, std::size_t size) {
    return interlock::race::move(to, from, size, INTERLOCK_SITE);
}
INTERLOCK_HOOK void* __tsan_memset(void* to, int value, std::size_t size) {
    return interlock::race::set(to, value, size, INTERLOCK_SITE);
}

// The rest.

INTERLOCK_HOOK std::size_t strlen(const char* text) noexcept {
    static std::size_t (*kept)(const char*) = nullptr;
    const auto site = INTERLOCK_SITE;
    const std::size_t size = following("strlen", kept)(text);
    if (is_looked_at(site)) reads(text, size + 1, site);
    return size;
}
INTERLOCK_HOOK std::size_t strnlen(const char* text, std::size_t room) noexcept {
    static std::size_t (*kept)(const char*, std::size_t) = nullptr;
    const auto site = INTERLOCK_SITE;
    const std::size_t size = following("strnlen", kept)(text, room);
    if (is_looked_at(site)) reads(text, size < room ? size + 1 : size, site);
    return size;
}
INTERLOCK_HOOK int memcmp(const void* a, const void* b, std::size_t size) noexcept {
    static int (*kept)(const void*, const void*, std::size_t) = nullptr;
    const auto site = INTERLOCK_SITE;
    if (is_looked_at(site)) {
        reads(a, size, site);
        reads(b, size, site);
    }
    return following("memcmp", kept)(a, b, size);
}
INTERLOCK_HOOK int strcmp(const char* a, const char* b) noexcept {
    static int (*kept)(const char*, const char*) = nullptr;
    const auto site = INTERLOCK_SITE;
    if (is_looked_at(site)) {
        std::size_t same = 0;
        while (a[same] == b[same] && a[same] != '\0') ++same;
        reads(a, same + 1, site);
        reads(b, same + 1, site);
    }
    return following("strcmp", kept)(a, b);
}
INTERLOCK_HOOK int strncmp(const char* a, const char* b, std::size_t room) noexcept {
    static int (*kept)(const char*, const char*, std::size_t) = nullptr;
    const auto site = INTERLOCK_SITE;
    if (is_looked_at(site)) {
        std::size_t same = 0;
        while (same < room && a[same] == b[same] && a[same] != '\0') ++same;
        reads(a, same < room ? same + 1 : same, site);
        reads(b, same < room ? same + 1 : same, site);
    }
    return following("strncmp", kept)(a, b, room);
}
INTERLOCK_HOOK char* strcpy(char* to, const char* from) noexcept {
    static char* (*kept)(char*, const char*) = nullptr;
    const auto site = INTERLOCK_SITE;
    if (is_looked_at(site)) {
        const std::size_t size = __builtin_strlen(from) + 1;
        reads(from, size, site);
        writes(to, size, site);
    }
    return following("strcpy", kept)(to, from);
}
INTERLOCK_HOOK char* strncpy(char* to, const char* from, std::size_t room) noexcept {
    static char* (*kept)(char*, const char*, std::size_t) = nullptr;
    static std::size_t (*length)(const char*, std::size_t) = nullptr;
    const auto site = INTERLOCK_SITE;
    if (is_looked_at(site)) {
        const std::size_t size = following("strnlen", length)(from, room);
        reads(from, size < room ? size + 1 : size, site);
        writes(to, room, site);
    }
    return following("strncpy", kept)(to, from, room);
}
INTERLOCK_HOOK char* strcat(char* to, const char* from) noexcept {
    static char* (*kept)(char*, const char*) = nullptr;
    const auto site = INTERLOCK_SITE;
    if (is_looked_at(site)) {
        const std::size_t before = __builtin_strlen(to);
        const std::size_t size = __builtin_strlen(from) + 1;
        reads(to, before + 1, site);
        reads(from, size, site);
        writes(to + before, size, site);
    }
    return following("strcat", kept)(to, from);
}
