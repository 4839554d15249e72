// What the continuation slots of each wide record hold, encoded and decoded in one place for recorder and reader.
// A continuation carries 48 + 64 bits (record.hpp). Every function is pure; decoding never trusts a count it cannot see:
// the caller passes the slots that are really there.
//
//   record                slots  narrow (48)                              wide (64)
//   lock_init             1      address                                  creation stack 32 | name string_id << 32
//   held_set              1      flags 8 | approximate << 8               object 32 | stack << 32
//   dependency, join_...  1      nth of the process 32                    dependency_id 32 | stack << 32
//   condition_wait        1      flags 8 (timed)                          mutex object 32
//   access (read, write)  1      address                                  size 32 | stack << 32
//   release_by_non_...,   1      address of the lock                      stack of the holder's acquisition, 0 | stack << 32
//   destroy_while_held, reinit_while_held
//   range (allocation...) 1      address                                  size
//   alarm_race            8      each side: address | size, what, locks   stack, agent | locks 0, 1 | locks 2, 3;
//                                | 0; memory: begin | region, agent       size | stack, last synchronisation
//   alarm_atomicity       9      as alarm_race: the act, the write; then as read: the check
//   module_load           4      bias | mapped end | path string_id,      mapped begin | build-id 0..7 | 8..15 | 16..23
//                                build-id length << 32 | 0
//   string                n      bytes 8..13 of each 14                   bytes 0..7
//   stack                 n      frame 2k (return address)                frame 2k + 1, or 0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "instrument/format/record.hpp"

namespace interlock::format {

struct object_payload {
    std::uint64_t address = 0;
    stack_id created_at{};
    string_id name{};
    friend bool operator==(const object_payload&, const object_payload&) = default;
};

struct held_set_payload {
    object_id object{};
    std::uint8_t flags = 0;    // lock_flags of the hold
    stack_id stack{};          // where it was acquired
    bool approximate = false;  // that stack was pieced together (D6)
    friend bool operator==(const held_set_payload&, const held_set_payload&) = default;
};

struct dependency_payload {
    dependency_id id{};
    stack_id stack{};       // of the request, exact
    std::uint32_t nth = 0;  // request of the process that was recorded as a dependency, new or seen again; 0: not known
    friend bool operator==(const dependency_payload&, const dependency_payload&) = default;
};

struct wait_payload {
    object_id mutex{};
    std::uint8_t flags = 0;
    friend bool operator==(const wait_payload&, const wait_payload&) = default;
};

struct held_payload {
    std::uint64_t address = 0;
    stack_id acquired_at{};  // by the holder, the innermost frames; none: not known
    stack_id stack{};        // of the call
    friend bool operator==(const held_payload&, const held_payload&) = default;
};

struct access_payload {
    std::uint64_t address = 0;
    std::uint32_t size = 0;
    stack_id stack{};
    friend bool operator==(const access_payload&, const access_payload&) = default;
};

struct range_payload {
    std::uint64_t address = 0;
    std::uint64_t size = 0;
    friend bool operator==(const range_payload&, const range_payload&) = default;
};

/// What one side of a race did.
enum class access_kind : std::uint8_t { read = 0, write = 1, atomic_read = 2, atomic_write = 3, free = 4 };

/// What the memory of a race is, as far as the process knows; a global is told by its address. `descriptor`: the number of a file
/// descriptor, which is `begin`.
enum class memory_region : std::uint8_t {
    unknown = 0,
    heap = 1,
    freed = 2,
    stack = 3,
    thread_local_storage = 4,
    descriptor = 5
};

inline constexpr std::size_t race_locks_max = 4;

struct race_access {
    std::uint64_t address = 0;
    std::uint16_t size = 0;
    access_kind what = access_kind::read;
    std::uint8_t lock_count = 0;                       // how many were held; the first few are named
    std::array<object_id, race_locks_max> locks = {};  // innermost last
    stack_id stack{};
    agent_id agent{};
    friend bool operator==(const race_access&, const race_access&) = default;
};

struct race_payload {
    race_access later;    // the access that was found to race
    race_access earlier;  // the one it is not ordered after
    memory_region region = memory_region::unknown;
    std::uint64_t begin = 0;  // of the block
    std::uint64_t size = 0;
    stack_id allocated_at{};
    agent_id owner{};        // who allocated it, or whose stack it is
    object_id last_order{};  // the object by which the later side last learnt of the earlier; none: never
    friend bool operator==(const race_payload&, const race_payload&) = default;
};

inline constexpr std::size_t race_slots = 8;

/// On alarm_atomicity: the other thread's write came between check and act in this run.
inline constexpr std::uint8_t came_between = 1 << 0;

struct module_payload {
    std::uint64_t bias = 0;   // run-time address minus address in the file
    std::uint64_t begin = 0;  // first mapped address
    std::uint64_t end = 0;    // one past the last
    string_id path{};
    std::uint8_t build_id_size = 0;  // at most 24 bytes are kept
    std::array<std::uint8_t, 24> build_id{};
    friend bool operator==(const module_payload&, const module_payload&) = default;
};

inline constexpr std::size_t module_slots = 4;
inline constexpr std::size_t string_bytes_per_slot = 14;
inline constexpr std::size_t frames_per_slot = 2;

constexpr std::uint64_t pair_of(std::uint32_t low, std::uint32_t high) noexcept {
    return std::uint64_t{high} << 32 | low;
}
constexpr std::uint32_t low_of(std::uint64_t pair) noexcept { return static_cast<std::uint32_t>(pair); }
constexpr std::uint32_t high_of(std::uint64_t pair) noexcept { return static_cast<std::uint32_t>(pair >> 32); }

constexpr slot encode(const object_payload& p) noexcept {
    return encode_continuation(p.address & narrow_mask, pair_of(number(p.created_at), number(p.name)));
}
constexpr slot encode(const held_set_payload& p) noexcept {
    return encode_continuation(p.flags | std::uint64_t{p.approximate} << 8, pair_of(number(p.object), number(p.stack)));
}
constexpr slot encode(const dependency_payload& p) noexcept {
    return encode_continuation(p.nth, pair_of(number(p.id), number(p.stack)));
}
constexpr slot encode(const wait_payload& p) noexcept { return encode_continuation(p.flags, number(p.mutex)); }
constexpr slot encode(const access_payload& p) noexcept {
    return encode_continuation(p.address & narrow_mask, pair_of(p.size, number(p.stack)));
}
constexpr slot encode(const held_payload& p) noexcept {
    return encode_continuation(p.address & narrow_mask, pair_of(number(p.acquired_at), number(p.stack)));
}
constexpr slot encode(const range_payload& p) noexcept { return encode_continuation(p.address & narrow_mask, p.size); }

constexpr object_payload decode_object(const slot& s) noexcept {
    return {narrow_of(s), stack_id{low_of(wide_of(s))}, string_id{high_of(wide_of(s))}};
}
constexpr held_set_payload decode_held_set(const slot& s) noexcept {
    return {object_id{low_of(wide_of(s))}, static_cast<std::uint8_t>(narrow_of(s)), stack_id{high_of(wide_of(s))},
            (narrow_of(s) >> 8 & 1) != 0};
}
constexpr dependency_payload decode_dependency(const slot& s) noexcept {
    return {dependency_id{low_of(wide_of(s))}, stack_id{high_of(wide_of(s))}, static_cast<std::uint32_t>(narrow_of(s))};
}
constexpr wait_payload decode_wait(const slot& s) noexcept {
    return {object_id{low_of(wide_of(s))}, static_cast<std::uint8_t>(narrow_of(s))};
}
constexpr access_payload decode_access(const slot& s) noexcept {
    return {narrow_of(s), low_of(wide_of(s)), stack_id{high_of(wide_of(s))}};
}
constexpr held_payload decode_held(const slot& s) noexcept {
    return {narrow_of(s), stack_id{low_of(wide_of(s))}, stack_id{high_of(wide_of(s))}};
}
constexpr range_payload decode_range(const slot& s) noexcept { return {narrow_of(s), wide_of(s)}; }

std::array<slot, race_slots> encode(const race_payload& p) noexcept;
/// Precondition: `slots` holds race_slots slots.
race_payload decode_race(std::span<const slot> slots) noexcept;

std::array<slot, module_slots> encode(const module_payload& p) noexcept;
/// Precondition: `slots` holds module_slots slots.
module_payload decode_module(std::span<const slot> slots) noexcept;

/// Slots that a string of `size` bytes or a stack of `count` frames needs.
constexpr std::size_t string_slots(std::size_t size) noexcept {
    return (size + string_bytes_per_slot - 1) / string_bytes_per_slot;
}
constexpr std::size_t stack_slots(std::size_t count) noexcept {
    return (count + frames_per_slot - 1) / frames_per_slot;
}

/// Slot `index` of a string's continuation. `bytes` is the whole string.
slot encode_string_slot(std::span<const char> bytes, std::size_t index) noexcept;
/// The bytes of one slot of a string.
std::array<char, string_bytes_per_slot> decode_string_slot(const slot& s) noexcept;

/// Slot `index` of a stack's continuation. `frames` are return addresses, innermost first.
constexpr slot encode_stack_slot(std::span<const std::uint64_t> frames, std::size_t index) noexcept {
    const std::size_t at = index * frames_per_slot;
    return encode_continuation(frames[at] & narrow_mask, at + 1 < frames.size() ? frames[at + 1] : 0);
}
constexpr std::uint64_t decode_frame(std::span<const slot> slots, std::size_t frame) noexcept {
    const slot& s = slots[frame / frames_per_slot];
    return frame % frames_per_slot == 0 ? narrow_of(s) : wide_of(s);
}

}  // namespace interlock::format
