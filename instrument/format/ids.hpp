// Typed identities of everything a log speaks of. They are numbers of one log: two logs number anew.
// First stop in the way of the data: the recorder deals them out, the log carries them, analysis indexes by them.
#pragma once

#include <cstdint>

namespace interlock::format {

/// What runs and can own a lock: a thread, a fiber or a coroutine task. Numbered from 1 in order of birth; `none` is 0.
enum class agent_id : std::uint32_t { none = 0 };

/// Whatever agents synchronise on, one life of it: lock, condition, semaphore, barrier, once flag, future, queue, pool.
/// An address that is reused gets a new id. Numbered from 1; `none` is 0.
enum class object_id : std::uint32_t { none = 0 };

/// An interned code address (20 bits in a record); `site` records define it. 0: unknown.
enum class site_id : std::uint32_t { none = 0 };

/// An interned call stack; `stack` records define it. 0: not taken.
enum class stack_id : std::uint32_t { none = 0 };

/// An interned string; `string` records define it. 0: empty.
enum class string_id : std::uint32_t { none = 0 };

/// An interned path of held locks, innermost last; `held_set` records define it by its parent. 0: nothing held.
enum class held_set_id : std::uint32_t { none = 0 };

/// A dependency (agent, held set, wanted lock, mode, site), numbered by its agent. 0: none.
enum class dependency_id : std::uint32_t { none = 0 };

/// A loaded executable or shared library, one load of it. 0: none.
enum class module_id : std::uint32_t { none = 0 };

/// The plain number of an id, for indexing and for the codec.
template <typename Id>
constexpr std::uint32_t number(Id id) noexcept {
    return static_cast<std::uint32_t>(id);
}

}  // namespace interlock::format
