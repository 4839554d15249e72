// Which executables and libraries are mapped where: `module_load` and `module_unload` records with build-ids, and a snapshot that
// answers libunwind's dl_iterate_phdr without the loader's lock.
#pragma once

#include <link.h>

#include <cstddef>

namespace interlock::recorder {

struct agent;

using phdr_callback = int (*)(dl_phdr_info*, std::size_t, void*);

/// Compares the loader's list (asked through process.iterate_phdr) with the snapshot, writes what came and went, publishes the new one. Where something
/// went, the load epoch goes up: addresses seen from now on are new sites. Called at the start and after each dlopen and dlclose, outside
/// of the loader. Thread-safe.
void scan_modules(agent& self) noexcept;

/// dl_iterate_phdr over the snapshot. Lock-free.
int iterate_modules(phdr_callback callback, void* data) noexcept;

/// Forked child: writes what the snapshot knows into the new log. The loader is not asked: its locks may be held by threads that are no more.
void rewrite_modules(agent& self) noexcept;

}  // namespace interlock::recorder
