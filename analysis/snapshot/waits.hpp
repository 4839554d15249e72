// Who waits for what, and who has it, read off glibc's own words: the owner and kind of a mutex, the writer and readers of a rwlock, the
// thread to be joined. Locks that keep no owner have none here either.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analysis/snapshot/blocking_call.hpp"
#include "analysis/snapshot/image.hpp"
#include "analysis/snapshot/places.hpp"
#include "analysis/snapshot/unwinder.hpp"

namespace interlock::snapshot {

enum class waited_for : std::uint8_t {
    something,  // a futex that is none of these, or whose function has no name
    mutex,
    recursive_mutex,
    error_checking_mutex,
    adaptive_mutex,
    rwlock,
    writer_priority_rwlock,
    condition,
    semaphore,
    barrier,
    end_of_thread,
    once,
    static_guard,
};

enum class holder : std::uint8_t {
    untold,         // the lock does not say who
    nobody,         // it is free: the thread is about to go on
    a_thread,       // `holder_id` of this process
    readers,        // as many as `readers`
    gone,           // `holder_id` is no thread of this process any more
    other_process,  // `holder_id`, of a process that shares the lock
    refusing,  // the kernel refused the request, its holder waits for this thread or is gone: glibc lets it wait for ever
};

struct wait {
    std::size_t thread = 0;  // index into image::threads
    waited_for what = waited_for::something;
    std::uint64_t address = 0;  // of the object; of the futex for `something`; the thread's id for `end_of_thread`
    bool is_shared = false;     // asks to read
    bool is_timed = false;      // gives up by itself
    snapshot::holder holder = snapshot::holder::untold;
    std::uint64_t holder_id = 0;  // thread::id
    std::uint64_t readers = 0;
    bool is_left = false;      // `gone` or `other_process`, which is no more: nobody releases the lock
    std::string function;      // of the C library that it waits in
    std::vector<frame> stack;  // innermost first
};

/// Every thread of `of` that waits in futex(2), in order of threads. What the memory says is believed only where it looks like the lock
/// that the called function takes. Thread-bound. Cost: a stack each.
std::vector<wait> find_waits(const image& of, const unwinder& stacks, places& names);

}  // namespace interlock::snapshot
