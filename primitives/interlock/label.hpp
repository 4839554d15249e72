// What a user says of a primitive: its name, its class, its place among locks of that class. Any of them may be left out.
//
//      interlock::mutex accounts{"accounts"};
//      inline constexpr interlock::lock_class cache{"cache", 20};      // of rank 20
//      interlock::mutex shard{{"shard", cache, 1}};
#pragma once

#include <interlock/recorder.hpp>

#include <cstdint>

namespace interlock {

/// All locks made for one purpose. `name`: shown in reports, part of a finding's identity. `rank`: locks are requested in ascending rank only
/// (lock-rank-violation otherwise); 0 is none. Immortal: a constant of namespace scope.
using lock_class = interlock_class;

/// Strings are not copied: they live at least as long as the primitive. A literal does.
struct label {
    const char* name = nullptr;
    const lock_class* of = nullptr;
    std::uint8_t subclass = 0;  // locks of one class and rank that nest: requested in ascending subclass

    constexpr label() noexcept = default;
    constexpr label(const char* name_given) noexcept : name{name_given} {}
    constexpr label(const lock_class& of_given, std::uint8_t subclass_given = 0) noexcept
        : of{&of_given}, subclass{subclass_given} {}
    constexpr label(const char* name_given, const lock_class& of_given, std::uint8_t subclass_given = 0) noexcept
        : name{name_given}, of{&of_given}, subclass{subclass_given} {}
};

}  // namespace interlock
