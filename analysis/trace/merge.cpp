#include "analysis/trace/merge.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <string>

#include "instrument/format/vocabulary.hpp"

namespace interlock::trace {

/// What the merge does with a kind.
enum class treatment : std::uint8_t {
    plain,
    numbered,
    acquire,  // numbered, and tells who holds
    release,
    creation,
    start,
    exit,
    join,
    submission,
    task_start,
    finish,
    task_wait,
    definition,
    time,
    held,
    loss,
    dependency,
};

namespace {

using format::event_kind;
using format::slot;

constexpr std::size_t batch_events = 256;
/// A batch goes on for so many events although another agent's next one is earlier: changing over costs more than an event.
constexpr std::size_t batch_events_min = 32;
constexpr std::uint32_t tick_shift_max = 40;

struct kind_plan {
    treatment how = treatment::plain;
    bool tell = true;  // handed on; records that only fill tables, or move the clock, are not
    bool ends_segment = false;
    bool sized_by_sequence = false;
    std::uint8_t slots = 1;
};

constexpr std::array<kind_plan, 256> plans = [] {
    std::array<kind_plan, 256> table{};
    for (std::size_t value = 0; value < table.size(); ++value) {
        const auto kind = static_cast<event_kind>(value);
        table[value].ends_segment = format::ends_segment(kind);
        table[value].slots = static_cast<std::uint8_t>(1 + format::traits_of_kinds[value].fixed_slots);
        table[value].sized_by_sequence = kind == event_kind::stack || kind == event_kind::string;
    }
    const auto set = [&](event_kind kind, treatment how) { table[static_cast<std::uint8_t>(kind)].how = how; };
    for (const event_kind kind : format::numbered_kinds) set(kind, treatment::numbered);
    for (const event_kind kind : {event_kind::dependency, event_kind::join_dependency})
        set(kind, treatment::dependency);
    for (const event_kind kind : {event_kind::site, event_kind::stack, event_kind::string, event_kind::held_set})
        set(kind, treatment::definition);
    set(event_kind::acquire, treatment::acquire);
    set(event_kind::release, treatment::release);
    set(event_kind::agent_create, treatment::creation);
    set(event_kind::agent_start, treatment::start);
    set(event_kind::agent_exit, treatment::exit);
    set(event_kind::agent_join, treatment::join);
    set(event_kind::task_submit, treatment::submission);
    set(event_kind::task_start, treatment::task_start);
    set(event_kind::task_finish, treatment::finish);
    set(event_kind::task_wait, treatment::task_wait);
    set(event_kind::time, treatment::time);
    set(event_kind::held, treatment::held);
    set(event_kind::loss, treatment::loss);
    for (kind_plan& plan : table) plan.tell = plan.how != treatment::definition && plan.how != treatment::time;
    return table;
}();

/// 0 means "not numbered", so the numbers step over it.
constexpr std::uint32_t after(std::uint32_t sequence) noexcept { return sequence + 1 == 0 ? 1 : sequence + 1; }

bool is_damage(loss_kind kind) noexcept { return kind != loss_kind::in_flight && kind != loss_kind::order_forced; }

}  // namespace

void merge::add_agent(format::agent_id agent) {
    cursors_.emplace_back();
    cursors_.back().agent = agent;
}

void merge::raise_limit(std::size_t slots) {
    objects_.raise_limit(slots);
    agents_.raise_limit(slots);
}

void merge::push(std::uint32_t number) {
    cursor& c = cursors_[number];
    if (c.queued) return;
    c.queued = true;
    c.waits = wait_for::nothing;
    heap_.push_back({c.ticks, number});
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>{});
}

std::uint32_t merge::pop() {
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>{});
    const std::uint32_t number = heap_.back().cursor;
    heap_.pop_back();
    cursors_[number].queued = false;
    return number;
}

void merge::flush(const event_sink& sink) {
    if (batched_ == 0) return;
    counted_->events += batched_;
    sink(std::span(batch_).first(batched_));
    batched_ = 0;
}

void merge::enter_run(cursor& c) {
    const run& r = c.runs[c.at_run];
    c.entered = true;
    c.gap = c.gap || r.gap;
    if (!r.new_chunk) return;
    c.ticks = r.base_ticks;
    c.timed = r.timed;
    c.segment = std::max(c.segment, r.segment);
    c.tell_held = c.gap;
    c.gap = false;
}

/// True: the batch is full and the agent can go on. False: it waits, or has no more records.
bool merge::advance(std::uint32_t number, const log_file& file) {
    cursor& c = cursors_[number];
    for (; c.at_run < c.runs.size(); ++c.at_run, c.slot = 0, c.entered = false) {
        if (!c.entered) enter_run(c);
        const run& r = c.runs[c.at_run];
        const auto* const slots = reinterpret_cast<const slot*>(file.at(r.offset));
        while (c.slot < r.slots) {
            const step_result result = step(c, number, slots + c.slot, r.slots - c.slot);
            if (result == step_result::waits) return false;
            if (result == step_result::batch_full) return true;
        }
    }
    c.runs.clear();
    c.at_run = 0;
    return false;
}

/// As many records as may come of the `size` slots at `slots`, until the batch is full.
merge::step_result merge::step(cursor& c, std::uint32_t number, const slot* const slots, const std::uint32_t size) {
    const std::uint32_t shift = tick_shift_ <= tick_shift_max ? tick_shift_ : 0;
    const std::uint64_t told_ticks_mask = c.timed ? ~std::uint64_t{0} : 0;
    std::uint32_t batched = batched_;
    std::uint32_t at = 0;
    std::uint64_t ticks = c.ticks;
    std::uint32_t segment = c.segment;
    std::uint64_t others = heap_.empty() ? UINT64_MAX : heap_.front().ticks;
    auto result = step_result::goes_on;
    while (at < size) {
        const slot& lead = slots[at];
        const event_kind kind = format::kind_of(lead);
        const kind_plan plan = plans[static_cast<std::uint8_t>(kind)];
        const std::uint64_t now = ticks + (std::uint64_t{format::ticks_of(lead)} << shift);
        bool tell = plan.tell;
        if (plan.how != treatment::plain && !comes_next(c, lead, plan.how)) {
            // The less usual ways; whoever they wake changes the heap.
            if (!may_come(c, number, lead, plan.how)) {
                result = step_result::waits;
                break;
            }
            others = heap_.empty() ? UINT64_MAX : heap_.front().ticks;
            if (plan.how == treatment::held) tell = c.tell_held;
        }
        std::uint32_t count = plan.slots;
        if (plan.sized_by_sequence)
            count = static_cast<std::uint32_t>(1 + format::continuation_slots(kind, format::sequence_of(lead)));
        count = std::min(count, size - at);  // somebody may have written to the file since it was checked
        ticks = plan.how == treatment::time ? format::operand_of(lead) : now;
        if (tell) {
            batch_[batched++] = {kind,
                                 format::flags_of(lead),
                                 c.agent,
                                 format::object_of(lead),
                                 format::sequence_of(lead),
                                 format::site_of(lead),
                                 segment,
                                 now & told_ticks_mask,
                                 {&lead + 1, count - 1}};
            segment += plan.ends_segment;
        }
        at += count;
        if (batched >= batch_events_min && (batched >= batch_events || others < now)) {
            result = step_result::batch_full;
            break;
        }
    }
    batched_ = batched;
    c.slot += at;
    c.ticks = ticks;
    c.segment = segment;
    return result;
}

inline void merge::track_holder(object_order& order, const cursor& c, const slot& lead, treatment how) noexcept {
    counted_->acquisitions += how == treatment::acquire;
    if ((format::flags_of(lead) & (format::lock_flags::shared | format::lock_flags::reentrant)) != 0) return;
    const std::uint32_t agent = format::number(c.agent);
    counted_->overlapping_acquisitions += how == treatment::acquire && order.holder != 0 && order.holder != agent;
    order.holder = how == treatment::acquire ? agent : 0;
}

/// The usual way: a numbered record that is the next of its object, with nobody waiting. True: it has come.
inline bool merge::comes_next(const cursor& c, const slot& lead, treatment how) noexcept {
    if (how > treatment::release) return false;
    object_order* const order = objects_.near(format::object_of(lead));
    const std::uint32_t sequence = format::sequence_of(lead);
    if (order == nullptr || sequence == 0 || order->next != sequence || order->waiters != nobody) return false;
    order->next = after(sequence);
    if (how != treatment::numbered) track_holder(*order, c, lead, how);
    return true;
}

/// Whether the record that `lead` begins may come now. True: it has come, as far as the order knows.
bool merge::may_come(cursor& c, std::uint32_t number, const slot& lead, treatment how) {
    const std::uint32_t object = format::object_of(lead);
    const auto agent = format::number(c.agent);
    switch (how) {
        case treatment::numbered:
        case treatment::acquire:
        case treatment::release: return number_may_come(c, number, lead, how);
        case treatment::creation: arrive(object, wait_for::creation); return true;
        case treatment::start: return object == 0 || agent_may_come(c, number, agent, wait_for::creation);
        case treatment::exit: arrive(agent, wait_for::exit); return true;
        case treatment::join: return agent_may_come(c, number, object, wait_for::exit);
        case treatment::submission: arrive(object, wait_for::submission); return true;
        case treatment::task_start: return agent_may_come(c, number, object, wait_for::submission);
        case treatment::finish: arrive(object, wait_for::finish); return true;
        case treatment::task_wait: return agent_may_come(c, number, object, wait_for::finish);
        case treatment::loss: c.gap = true; return true;
        case treatment::dependency: ++counted_->dependencies; return true;
        case treatment::plain:
        case treatment::definition:
        case treatment::time:
        case treatment::held: return true;
    }
    return true;
}

bool merge::number_may_come(cursor& c, std::uint32_t number, const slot& lead, treatment how) {
    const std::uint32_t sequence = format::sequence_of(lead);
    const std::uint32_t id = format::object_of(lead);
    if (sequence == 0) {  // not numbered
        counted_->acquisitions += how == treatment::acquire;
        return true;
    }
    object_order& order = objects_[id];
    if (sequence > order.next) {
        c.waits = wait_for::number;
        c.waits_object = id;
        c.waits_sequence = sequence;
        std::uint32_t* place = &order.waiters;
        while (*place != nobody && cursors_[*place].waits_sequence < sequence) place = &cursors_[*place].next_waiter;
        c.next_waiter = *place;
        *place = number;
        return false;
    }
    if (sequence == order.next) {
        order.next = after(sequence);
    } else {
        ++repeated_;
        repeated_at_ = offset_of(c);
    }
    if (how != treatment::numbered) track_holder(order, c, lead, how);
    if (order.waiters != nobody) wake_numbered(order);
    return true;
}

void merge::wake_numbered(object_order& order) {
    while (order.waiters != nobody && cursors_[order.waiters].waits_sequence <= order.next) {
        const std::uint32_t woken = order.waiters;
        order.waiters = cursors_[woken].next_waiter;
        push(woken);
    }
}

bool merge::agent_may_come(cursor& c, std::uint32_t number, std::uint32_t agent, wait_for what) {
    agent_order& order = agents_[agent];
    if ((order.done & bit(what)) != 0) return true;
    c.waits = what;
    c.waits_object = agent;
    c.next_waiter = order.waiters;
    order.waiters = number;
    return false;
}

void merge::arrive(std::uint32_t agent, wait_for what) {
    agent_order& order = agents_[agent];
    order.done = static_cast<std::uint8_t>(order.done | bit(what));
    std::uint32_t* place = &order.waiters;
    while (*place != nobody) {
        const std::uint32_t waiter = *place;
        if (cursors_[waiter].waits == what) {
            *place = cursors_[waiter].next_waiter;
            push(waiter);
        } else {
            place = &cursors_[waiter].next_waiter;
        }
    }
}

std::uint64_t merge::offset_of(const cursor& c) const noexcept {
    return c.at_run < c.runs.size() ? c.runs[c.at_run].offset + c.slot * sizeof(slot) : 0;
}

void merge::proceed(const log_file& file, bool last, const event_sink& sink, struct counts& counted,
                    std::vector<loss>& losses, std::optional<problem>& contradiction) {
    counted_ = &counted;
    batch_.resize(batch_events);
    for (std::uint32_t number = 0; number < cursors_.size(); ++number)
        if (cursors_[number].waits == wait_for::nothing && !cursors_[number].runs.empty()) push(number);
    surveyed_ = false;
    damaged_ = std::any_of(losses.begin(), losses.end(), [](const loss& l) { return is_damage(l.kind); });
    do {
        while (!heap_.empty()) {
            const std::uint32_t number = pop();
            const bool more = advance(number, file);
            flush(sink);
            if (more) push(number);
        }
    } while (last && force(file, losses, contradiction));
    if (repeated_ != 0 && forced_ == 0 && !damaged_ && !contradiction)
        contradiction = problem{file.path(), repeated_at_, "an operation's number comes twice for one object"};
    counted_ = nullptr;
}

}  // namespace interlock::trace
