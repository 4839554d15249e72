#include "instrument/recorder/unwinder.hpp"

#define UNW_LOCAL_ONLY
#include <dlfcn.h>
#include <libunwind.h>

#include <cerrno>
#include <csignal>

#include "instrument/recorder/redirection.hpp"
#include "instrument/recorder/system_call.hpp"
#include "instrument/recorder/unwind_cache.hpp"

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
};

constinit unwind_functions functions{};

template <typename Function>
bool resolve(void* library, const char* symbol, Function& out) noexcept {
    out = reinterpret_cast<Function>(dlsym(library, symbol));
    return out != nullptr;
}

// libunwind asks whether memory can be read by writing a byte of it into a pipe of its own. A program that closes every descriptor closes
// those, and gets their numbers for its files. So for it the pipe is never made, and the kernel is asked otherwise.
int make_no_pipe(int* ends, int) noexcept {
    ends[0] = ends[1] = -1;
    return 0;
}
long result_of(long result) noexcept {
    if (!is_error(result)) return result;
    errno = static_cast<int>(-result);
    return -1;
}
int close_file(int descriptor) noexcept {
    return descriptor < 0 ? 0 : static_cast<int>(result_of(system_call(SYS_close, descriptor)));
}
ssize_t read_file(int descriptor, void* into, std::size_t size) noexcept {
    if (descriptor >= 0)
        return result_of(system_call(SYS_read, descriptor, reinterpret_cast<long>(into), static_cast<long>(size)));
    errno = 0;
    return 1;
}
/// Without a descriptor: a change of the signal mask that the kernel refuses, but only after it has read the eight bytes of the set.
ssize_t write_file(int descriptor, const void* from, std::size_t size) noexcept {
    if (descriptor >= 0)
        return result_of(system_call(SYS_write, descriptor, reinterpret_cast<long>(from), static_cast<long>(size)));
    constexpr long no_way_to_change = -1;
    const auto aligned = reinterpret_cast<std::uintptr_t>(from) & ~std::uintptr_t{7};
    const bool readable =
        system_call(SYS_rt_sigprocmask, no_way_to_change, static_cast<long>(aligned), 0, 8) == -EINVAL;
    errno = readable ? 0 : EFAULT;
    return readable ? 1 : -1;
}

/// Its write may go by way of syscall(2), as that of Debian 12 does.
long call_kernel(long number, long a, long b, long c, long d, long e, long f) noexcept {
    if (number == SYS_write)
        return write_file(static_cast<int>(a), reinterpret_cast<const void*>(b), static_cast<std::size_t>(c));
    return result_of(system_call(number, a, b, c, d, e, f));
}

/// False: a libunwind that is built otherwise, and is not to be used then.
bool keep_from_descriptors(void* library) noexcept {
    const bool opens_pipe = redirect(library, "pipe2", reinterpret_cast<void*>(make_no_pipe)) ||
                            redirect(library, "pipe", reinterpret_cast<void*>(make_no_pipe));
    if (!opens_pipe) return true;
    redirect(library, "close", reinterpret_cast<void*>(close_file));
    const bool calls = redirect(library, "syscall", reinterpret_cast<void*>(call_kernel));
    const bool writes = redirect(library, "write", reinterpret_cast<void*>(write_file));
    return (calls || writes) && redirect(library, "read", reinterpret_cast<void*>(read_file));
}

int change_signal_mask(int how, const sigset_t* set, sigset_t* old) noexcept {
    return static_cast<int>(result_of(
        system_call(SYS_rt_sigprocmask, how, reinterpret_cast<long>(set), reinterpret_cast<long>(old), _NSIG / 8)));
}

/// Its own locks are libc's and nobody else's: it takes some where its data of a thread that ends is freed, when other tools' interceptors (those of
/// ThreadSanitizer) have let go of the thread; and they are not the program's.
void keep_from_interceptors(void* library) noexcept {
    redirect(library, "sigprocmask", reinterpret_cast<void*>(change_signal_mask));
    void* const libc = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
    if (libc == nullptr) return;
    constexpr const char* names[] = {"pthread_mutex_lock", "pthread_mutex_unlock"};
    for (const char* name : names)
        if (void* const own = dlsym(libc, name)) redirect(library, name, own);
    dlclose(libc);
}

/// Frames of the recorder and the hook lie below the call point; more than this many means that the site was not met.
constexpr std::size_t own_frames_max = 24;

}  // namespace

bool load_unwinder() noexcept {
    void* library = dlopen("libunwind.so.8", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return false;
    if (!keep_from_descriptors(library)) return false;
    keep_unwind_caches(library);
    keep_from_interceptors(library);
    int (*set_caching_policy)(unw_addr_space_t, unw_caching_policy_t) = nullptr;
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
            if (count == 0 && address != return_address_of(from)) {
                if (++skipped > own_frames_max) break;
                continue;
            }
            if (count != 0) out[count - 1].frame_end = stack_pointer;
            unw_proc_info_t function{};
            if (functions.get_proc_info(&cursor, &function) != 0) function = {};
            out[count] = {count == 0 ? from.site : address, stack_pointer, function.start_ip, function.end_ip};
            ++count;
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
    empty_stale_unwind_cache();
    void* addresses[stack_frames_max + own_frames_max];
    const int found = functions.backtrace(addresses, static_cast<int>(stack_frames_max + own_frames_max));
    errno = kept_errno;
    int first = 0;
    while (first < found && reinterpret_cast<std::uintptr_t>(addresses[first]) != return_address_of(from)) ++first;
    std::size_t count = 0;
    if (first == found) {  // the short way lost its way: the long one
        frame frames[stack_frames_max];
        count = unwind(from, frames);
        for (std::size_t i = 0; i < count; ++i) out[i] = frames[i].address;
        return count;
    }
    out[count++] = from.site;
    for (int i = first + 1; i < found && count < stack_frames_max && addresses[i] != nullptr; ++i)
        out[count++] = reinterpret_cast<std::uint64_t>(addresses[i]);
    return count;
}

void forget_unwind_cache() noexcept {
    forget_cached_frames();
    if (functions.loaded) functions.flush_cache(*functions.local_address_space, 0, 0);
}

}  // namespace interlock::recorder
