// The one recorder of this process: settings, log, tables, the list of agents; its start, its stop, its forked children.
// Everything here is constant-initialised, so it is usable before any constructor has run.
#pragma once

#include <link.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "instrument/recorder/address_table.hpp"
#include "instrument/recorder/agent.hpp"
#include "instrument/recorder/arena.hpp"
#include "instrument/recorder/interning.hpp"
#include "instrument/recorder/log_file.hpp"
#include "instrument/recorder/objects.hpp"
#include "instrument/recorder/options.hpp"

namespace interlock::recorder {

using phdr_iterator = int (*)(int (*)(dl_phdr_info*, std::size_t, void*), void*);

struct process_state {
    phdr_iterator iterate_phdr = nullptr;  // the loader's own, as opposed to the interposed one
    /// In a page that a fork wipes (MADV_WIPEONFORK): 0 tells a child, which shares nothing else of the truth. Otherwise it
    /// goes up when level or recording change, so that one comparison on the fast path notices all three.
    std::atomic<std::uint32_t>* generation = nullptr;

    std::atomic<bool> recording{false};
    std::atomic<bool> full{false};
    std::atomic<bool> started{false};      // start() has run, whatever came of it
    std::atomic<bool> intercepted{false};  // another tool comes before libc: agents take the slow way
    std::atomic<std::uint16_t> load_epoch{0};

    options settings;
    log_file log;
    arena memory;
    object_registry objects;
    address_table addresses;                    // identity of objects without spare bytes
    std::atomic<std::uint32_t> aside_lives{0};  // goes up when an address there comes to mean another object, or none
    address_table threads;                      // pthread_t -> agent_id
    site_table sites;
    stack_table stacks;
    std::atomic<std::uint32_t> strings{0};
    std::atomic<std::uint32_t> agents_born{0};
    std::atomic<std::uint32_t> dependencies{0};  // records of them, by all agents
    std::atomic<std::uint32_t> modules{0};

    spin_latch agents_latch;  // guards the list and the free state pages
    agent* agents = nullptr;
    format::state_page** free_pages = nullptr;
    std::uint32_t free_page_count = 0;
    std::uint32_t free_page_capacity = 0;

    spin_latch start_latch;
    std::uint64_t main_stack_size = 0;
    std::uint64_t thread_stack_size = 0;  // default of pthread_create
};

extern __attribute__((visibility("hidden"))) constinit process_state process;

/// Reads the options, makes the log, registers the main thread. Once; later calls return at once. Called from the library's
/// constructor, or (with nullptr) by the first operation if that comes sooner.
void start(char** environment) noexcept;

/// Recording ends here, for good: the reason goes to the header, agents notice by `generation`.
void stop(format::loss_reason reason) noexcept;

/// The kernel reports a fault at `address` (SIGBUS). True: it is in the log, whose file somebody has cut; memory lies there now, recording
/// has stopped and the access may be repeated. Async-signal-safe, thread-safe.
bool mend_log(std::uintptr_t address) noexcept;

/// Nothing that this thread does is recorded any more. Async-signal-safe; calls nothing.
void mute_for_good(agent& self) noexcept;

/// exit() or return from main: marks the log as ended in order. Recording goes on, since destructors may still lock.
void note_process_end(int status) noexcept;

/// Slow way into an operation: first one ever, unregistered thread, forked child, changed level, or nested in another.
agent* enter_slowly(std::uintptr_t stack_pointer) noexcept;

/// The agent is busy: what a signal handler or the recorder itself calls meanwhile is not recorded. The mark lies below the
/// caller's stack pointer, so that after a siglongjmp out of here an operation of the same frame is told from one inside.
__attribute__((always_inline)) inline void mark_busy(agent& self, std::uintptr_t stack_pointer) noexcept {
    self.busy = stack_pointer - 16;
    asm volatile("" ::: "memory");  // against the compiler only: a handler of this thread must see the mark first
}

/// Begins an operation of this thread. nullptr: nothing is to be recorded (off, or inside the recorder itself). Keeps errno.
__attribute__((always_inline)) inline agent* enter(std::uintptr_t stack_pointer) noexcept {
    agent* self = this_agent;
    // relaxed: a change that is noticed one operation later is early enough
    if (__builtin_expect(self == nullptr, 0) || __builtin_expect(!self->is_idle(), 0) ||
        __builtin_expect(self->generation != process.generation->load(std::memory_order_relaxed), 0))
        return enter_slowly(stack_pointer);
    mark_busy(*self, stack_pointer);
    return self;
}

/// Ends it. The agent may be entered again, from here on also by a signal handler.
__attribute__((always_inline)) inline void leave(agent& self) noexcept {
    asm volatile("" ::: "memory");  // against the compiler only: a handler of this thread must see what was written
    self.busy = interlock_agent_idle;
}

inline aside_entry& aside_of(agent& self, const volatile void* address) noexcept {
    const auto key = reinterpret_cast<std::uint64_t>(address);
    return self.asides[(key >> 2 ^ key >> 6) % aside_cache_size];
}

/// The object of the side table at this address, without giving birth. `none`: unknown.
inline format::object_id known_aside(agent& self, const volatile void* address) noexcept {
    const aside_entry& entry = aside_of(self, address);
    // relaxed: an init or destroy that this operation must know of comes before it, by the program's own order
    if (__builtin_expect(entry.address == reinterpret_cast<std::uint64_t>(address), 1) &&
        __builtin_expect(self.aside_lives == process.aside_lives.load(std::memory_order_relaxed), 1))
        return entry.id;
    return find_aside(self, address);
}

}  // namespace interlock::recorder
