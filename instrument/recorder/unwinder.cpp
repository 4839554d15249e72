#include "instrument/recorder/unwinder.hpp"

#define UNW_LOCAL_ONLY
#include <dlfcn.h>
#include <libunwind.h>

#include <cerrno>

namespace interlock::recorder {
namespace {

struct unwind_functions {
    int (*get_context)(unw_tdep_context_t*);
    int (*init_local)(unw_cursor_t*, unw_context_t*);
    int (*step)(unw_cursor_t*);
    int (*get_reg)(unw_cursor_t*, unw_regnum_t, unw_word_t*);
    int (*get_proc_info)(unw_cursor_t*, unw_proc_info_t*);
    int (*backtrace)(void**, int);
    void (*flush_cache)(unw_addr_space_t, unw_word_t, unw_word_t);
    unw_addr_space_t* local_address_space;
    bool loaded;
    std::uintptr_t begin;  // of libunwind in memory
    std::uintptr_t end;
};

constinit unwind_functions functions{};

template <typename Function>
bool resolve(void* library, const char* symbol, Function& out) noexcept {
    out = reinterpret_cast<Function>(dlsym(library, symbol));
    return out != nullptr;
}

/// Frames of the recorder and the hook lie below the call point; more than this many means that the site was not met.
constexpr std::size_t own_frames_max = 24;

}  // namespace

bool load_unwinder() noexcept {
    void* library = dlopen("libunwind.so.8", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return false;
    int (*set_caching_policy)(unw_addr_space_t, unw_caching_policy_t) = nullptr;
    int (*set_cache_size)(unw_addr_space_t, size_t, int) = nullptr;
    functions.loaded = resolve(library, "_Ux86_64_getcontext", functions.get_context) &&
                       resolve(library, "_ULx86_64_init_local", functions.init_local) &&
                       resolve(library, "_ULx86_64_step", functions.step) &&
                       resolve(library, "_ULx86_64_get_reg", functions.get_reg) &&
                       resolve(library, "_ULx86_64_get_proc_info", functions.get_proc_info) &&
                       resolve(library, "unw_backtrace", functions.backtrace) &&
                       resolve(library, "_Ux86_64_flush_cache", functions.flush_cache) &&
                       resolve(library, "_ULx86_64_local_addr_space", functions.local_address_space);
    if (functions.loaded && resolve(library, "_ULx86_64_set_caching_policy", set_caching_policy))
        set_caching_policy(*functions.local_address_space, UNW_CACHE_PER_THREAD);
    if (functions.loaded && resolve(library, "_ULx86_64_set_cache_size", set_cache_size))
        set_cache_size(*functions.local_address_space, 1024, 0);
    dl_find_object found;
    if (functions.loaded && _dl_find_object(reinterpret_cast<void*>(functions.step), &found) == 0) {
        functions.begin = reinterpret_cast<std::uintptr_t>(found.dlfo_map_start);
        functions.end = reinterpret_cast<std::uintptr_t>(found.dlfo_map_end);
    }
    return functions.loaded;
}

constinit thread_local bool is_unwinder_primed = false;

void prime_unwinder() noexcept {
    if (!functions.loaded || is_unwinder_primed) return;
    const int kept_errno = errno;
    void* addresses[2];
    functions.backtrace(addresses, 2);
    unw_context_t context;
    unw_cursor_t cursor;
    functions.get_context(&context);
    if (functions.init_local(&cursor, &context) == 0) functions.step(&cursor);
    errno = kept_errno;
    is_unwinder_primed = true;
}

bool is_in_unwinder(std::uintptr_t address) noexcept { return address >= functions.begin && address < functions.end; }

bool has_unwinder() noexcept { return functions.loaded; }

std::size_t unwind(const call_point& from, frame (&out)[stack_frames_max]) noexcept {
    out[0] = {from.site, from.stack_pointer, 0, 0};
    if (!functions.loaded) return 1;
    const int kept_errno = errno;
    unw_context_t context;
    unw_cursor_t cursor;
    std::size_t count = 0;
    std::size_t skipped = 0;
    functions.get_context(&context);
    if (functions.init_local(&cursor, &context) == 0) {
        while (count < stack_frames_max && functions.step(&cursor) > 0) {
            unw_word_t address = 0;
            unw_word_t stack_pointer = 0;
            if (functions.get_reg(&cursor, UNW_REG_IP, &address) != 0 || address == 0) break;
            if (functions.get_reg(&cursor, UNW_REG_SP, &stack_pointer) != 0) break;
            if (count == 0 && address != from.site) {
                if (++skipped > own_frames_max) break;
                continue;
            }
            if (count != 0) out[count - 1].frame_end = stack_pointer;
            unw_proc_info_t function{};
            if (functions.get_proc_info(&cursor, &function) != 0) function = {};
            out[count++] = {address, stack_pointer, function.start_ip, function.end_ip};
        }
    }
    errno = kept_errno;
    if (count == 0) return 1;
    out[count - 1].frame_end = ~std::uintptr_t{0};
    return count;
}

std::size_t unwind_addresses(const call_point& from, std::uint64_t (&out)[stack_frames_max]) noexcept {
    out[0] = from.site;
    if (!functions.loaded) return 1;
    const int kept_errno = errno;
    void* addresses[stack_frames_max + own_frames_max];
    const int found = functions.backtrace(addresses, static_cast<int>(stack_frames_max + own_frames_max));
    errno = kept_errno;
    int first = 0;
    while (first < found && reinterpret_cast<std::uintptr_t>(addresses[first]) != from.site) ++first;
    std::size_t count = 0;
    if (first == found) {  // the short way lost its way: the long one
        frame frames[stack_frames_max];
        count = unwind(from, frames);
        for (std::size_t i = 0; i < count; ++i) out[i] = frames[i].address;
        return count;
    }
    for (int i = first; i < found && count < stack_frames_max && addresses[i] != nullptr; ++i)
        out[count++] = reinterpret_cast<std::uint64_t>(addresses[i]);
    return count;
}

void forget_unwind_cache() noexcept {
    if (functions.loaded) functions.flush_cache(*functions.local_address_space, 0, 0);
}

}  // namespace interlock::recorder
