// What agents did with their time, from the events of one log of level `full`: how long each held what, and waited for what, and whose
// release ended the wait. Serves statistics and the timeline; knows no names.
//
// An agent waits for at most one thing at a time, so a wait is the event that begins it and the agent's next event that ends one of
// that object. Who ended it is whoever released, posted or notified the object last before: exact for locks, whose operations are
// numbered, the last of several for others.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "analysis/trace/event.hpp"
#include "analysis/trace/id_table.hpp"

namespace interlock::analysis {

enum class waiting_for : std::uint8_t {
    lock,
    condition,
    semaphore,
    barrier,
    latch,
    once,
    event,
    future,
    queue,
    end_of_agent
};

enum class wait_end : std::uint8_t { granted, gave_up, refused, unknown };

/// The release, post, notification or end that let a wait go on. `agent` none: not known.
struct release_mark {
    format::agent_id agent{};
    std::uint64_t ticks = 0;
    format::site_id acquired_at{};  // locks: where the hold that it ended began
};

struct hold_span {
    format::agent_id agent{};
    format::object_id object{};
    std::uint8_t flags = 0;  // lock_flags of the acquisition
    format::site_id site{};
    std::uint64_t begin = 0;  // ticks; 0: not known, it began where events are missing
    std::uint64_t end = 0;    // ticks; 0: it did not end as far as the log tells
    std::uint32_t lane = 0;   // no two holds of an agent at one time have the same; the lowest that was free
    bool waited = false;      // the acquisition ended a wait
    release_mark freed_by;    // what ended that wait
};

struct wait_span {
    format::agent_id agent{};
    waiting_for what = waiting_for::lock;
    std::uint32_t object = 0;  // object_id; agent_id of what is joined
    std::uint8_t flags = 0;
    format::site_id site{};
    std::uint64_t begin = 0;
    std::uint64_t end = 0;  // 0: it did not end as far as the log tells
    wait_end how = wait_end::unknown;
    release_mark freed_by;
    format::stack_id stack{};  // where it began, if more than the site is known
};

/// An acquisition of a lock, as it happens: a hold begins, or goes deeper.
struct acquisition {
    format::agent_id agent{};
    format::object_id object{};
    std::uint8_t flags = 0;
};

/// Thread-bound. Memory: what is held and waited for at one time, and a mark for each object.
class activity {
public:
    struct listener {
        std::function<void(const acquisition&)> acquired;
        std::function<void(const hold_span&)> held;    // when it has ended, or at finish()
        std::function<void(const wait_span&)> waited;  // the same
    };

    explicit activity(listener tell) : tell_{std::move(tell)} {}

    void raise_limit(std::size_t limit);
    void take(const trace::event& e);
    /// Tells what has not ended. Nothing may follow.
    void finish();

private:
    struct open_hold {
        hold_span span;
        std::uint32_t depth = 1;
    };
    struct agent_state {
        std::vector<open_hold> holds;
        wait_span wait;
        bool waits = false;
        std::uint32_t depth_before_wait = 1;  // of the mutex that a condition's wait released
    };

    void begin_wait(const trace::event& e, waiting_for what);
    void end_wait(const trace::event& e, waiting_for what, wait_end how);
    void acquire(const trace::event& e);
    void release(format::agent_id agent, const trace::event& e);
    void restore(const trace::event& e);
    void mark(const trace::event& e) { marks_[e.object] = {e.agent, e.ticks, {}}; }
    void lose(format::agent_id agent);
    bool take_lock(const trace::event& e);
    bool take_signal(const trace::event& e);
    static open_hold* find(agent_state& who, std::uint32_t object) noexcept;
    static std::uint32_t free_lane(const agent_state& who);

    listener tell_;
    std::map<format::agent_id, agent_state> agents_;
    trace::id_table<release_mark> marks_;  // by object
    trace::id_table<release_mark> ends_;   // by agent
};

}  // namespace interlock::analysis
