// The memory of libunwind's short way: a table of 256 KiB a thread, of what is known of the frames at each address. Left to itself libunwind maps
// one for every thread, touches all of it, and never looks whether a library has gone. Here the tables lie in one mapping and are used again,
// only the first 256 threads that live at once have one (the others unwind the long way), and a table is emptied once libraries have gone.
#pragma once

namespace interlock::recorder {

/// `library`, libunwind, has its tables from here. Before anything is unwound.
void keep_unwind_caches(void* library) noexcept;

/// Empties the calling thread's table if it is older than the last call of forget_cached_frames(). Its agent must be busy.
void empty_stale_unwind_cache() noexcept;

/// What stood in the tables is true no longer: a library has gone, another may lie there. Thread-safe.
void forget_cached_frames() noexcept;

/// In a forked child: the tables of threads that are no more are free.
void free_unwind_caches_of_others() noexcept;

}  // namespace interlock::recorder
