// What an object is: its life, its type, its sequence numbers; and how an address leads to it (D5: address plus generation).
//
// A mutex and a read-write lock carry their identity in bytes that glibc never uses, tied to their address and to this process by
// a keyed check: constructing a new one over it wipes it, a copy or a move does not match, and either way a new life begins.
// Other objects are found by address in a side table, where a hooked init or destroy ends the life.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>

#include "instrument/format/event.hpp"
#include "instrument/format/ids.hpp"
#include "instrument/recorder/arena.hpp"
#include "instrument/recorder/unwinder.hpp"

namespace interlock::recorder {

struct agent;

struct object_info {
    std::uint64_t address = 0;
    std::atomic<std::uint32_t> sequence{0};  // last number drawn, for objects that draw atomically
    format::object_type type{};
    std::atomic<std::uint8_t> flags{0};  // object_flags
    std::uint16_t open_count = 0;        // named semaphores
    std::uint32_t initial_value = 0;     // semaphores
};

namespace object_flags {
inline constexpr std::uint8_t released_by_other = 1 << 0;  // said once in the log
inline constexpr std::uint8_t unlocked_free = 1 << 1;      // said once in the log
inline constexpr std::uint8_t no_lock = 1 << 2;            // a semaphore that signals: nobody holds it
inline constexpr std::uint8_t name_given = 1 << 3;
inline constexpr std::uint8_t initialised = 1 << 4;       // a once flag or static guard: the initialiser has returned
inline constexpr std::uint8_t ended_while_held = 1 << 5;  // destroyed or initialised again, which was told
inline constexpr std::uint8_t declared = 1 << 6;          // an interlock_object lies at the address
inline constexpr std::uint8_t held_over_fork = 1 << 7;    // when this process began, by the thread that forked
}  // namespace object_flags

/// object_id -> object_info, in segments; never shrinks. Thread-safe.
class object_registry {
public:
    /// A new object; `none`: out of memory.
    format::object_id birth(arena& memory, std::uint64_t address, format::object_type type) noexcept;
    object_info& operator[](format::object_id id) noexcept {
        const std::uint32_t index = format::number(id);
        return segments_[index / segment_size].load(
            std::memory_order_acquire)[index % segment_size];  // pairs with birth
    }
    std::uint32_t born() const noexcept { return next_.load(std::memory_order_relaxed) - 1; }
    void reset() noexcept;

private:
    static constexpr std::uint32_t segment_size = 4096;
    static constexpr std::uint32_t segment_count = 1u << 14;  // 67 million objects
    std::atomic<object_info*> segments_[segment_count] = {};
    std::atomic<std::uint32_t> next_{1};
};

/// Identity in 16 spare bytes of a pthread_mutex_t: `sequence` moves under the mutex itself.
struct mutex_stash {
    std::uint64_t word;      // id 32 | check 32
    std::uint32_t sequence;  // last number drawn, if `owner` is the check in `word`
    std::uint32_t owner;  // names the life that `sequence` belongs to: a copy, a forked child or a rebirth counts anew
};

/// The next number of a mutex. The caller holds it.
inline std::uint32_t draw(mutex_stash& stash) noexcept {
    const auto life = static_cast<std::uint32_t>(stash.word >> 32 ^ stash.word);
    if (__builtin_expect(stash.owner != life, 0)) {
        stash.owner = life;
        stash.sequence = 0;
    }
    return ++stash.sequence;
}

/// How a type's identity is kept, decided by the self-test at the start.
struct stash_support {
    bool mutex = false;
    bool shared_mutex = false;
};
extern constinit stash_support stashes;

/// Checks with the real functions that glibc leaves the spare bytes alone; sets `stashes`.
void test_stashes(int (*mutex_lock)(pthread_mutex_t*), int (*mutex_unlock)(pthread_mutex_t*),
                  int (*rdlock)(pthread_rwlock_t*), int (*wrlock)(pthread_rwlock_t*),
                  int (*rw_unlock)(pthread_rwlock_t*)) noexcept;

/// Keys the stashes: odd, drawn at random by each process and again by a forked child, so a copy does not match.
extern __attribute__((visibility("hidden"))) constinit std::uint64_t stash_secret;
inline std::uint64_t stash_word(std::uint64_t address, format::object_id id) noexcept {
    return (address * stash_secret & 0xffff'ffff'0000'0000) | format::number(id);
}
inline bool is_stash_of(std::uint64_t word, std::uint64_t address) noexcept {
    return (word ^ address * stash_secret) >> 32 == 0;
}

/// Where a mutex keeps its stash; nullptr: kept in the side table (robust, process-shared, or the self-test failed).
inline mutex_stash* stash_of(pthread_mutex_t* mutex) noexcept {
    constexpr int robust_or_shared = 16 | 128;  // glibc's PTHREAD_MUTEX_ROBUST_NORMAL_NP and PSHARED bits of __kind
    if (!stashes.mutex || (mutex->__data.__kind & robust_or_shared) != 0) return nullptr;
    return reinterpret_cast<mutex_stash*>(&mutex->__data.__list);
}

/// The object at this mutex now; born at first sight. The agent is busy. `none`: no room for another.
format::object_id identify(agent& self, pthread_mutex_t* mutex, const call_point& from) noexcept;
format::object_id identify(agent& self, pthread_rwlock_t* lock, const call_point& from) noexcept;
/// Objects of the side table.
format::object_id identify(agent& self, const volatile void* address, format::object_type type,
                           const call_point& from) noexcept;

/// The same of an object that has a value from its birth on. `born`: by this call, so that one agent alone tells of it.
format::object_id identify(agent& self, const volatile void* address, format::object_type type, const call_point& from,
                           std::uint32_t initial_value, bool& born) noexcept;

/// A hooked init: a new life begins, whatever was there (known() before the real init tells what).
format::object_id begin_life(agent& self, pthread_mutex_t* mutex, const call_point& from) noexcept;
format::object_id begin_life(agent& self, pthread_rwlock_t* lock, const call_point& from) noexcept;
format::object_id begin_life(agent& self, const volatile void* address, format::object_type type,
                             const call_point& from) noexcept;

/// The object known at this address, without giving birth. `none`: unknown.
format::object_id known(pthread_mutex_t* mutex) noexcept;
format::object_id known(pthread_rwlock_t* lock) noexcept;
format::object_id known(const volatile void* address) noexcept;

/// The same, remembered by the agent. Cheap where it asks again.
format::object_id find_aside(agent& self, const volatile void* address) noexcept;

/// A hooked destroy succeeded: the life of `object`, known before, ends. A stash is left as it is: the memory is dead.
void end_life(agent& self, format::object_id object, const volatile void* address, const call_point& from) noexcept;

/// The next number of an object without an owner's protection.
inline std::uint32_t draw(object_info& info) noexcept {
    return info.sequence.fetch_add(1, std::memory_order_acq_rel) + 1;
}

format::object_type type_of(const pthread_mutex_t* mutex) noexcept;
format::object_type type_of(const pthread_rwlock_t* lock) noexcept;

}  // namespace interlock::recorder
