// The library's own beginning and end, and the loader: modules come and go.
#include <dlfcn.h>
#include <link.h>

#include <cstdlib>

#include "instrument/preload/hook.hpp"
#include "instrument/preload/log_fault.hpp"
#include "instrument/preload/openmp.hpp"
#include "instrument/preload/process.hpp"
#include "instrument/recorder/exit_report.hpp"
#include "instrument/recorder/modules.hpp"
#include "instrument/recorder/threads.hpp"

namespace interlock::preload {
namespace {

/// exit() calls it after every other handler and destructor, of the program and of its libraries, since it is registered before any of
/// them; what is left to exit() then is to flush stdio and to end. Another status needs another exit(), which glibc lets go
/// on from here; fflush and _exit would wait for whoever holds a stream for ever.
void end(int status, void*) noexcept {
    // A forked child that has done nothing to be recorded keeps out of it.
    if (recorder::is_linked() && !recorder::owns_log()) return;
    recorder::note_process_end(status);
    if (!recorder::is_linked()) return;
    const int other = recorder::report_at_exit(status);
    if (other != status) exit(other);
}

extern "C" __attribute__((visibility("hidden")))
const ElfW(Ehdr) __ehdr_start;  // the linker's: where this library lies

using phdr_callback = int (*)(dl_phdr_info*, std::size_t, void*);

/// A walk over the loader's list in which this library comes last.
struct phdr_walk {
    phdr_callback callback;
    void* data;
    dl_phdr_info own;
    std::size_t own_size;  // 0: not met yet
    int result;
};

int walk_others(dl_phdr_info* info, std::size_t size, void* data) {
    auto& walk = *static_cast<phdr_walk*>(data);
    if (info->dlpi_addr != reinterpret_cast<ElfW(Addr)>(&__ehdr_start)) return walk.callback(info, size, walk.data);
    walk.own = *info;
    walk.own_size = size;
    return 0;
}

/// Called once, for the first of the list, so that the whole walk is made under the loader's lock, on which callbacks rely.
int walk_all(dl_phdr_info*, std::size_t, void* data) {
    auto& walk = *static_cast<phdr_walk*>(data);
    walk.result = real().dl_iterate_phdr(walk_others, data);
    if (walk.result == 0 && walk.own_size != 0) walk.result = walk.callback(&walk.own, walk.own_size, walk.data);
    return 1;
}

void begin_recording(const real_functions& functions, char** environment) noexcept {
    recorder::test_stashes(functions.pthread_mutex_lock, functions.pthread_mutex_unlock,
                           functions.pthread_rwlock_rdlock, functions.pthread_rwlock_wrlock,
                           functions.pthread_rwlock_unlock);
    recorder::process.iterate_phdr = functions.dl_iterate_phdr;
    recorder::create_end_key();
    watch_forks();
    watch_system_calls();
    watch_loading();
    recorder::start(environment);
    if (recorder::process.recording.load(std::memory_order_relaxed)) guard_log();
}

__attribute__((constructor(101))) void begin(int, char**, char** environment) noexcept {
    const real_functions& functions = real();
    // Another tool's on_exit() may begin with calls of our hooks, which would begin the recording before the options are known.
    if (!recorder::process.started.load(std::memory_order_acquire)) begin_recording(functions, environment);
    on_exit(end, nullptr);
}

}  // namespace

/// The moment to load libunwind: libc is initialised (a dlopen before that would initialise it without the program's arguments and
/// environment), and the program's own constructors are still to come. Locks in a library's constructor, earlier, keep their site alone.
INTERLOCK_HOOK int __libc_start_main(int (*main)(int, char**, char**), int count, char** arguments, void (*init)(),
                                     void (*fini)(), void (*loader_fini)(), void* stack_end) {
    // As an operation of its own: what the loader and libunwind lock meanwhile is not the program's doing.
    note(here(), [](agent& self) {
        heed_other_tools();
        if (!recorder::load_unwinder())
            recorder::write(self, format::event_kind::blind_spot,
                            static_cast<std::uint8_t>(format::blind_spot::no_unwinder), {}, 0, 0);
        recorder::scan_modules(self);  // libunwind starts in a frame of its own, and asks us where that lies
        recorder::prime_unwinder();
    });
    if (!recorder::is_run()) recorder::start_watch();
    return real().__libc_start_main(main, count, arguments, init, fini, loader_fini, stack_end);
}

INTERLOCK_HOOK int dlclose(void* handle) {
    const call_point from = here();
    const int result = real().dlclose(handle);
    forget_openmp();
    note(from, [](agent& self) { recorder::scan_modules(self); });
    return result;
}

/// The list begins as it does without us: AddressSanitizer's runtime ends the program if another library than itself comes first.
INTERLOCK_HOOK int dl_iterate_phdr(int (*callback)(dl_phdr_info*, std::size_t, void*), void* data) {
    // Asked by our own unwinder, in the middle of an operation: never the loader's lock.
    if (recorder::this_agent != nullptr && !recorder::this_agent->is_idle())
        return recorder::iterate_modules(callback, data);
    phdr_walk walk{callback, data, {}, 0, 0};
    real().dl_iterate_phdr(walk_all, &walk);
    return walk.result;
}

}  // namespace interlock::preload
