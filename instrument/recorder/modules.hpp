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

/// Adds the module that `address` lies in, if the snapshot has none or another one there. True: it is new. Asks glibc's lock-free
/// _dl_find_object, so that a library that is just being loaded is known by the time its constructors lock, and one that came to lie where
/// another was, whose dlclose is not over yet, is not mistaken for that: the load epoch goes up here then.
bool learn_module(agent& self, std::uintptr_t address) noexcept;

/// unwind(), again with modules learnt on the way where it stopped in one that was unknown.
std::size_t unwind_known(agent& self, const call_point& from, frame (&out)[stack_frames_max]) noexcept;

/// Whether `address` lies in a library whose file name begins with `name`, as far as the snapshot knows. Lock-free.
bool is_in_library(std::uintptr_t address, const char* name) noexcept;

/// Whether `address` is surely of this process alone: static data, the heap that grows by brk, this thread's stack. Of other memory that
/// is not known.
bool is_private_memory(const agent& self, std::uintptr_t address) noexcept;

/// dl_iterate_phdr over the snapshot. Lock-free.
int iterate_modules(phdr_callback callback, void* data) noexcept;

/// Forked child: writes what the snapshot knows into the new log. The loader is not asked: its locks may be held by threads that are no more.
void rewrite_modules(agent& self) noexcept;

}  // namespace interlock::recorder
