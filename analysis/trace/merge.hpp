// Many agents' runs of records into one linear trace. Fourth and last stop of a log's bytes.
//
// Simple model: at each step choose an agent whose next record may come now, and append it. A record may come when what orders it
// against other agents has come: the object's record with the number before (D1), the creation before the start, the exit
// before the join, the submission before the task's start, its finish before the wait. Kahn's topological sort, with edges
// that are implied by numbers and so never stored.
//
// The code differs: it stays with one agent for a batch; an agent that cannot go on is put in the sorted list of whatever
// it waits for and costs nothing until that comes; among those that can, a heap gives the one with the earliest time, so that
// the order is close to that of the clock. When nothing can go on and nothing more will come, the order is forced.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/trace/agent_stream.hpp"
#include "analysis/trace/id_table.hpp"
#include "analysis/trace/trace.hpp"

namespace interlock::trace {

/// What the merge does with a kind of record.
enum class treatment : std::uint8_t;

/// Thread-bound. Cost: a few nanoseconds a record; the list of one object's waiters is searched when an agent begins to wait.
class merge {
public:
    /// `tick_shift` of the log's header.
    explicit merge(std::uint32_t tick_shift) : tick_shift_(tick_shift) {}

    /// A new agent; its number is the count of agents before it.
    void add_agent(format::agent_id agent);
    std::vector<run>& runs_of(std::uint32_t agent_number) noexcept { return cursors_[agent_number].runs; }
    void raise_limit(std::size_t slots);

    /// Hands on all that can be ordered. With `last`, everything.
    /// Losses appended: what was forced. Contradiction: set once, by what could not be forced without one.
    void proceed(const log_file& file, bool last, const event_sink& sink, struct counts& counted,
                 std::vector<loss>& losses, std::optional<problem>& contradiction);

private:
    static constexpr std::uint32_t nobody = UINT32_MAX;

    enum class wait_for : std::uint8_t { nothing, number, creation, exit, submission, finish };
    static constexpr std::uint8_t bit(wait_for what) noexcept {
        return static_cast<std::uint8_t>(1u << static_cast<std::uint8_t>(what));
    }

    struct cursor {
        std::vector<run> runs;
        std::size_t at_run = 0;  // being read
        std::uint32_t slot = 0;  // next one in it
        std::uint32_t segment = 0;
        std::uint64_t ticks = 0;
        format::agent_id agent{};
        bool timed = false;
        bool entered = false;  // run began
        bool gap = false;      // since the last chunk began
        bool tell_held = false;
        bool queued = false;
        wait_for waits = wait_for::nothing;
        std::uint32_t waits_object = 0;  // object or agent
        std::uint32_t waits_sequence = 0;
        std::uint32_t next_waiter = nobody;
    };

    /// What orders the records of one object.
    struct object_order {
        std::uint32_t next = 1;          // number that may come
        std::uint32_t waiters = nobody;  // first cursor, lowest number first
        std::uint32_t holder = 0;        // agent_id that holds it exclusively
        std::uint32_t missing = 0;  // numbers that nobody has, known once the log has ended and the merge stood still
    };

    /// What orders an agent against others: bits by wait_for.
    struct agent_order {
        std::uint8_t done = 0;
        std::uint8_t pending = 0;  // will come, known as `missing` is
        std::uint32_t waiters = nobody;
    };

    enum class step_result : std::uint8_t { goes_on, waits, batch_full };

    struct ready {
        std::uint64_t ticks;
        std::uint32_t cursor;
        friend bool operator>(const ready& a, const ready& b) noexcept {
            return a.ticks != b.ticks ? a.ticks > b.ticks : a.cursor > b.cursor;
        }
    };

    void enter_run(cursor& c);
    bool advance(std::uint32_t number, const log_file& file);
    bool may_come(cursor& c, std::uint32_t number, const format::slot& lead, treatment how);
    bool number_may_come(cursor& c, std::uint32_t number, const format::slot& lead, treatment how);
    bool comes_next(const cursor& c, const format::slot& lead, treatment how) noexcept;
    step_result step(cursor& c, std::uint32_t number, const format::slot* slots, std::uint32_t size);
    bool agent_may_come(cursor& c, std::uint32_t number, std::uint32_t agent, wait_for what);
    void arrive(std::uint32_t agent, wait_for what);
    void wake_numbered(object_order& order);
    void track_holder(object_order& order, const cursor& c, const format::slot& lead, treatment how) noexcept;
    void push(std::uint32_t number);
    std::uint32_t pop();
    void flush(const event_sink& sink);
    std::uint64_t offset_of(const cursor& c) const noexcept;

    void survey(const log_file& file);
    bool force(const log_file& file, std::vector<loss>& losses, std::optional<problem>& contradiction);
    bool is_missing(const cursor& c);
    void release_by_force(cursor& c);
    std::string reason_to_wait(const cursor& c, bool missing);

    std::uint32_t tick_shift_;
    std::vector<cursor> cursors_;
    std::vector<ready> heap_;
    std::vector<event> batch_;
    std::uint32_t batched_ = 0;  // events of batch_ in use
    id_table<object_order> objects_;
    id_table<agent_order> agents_;
    struct counts* counted_ = nullptr;  // during proceed()
    bool surveyed_ = false;
    bool damaged_ = false;  // something is missing, so that a forced order is no contradiction
    std::uint64_t forced_ = 0;
    std::uint64_t repeated_ = 0;     // numbers that came again
    std::uint64_t repeated_at_ = 0;  // file offset of the last one
    std::uint64_t unexplained_ = 0;  // numbers missing that records in flight may explain
};

}  // namespace interlock::trace
