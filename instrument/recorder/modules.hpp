// Which executables and libraries are mapped where: `module_load` and `module_unload` records with build-ids, and a snapshot that
// answers libunwind's dl_iterate_phdr without the loader's lock.
#pragma once

#include <link.h>

#include <cstddef>

#include "instrument/recorder/unwinder.hpp"

namespace interlock::recorder {

struct agent;

using phdr_callback = int (*)(dl_phdr_info*, std::size_t, void*);

/// Compares the loader's list (asked through process.iterate_phdr) with the snapshot, writes what came and went, publishes the new one. Where something
/// went, the load epoch goes up: addresses seen from now on are new sites. Called at the start and after each dlclose. Thread-safe.
void scan_modules(agent& self) noexcept;

/// Adds the module that `address` lies in, if the snapshot has none there. True: it is new. Asks glibc's lock-free _dl_find_object, so that
/// a library that is just being loaded is known by the time its constructors lock.
bool learn_module(agent& self, std::uintptr_t address) noexcept;

/// unwind(), again with modules learnt on the way where it stopped in one that was unknown.
std::size_t unwind_known(agent& self, const call_point& from, frame (&out)[stack_frames_max]) noexcept;

/// dl_iterate_phdr over the snapshot. Lock-free.
int iterate_modules(phdr_callback callback, void* data) noexcept;

/// Forked child: writes what the snapshot knows into the new log. The loader is not asked: its locks may be held by threads that are no more.
void rewrite_modules(agent& self) noexcept;

}  // namespace interlock::recorder
