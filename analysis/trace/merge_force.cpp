// What the merge does when nothing can go on and nothing more will come: find out what is missing, and choose.
#include <algorithm>
#include <string>

#include "analysis/trace/merge.hpp"
#include "instrument/format/vocabulary.hpp"

namespace interlock::trace {
namespace {

using format::event_kind;
using format::slot;

constexpr std::size_t forced_told_max = 1000;

/// The numbers of one object that are still to come.
struct tally {
    std::uint32_t count = 0;
    std::uint32_t greatest = 0;
};

}  // namespace

/// Looks through all that is left, once: which numbers and which agents' steps will still come. Cost: linear in what is left.
void merge::survey(const log_file& file) {
    surveyed_ = true;
    id_table<tally> tallies;
    tallies.raise_limit(file.size() / sizeof(slot));
    agents_.for_each_mutable([](agent_order& order) { order.pending = 0; });
    for (const cursor& c : cursors_) {
        std::uint32_t from = c.slot;
        for (std::size_t at = c.at_run; at < c.runs.size(); ++at, from = 0) {
            const run& r = c.runs[at];
            const auto* const slots = reinterpret_cast<const slot*>(file.at(r.offset));
            for (std::uint32_t i = from; i < r.slots;) {
                const slot& lead = slots[i];
                const event_kind kind = format::kind_of(lead);
                const std::uint32_t object = format::object_of(lead);
                const std::uint32_t sequence = format::sequence_of(lead);
                if (format::is_numbered(kind) && sequence != 0) {
                    tally& t = tallies[object];
                    ++t.count;
                    t.greatest = std::max(t.greatest, sequence);
                }
                if (kind == event_kind::agent_create) agents_[object].pending |= bit(wait_for::creation);
                if (kind == event_kind::agent_exit) agents_[format::number(c.agent)].pending |= bit(wait_for::exit);
                if (kind == event_kind::task_submit) agents_[object].pending |= bit(wait_for::submission);
                if (kind == event_kind::task_finish) agents_[object].pending |= bit(wait_for::finish);
                i += static_cast<std::uint32_t>(1 + format::continuation_slots(kind, sequence));
            }
        }
    }
    tallies.for_each([&](std::uint32_t id, const tally& t) {
        if (t.count == 0) return;
        object_order& order = objects_[id];
        const std::uint32_t expected = t.greatest >= order.next ? t.greatest - order.next + 1 : 0;
        order.missing = expected > t.count ? expected - t.count : 0;
    });
}

/// Whether what `c` waits for is nowhere in the log.
bool merge::is_missing(const cursor& c) {
    if (c.waits != wait_for::number) return (agents_[c.waits_object].pending & bit(c.waits)) == 0;
    const object_order& order = objects_[c.waits_object];
    return c.waits_sequence - order.next <= order.missing;
}

/// Lets one waiting agent go on. False: none waits.
bool merge::force(const log_file& file, std::vector<loss>& losses, std::optional<problem>& contradiction) {
    if (!surveyed_) survey(file);
    std::uint32_t best = nobody;
    bool best_missing = false;
    for (std::uint32_t number = 0; number < cursors_.size(); ++number) {
        const cursor& c = cursors_[number];
        if (c.waits == wait_for::nothing) continue;
        const bool missing = is_missing(c);
        if (best == nobody || missing > best_missing || (missing == best_missing && c.ticks < cursors_[best].ticks)) {
            best = number;
            best_missing = missing;
        }
    }
    if (best == nobody) return false;

    cursor& c = cursors_[best];
    loss_kind told = loss_kind::order_forced;
    if (!damaged_ && best_missing && (c.waits == wait_for::number || c.waits == wait_for::exit)) {
        // An agent that did not end may have drawn a number, or ended, without having finished its record of it.
        const auto unfinished =
            static_cast<std::uint64_t>(std::count_if(cursors_.begin(), cursors_.end(), [&](const cursor& other) {
                const agent_order& order = agents_[format::number(other.agent)];
                return ((order.done | order.pending) & bit(wait_for::exit)) == 0;
            }));
        unexplained_ += c.waits == wait_for::number ? c.waits_sequence - objects_[c.waits_object].next : 1;
        if (unexplained_ <= unfinished) told = loss_kind::in_flight;
    }
    if (!damaged_ && told == loss_kind::order_forced && !contradiction)
        contradiction = problem{file.path(), offset_of(c), reason_to_wait(c, best_missing)};
    if (++forced_ <= forced_told_max)
        losses.push_back({.kind = told,
                          .agent = c.agent,
                          .object = format::object_id{c.waits == wait_for::number ? c.waits_object : 0},
                          .offset = offset_of(c)});
    release_by_force(c);
    return true;
}

std::string merge::reason_to_wait(const cursor& c, bool missing) {
    const std::string agent = "agent " + std::to_string(format::number(c.agent));
    const std::string other = std::to_string(c.waits_object);
    const std::string fact = missing ? ", which is not in the log" : ", which waits for it in turn";
    switch (c.waits) {
        case wait_for::number:
            return agent + "'s operation " + std::to_string(c.waits_sequence) + " on object " + other +
                   " comes after operation " + std::to_string(objects_[c.waits_object].next) + fact;
        case wait_for::creation: return agent + " starts after its creation" + fact;
        case wait_for::exit: return agent + " joins agent " + other + " after its exit" + fact;
        case wait_for::submission: return "task " + other + " starts after its submission" + fact;
        case wait_for::finish: return agent + " has waited for the end of task " + other + fact;
        case wait_for::nothing: break;
    }
    return {};
}

void merge::release_by_force(cursor& c) {
    if (c.waits != wait_for::number) {
        arrive(c.waits_object, c.waits);
        return;
    }
    object_order& order = objects_[c.waits_object];
    const std::uint32_t gap = c.waits_sequence - order.next;
    order.missing -= std::min(order.missing, gap);
    order.next = c.waits_sequence;
    wake_numbered(order);
}

}  // namespace interlock::trace
