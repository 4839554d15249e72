// Tries that are the first half of a blocking request: try, and if that fails, wait. Such code waits for the lock after all (CPython's
// locks: thousands of sem_trywait, hardly a sem_wait), so its tries count as requests that block, also those that succeed.
//
// What a try would have done is known by what the same code did where it failed. The same function may be called to try and to
// wait (a flag says which), so the code is a context: the innermost frames of the try, far enough out to tell such calls apart. A
// context counts if every try that failed there was followed by a wait for the same lock, called from the same place, without a
// time-out, with nothing let go in between that was held before. One that was not makes it a place of real tries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include "analysis/trace/definitions.hpp"
#include "analysis/trace/event.hpp"

namespace interlock::detectors {

/// Thread-bound. Needs level `full`, which alone tells failed tries.
class weak_tries {
public:
    /// In CPython the fifth frame is the interpreter's, at the kind of instruction: `with lock:` or a call of acquire().
    static constexpr std::size_t context_frames = 5;

    using stack_of = std::function<trace::call_stack(format::stack_id)>;

    void see(const trace::event& e);
    /// No try failed lately: what is acquired and released now says nothing.
    bool is_idle() const noexcept { return pending_.empty(); }

    /// Whether a try made there would have waited had it failed. Cost: linear in the stacks that tries failed at.
    bool waits(format::stack_id attempt, const stack_of& find) const;

private:
    struct failure {
        std::uint32_t object = 0;
        format::stack_id stack{};
        std::vector<std::uint32_t> acquired_since;
    };
    struct outcome {
        std::set<format::stack_id> waited_at;
        bool gave_up = false;
    };

    void fail(const trace::event& e);
    void acquire(failure& last, const trace::event& e);
    void give_up(format::agent_id agent);

    std::unordered_map<std::uint32_t, failure>
        pending_;                                   // by agent: its last failed try, until it is known what came of it
    std::map<format::stack_id, outcome> outcomes_;  // by the stack of the try
};

}  // namespace interlock::detectors
