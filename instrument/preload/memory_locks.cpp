// mlockall: the program's memory is locked as it asked for, ours is not. The log alone would be a GiB of the machine's memory, and more than an
// unprivileged program may lock. The kernel has no exemption, so there are two ways: let it lock everything without filling it with pages, let
// go of ours and fill the rest; or, where all together are more than the limit, lock mapping by mapping what is not ours.
#include <dlfcn.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>

#include "instrument/preload/hook.hpp"
#include "instrument/recorder/modules.hpp"
#include "instrument/recorder/own_mappings.hpp"

namespace interlock::preload {
namespace {

using recorder::is_error;
using recorder::mapped_range;
using recorder::system_call;

/// What a call works with: too much for some stacks.
struct workspace {
    mapped_range own[recorder::own_mappings_max + 1];
    std::size_t own_count;
    char lines[4 * recorder::maps_line_max];
};

/// Our mappings and our library itself, in order.
void find_own(workspace& work) noexcept {
    work.own_count = recorder::copy_own_mappings({work.own, recorder::own_mappings_max});
    dl_find_object library{};
    if (_dl_find_object(reinterpret_cast<void*>(find_own), &library) == 0)
        work.own[work.own_count++] = {reinterpret_cast<std::uintptr_t>(library.dlfo_map_start),
                                      reinterpret_cast<std::uintptr_t>(library.dlfo_map_end)};
    std::sort(work.own, work.own + work.own_count,
              [](const mapped_range& one, const mapped_range& other) { return one.begin < other.begin; });
}

/// Calls `what(begin, size)` for all that is mapped and not ours. One line may hold both: the kernel joins what lies side by side.
template <typename What>
void visit_others(workspace& work, What what) noexcept {
    recorder::visit_maps(work.lines, [&](const char* line, const char* end) {
        const mapped_range mapped = recorder::range_of(line, end);
        std::uintptr_t at = mapped.begin;
        for (std::size_t i = 0; i < work.own_count && at < mapped.end; ++i) {
            const mapped_range& own = work.own[i];
            if (own.end <= at) continue;
            if (own.begin >= mapped.end) break;
            if (own.begin > at) what(at, own.begin - at);
            at = own.end;
        }
        if (at < mapped.end) what(at, mapped.end - at);
        return false;
    });
}

/// What cannot be locked, as the kernel's own mappings and inaccessible ones, is left, as mlockall(2) does.
void lock_others(workspace& work, int flags) noexcept {
    visit_others(work, [&](std::uintptr_t begin, std::size_t size) {
        system_call(SYS_mlock2, static_cast<long>(begin), static_cast<long>(size),
                    (flags & MCL_ONFAULT) != 0 ? MLOCK_ONFAULT : 0);
    });
}

std::size_t size_of_others(workspace& work) noexcept {
    constexpr std::uintptr_t user_end = std::uintptr_t{1} << 47;  // the vsyscall page lies beyond, and does not count
    std::size_t sum = 0;
    visit_others(work, [&](std::uintptr_t begin, std::size_t size) { sum += begin < user_end ? size : 0; });
    return sum;
}

std::size_t lock_limit() noexcept {
    rlimit limit{};
    return is_error(system_call(SYS_prlimit64, 0L, RLIMIT_MEMLOCK, 0, reinterpret_cast<long>(&limit))) ? 0
                                                                                                       : limit.rlim_cur;
}

/// MCL_CURRENT among the flags. 0 or a negative errno.
long lock_current(workspace& work, int flags) noexcept {
    const int future = flags & (MCL_FUTURE | MCL_ONFAULT);
    find_own(work);
    const long together = system_call(SYS_mlockall, static_cast<long>(flags | MCL_ONFAULT));
    if (!is_error(together)) {
        for (std::size_t i = 0; i < work.own_count; ++i)
            system_call(SYS_munlock, static_cast<long>(work.own[i].begin),
                        static_cast<long>(work.own[i].end - work.own[i].begin));
        if ((flags & MCL_ONFAULT) != 0) return 0;
        lock_others(work, flags);
        return (flags & MCL_FUTURE) != 0 ? system_call(SYS_mlockall, MCL_FUTURE) : 0;
    }
    if (together != -ENOMEM || size_of_others(work) > lock_limit()) return together;
    if ((flags & MCL_FUTURE) != 0)
        system_call(SYS_mlockall, static_cast<long>(future));
    else
        system_call(SYS_munlockall);  // which alone ends an earlier MCL_FUTURE
    lock_others(work, flags);
    return 0;
}

/// The next function of the name, if it is another tool's: sanitizers ignore the call, since their shadow would be locked.
int (*find_other_tool() noexcept)(int) {
    void* const next = dlsym(RTLD_NEXT, "mlockall");
    if (next == nullptr || recorder::is_in_library(reinterpret_cast<std::uintptr_t>(next), "libc.so")) return nullptr;
    return reinterpret_cast<int (*)(int)>(next);
}

}  // namespace

INTERLOCK_HOOK int mlockall(int flags) {
    if (int (*const other)(int) = find_other_tool()) return other(flags);
    constexpr int known = MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT;
    workspace* work = nullptr;
    if ((flags & MCL_CURRENT) != 0 && (flags & ~known) == 0 &&
        recorder::process.recording.load(std::memory_order_acquire))
        work = static_cast<workspace*>(recorder::map_anonymous(sizeof(workspace)));
    recorder::set_future_locked((flags & MCL_FUTURE) != 0);
    const long result =
        work != nullptr ? lock_current(*work, flags) : system_call(SYS_mlockall, static_cast<long>(flags));
    if (work != nullptr) recorder::unmap(work, sizeof(workspace));
    if (!is_error(result)) return 0;
    errno = static_cast<int>(-result);
    return -1;
}

}  // namespace interlock::preload
