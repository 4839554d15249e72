#include "instrument/recorder/order_graph.hpp"

#include <algorithm>

namespace interlock::recorder {

namespace {

constexpr std::uint32_t requests_max = 1u << 18;
constexpr std::uint32_t steps_max = 1u << 16;  // of one search

constexpr std::uint32_t bit(std::uint32_t index) noexcept { return 1u << index; }

}  // namespace

/// A node. Lists are intrusive: nothing here is ever freed.
struct order_graph::lock {
    format::object_id id{};
    std::uint32_t order = 0;
    std::uint32_t visited = 0;
    edge* out = nullptr;
    edge* in = nullptr;
    holder* holders = nullptr;
    lock* next = nullptr;  // of a list in the making
};

struct order_graph::edge {
    lock* held;
    lock* wanted;
    edge* next_out;
    edge* next_in;
    std::uint32_t asked_at;  // edge_count_ when it was last looked at
    bool in_order;
    bool in_cycle;
};

/// When a request was made: what was over by then.
struct order_graph::moment {
    order_clock past;
    std::uint32_t segment;
    format::agent_id run;  // the entry of the initialiser that it was made in; none: in none
    moment* later;

    /// Whether it was over, being of `agent`, at a moment with that past.
    bool is_in(const order_clock& of, format::agent_id agent) const noexcept {
        return of.at(agent) >= segment || (run != format::agent_id::none && of.at(run) >= segment);
    }
};

struct order_graph::known_request {
    order_side* by;
    lock* wanted;
    moment* first;
    moment* last;
    std::uintptr_t site;
    std::uint32_t held_count;
    std::uint32_t held_shared;
    std::uint32_t guards_only;
    bool wanted_shared;
    lock* held[order_request::held_max];

    bool is_shared(std::uint32_t index) const noexcept { return (held_shared & bit(index)) != 0; }
    bool is_guard_only(std::uint32_t index) const noexcept { return (guards_only & bit(index)) != 0; }
    std::uint32_t find(const lock* what) const noexcept {
        std::uint32_t i = 0;
        while (i < held_count && held[i] != what) ++i;
        return i;
    }
    bool holds(const lock* what) const noexcept { return find(what) != held_count; }
};

/// One entry in the list of those who made requests while holding a lock.
struct order_graph::holder {
    known_request* request;
    holder* next;
    std::uint32_t index;  // of the lock in request->held
};

order_graph::lock* order_graph::lock_of(format::object_id id) noexcept {
    hash_numbers::entry* entry = locks_.insert(mixed(format::number(id)));
    if (entry == nullptr) return nullptr;
    auto* found = pointer_in<lock>(*entry);
    if (found == nullptr && (found = memory_.make<lock>()) != nullptr) {
        found->id = id;
        found->order = ++lock_count_;
        put_pointer(*entry, found);
    }
    return found;
}

// -- the topological order ----------------------------------------------------------------------------------------------------------

/// Whether `target` is reached from `from` by edges that are in order, or, with order_max all ones, by any. What was reached lies before it in the
/// order is listed in `reached`. Without recursion: the list is the work to do.
bool order_graph::visit_forward(lock& from, const lock& target, std::uint32_t order_max, lock*& reached) noexcept {
    const bool any = order_max == ~0u;
    ++visit_;
    from.visited = visit_;
    from.next = nullptr;
    reached = &from;
    lock* last = &from;
    for (lock* at = &from; at != nullptr; at = at->next) {
        for (const edge* e = at->out; e != nullptr; e = e->next_out) {
            if (!any && !e->in_order) continue;
            if (e->wanted == &target) return true;
            if (e->wanted->visited == visit_ || (!any && e->wanted->order > order_max)) continue;
            e->wanted->visited = visit_;
            e->wanted->next = nullptr;
            last->next = e->wanted;
            last = e->wanted;
        }
    }
    return false;
}

/// Moves what leads to `held` before all that is listed in `behind`, within the places that both have.
void order_graph::reorder(lock* behind, lock& held, std::uint32_t order_min) noexcept {
    ++visit_;
    held.visited = visit_;
    held.next = nullptr;
    lock* last = &held;
    std::uint32_t count = 0;
    for (lock* at = &held; at != nullptr; at = at->next) {
        ++count;
        for (const edge* e = at->in; e != nullptr; e = e->next_in) {
            if (!e->in_order || e->held->visited == visit_ || e->held->order < order_min) continue;
            e->held->visited = visit_;
            e->held->next = nullptr;
            last->next = e->held;
            last = e->held;
        }
    }
    const std::uint32_t before = count;
    for (const lock* at = behind; at != nullptr; at = at->next) ++count;
    const std::size_t size = count * sizeof(lock*);  // NOLINT(bugprone-sizeof-expression): pointers are what it lists
    auto** all = static_cast<lock**>(memory_.allocate(size));
    auto* places = static_cast<std::uint32_t*>(memory_.allocate(count * sizeof(std::uint32_t)));
    if (all == nullptr || places == nullptr) {
        lost_ = true;
        return;
    }
    std::uint32_t i = 0;
    for (lock* at = &held; at != nullptr; at = at->next) all[i++] = at;
    for (lock* at = behind; at != nullptr; at = at->next) all[i++] = at;
    for (i = 0; i < count; ++i) places[i] = all[i]->order;
    const auto earlier = [](const lock* a, const lock* b) { return a->order < b->order; };
    std::sort(all, all + before, earlier);
    std::sort(all + before, all + count, earlier);
    std::sort(places, places + count);
    for (i = 0; i < count; ++i) all[i]->order = places[i];
    memory_.release(all, size);
    memory_.release(places, count * sizeof(std::uint32_t));
}

/// Whether a new edge finds its place in the order, which is changed for it.
bool order_graph::insert(lock& held, lock& wanted) noexcept {
    if (held.order < wanted.order) return true;
    lock* behind = nullptr;
    const std::uint32_t order_min = wanted.order;
    if (visit_forward(wanted, held, held.order, behind)) return false;
    reorder(behind, held, order_min);
    return true;
}

order_graph::edge* order_graph::edge_of(lock& held, lock& wanted) noexcept {
    hash_numbers::entry* entry =
        edges_.insert(mixed(std::uint64_t{format::number(held.id)} << 32 | format::number(wanted.id)));
    if (entry == nullptr) return nullptr;
    auto* found = pointer_in<edge>(*entry);
    if (found != nullptr) return found;
    found = memory_.make<edge>();
    if (found == nullptr) return nullptr;
    put_pointer(*entry, found);
    *found = {&held, &wanted, held.out, wanted.in, 0, insert(held, wanted), false};
    held.out = wanted.in = found;
    cyclic_ = cyclic_ || !found->in_order;
    ++edge_count_;
    return found;
}

bool order_graph::is_in_cycle(edge& of) noexcept {
    if (!cyclic_ || of.in_cycle || of.asked_at == edge_count_) return of.in_cycle;
    lock* reached = nullptr;
    of.asked_at = edge_count_;
    return of.in_cycle = visit_forward(*of.wanted, *of.held, ~0u, reached);
}

// -- cycles of requests -------------------------------------------------------------------------------------------------------------------

/// A side as far as it is chosen: who, when, and whom to try next.
struct order_graph::pick {
    const known_request* request;
    const moment* when;
    const holder* from;  // where `request` was found
};

/// All ways on from one request, shortest cycles first. Depth by depth, with the picks as the stack.
class order_graph::search {
public:
    search(const known_request& first, const moment& when) noexcept { picks_[0] = {&first, &when, nullptr}; }

    bool find(order_cycle& found) noexcept {
        for (std::uint32_t limit = 2; limit <= order_cycle::sides_max; ++limit) {
            if (!find(limit)) continue;
            found.size = limit;
            for (std::uint32_t i = 0; i < limit; ++i) {
                const known_request& r = *picks_[i].request;
                found.sides[i] = {r.by, picks_[i == 0 ? limit - 1 : i - 1].request->wanted->id, r.wanted->id, r.site};
            }
            return true;
        }
        return false;
    }
    bool is_cut() const noexcept { return steps_ >= steps_max; }

private:
    bool find(std::uint32_t limit) noexcept {
        std::uint32_t depth = 1;
        picks_[1] = {nullptr, nullptr, picks_[0].request->wanted->holders};
        for (;;) {
            if (!advance(picks_[depth], depth, limit)) {
                if (--depth == 0) return false;
                continue;
            }
            if (depth + 1 == limit) return true;
            ++depth;
            picks_[depth] = {nullptr, nullptr, picks_[depth - 1].request->wanted->holders};
        }
    }

    /// The next request, or moment of it, that fits what was picked before.
    bool advance(pick& at, std::uint32_t depth, std::uint32_t limit) noexcept {
        if (at.request != nullptr) at.when = fitting(at.when->later, *at.request, depth);
        while (at.when == nullptr) {
            if (at.request != nullptr) at.from = at.from->next;
            for (; at.from != nullptr && !fits(*at.from, depth, limit); at.from = at.from->next)
                if (++steps_ >= steps_max) return false;
            if (at.from == nullptr || ++steps_ >= steps_max) return false;
            at.request = at.from->request;
            at.when = fitting(at.request->first, *at.request, depth);
        }
        return true;
    }

    /// Whether a request can be the side at `depth`, whenever it was made.
    bool fits(const holder& from, std::uint32_t depth, std::uint32_t limit) const noexcept {
        const known_request& next = *from.request;
        const known_request& last = *picks_[depth - 1].request;
        const known_request& first = *picks_[0].request;
        if (next.is_guard_only(from.index) || (last.wanted_shared && next.is_shared(from.index))) return false;
        const std::uint32_t closing = first.find(next.wanted);
        const bool closes = closing != first.held_count;
        if (closes != (depth + 1 == limit)) return false;
        if (closes && (first.is_guard_only(closing) || (next.wanted_shared && first.is_shared(closing)))) return false;
        for (std::uint32_t i = 0; i < depth; ++i) {
            const known_request& side = *picks_[i].request;
            // An agent that holds two locks of the cycle makes a shorter one.
            if (side.by == next.by || side.wanted == next.wanted || (i + 1 < depth && next.holds(side.wanted)) ||
                (i != 0 && side.holds(next.wanted)) || has_guard(side, next))
                return false;
        }
        return true;
    }

    /// Some lock that both hold, in modes that exclude each other.
    static bool has_guard(const known_request& a, const known_request& b) noexcept {
        for (std::uint32_t i = 0; i < a.held_count; ++i) {
            const std::uint32_t j = b.find(a.held[i]);
            if (j != b.held_count && !(a.is_shared(i) && b.is_shared(j))) return true;
        }
        return false;
    }

    /// The first moment from `at` on that nothing orders against those picked.
    const moment* fitting(const moment* at, const known_request& of, std::uint32_t depth) noexcept {
        for (; at != nullptr; at = at->later) {
            if (++steps_ >= steps_max) return nullptr;
            bool unordered = true;
            for (std::uint32_t i = 0; i < depth && unordered; ++i) {
                const pick& side = picks_[i];
                unordered = !at->is_in(side.when->past, of.by->id) && !side.when->is_in(at->past, side.request->by->id);
            }
            if (unordered) return at;
        }
        return nullptr;
    }

    pick picks_[order_cycle::sides_max + 1] = {};
    std::uint32_t steps_ = 0;
};

/// The request as it is kept; new, it is entered. `may_close`: some edge of it is in a cycle of locks.
order_graph::known_request* order_graph::known(const order_request& what, order_side& by, bool& may_close) noexcept {
    lock* held[order_request::held_max];
    lock* wanted = lock_of(what.wanted);
    std::uint64_t key = mixed(format::number(what.agent) | std::uint64_t{format::number(what.wanted)} << 32);
    if (wanted == nullptr) return nullptr;
    for (std::uint32_t i = 0; i < what.held_count; ++i) {
        held[i] = lock_of(what.held[i]);
        if (held[i] == nullptr) return nullptr;
        key = mixed(key ^ format::number(what.held[i]) ^ std::uint64_t{what.held_shared >> i & 1u} << 32);
        if ((what.guards_only & bit(i)) != 0) continue;
        edge* e = edge_of(*held[i], *wanted);
        if (e == nullptr) return nullptr;
        may_close = is_in_cycle(*e) || may_close;
    }
    hash_numbers::entry* entry = known_.insert(mixed(key ^ static_cast<std::uint64_t>(what.wanted_shared)));
    if (entry == nullptr) return nullptr;
    auto* found = pointer_in<known_request>(*entry);
    if (found != nullptr) return found;
    if (requests_ == requests_max || (found = memory_.make<known_request>()) == nullptr) return nullptr;
    ++requests_;
    found->by = &by;
    found->wanted = wanted;
    found->site = what.site;
    found->held_count = what.held_count;
    found->held_shared = what.held_shared;
    found->guards_only = what.guards_only;
    found->wanted_shared = what.wanted_shared;
    for (std::uint32_t i = 0; i < what.held_count; ++i) {
        found->held[i] = held[i];
        auto* listed = memory_.make<holder>();
        if (listed == nullptr) return nullptr;
        *listed = {found, held[i]->holders, i};
        held[i]->holders = listed;
    }
    put_pointer(*entry, found);
    return found;
}

bool order_graph::request(const order_request& what, order_cycle& found) noexcept {
    found.size = 0;
    order_side* by = past_.side(what.agent);
    bool may_close = false;
    known_request* made = by == nullptr ? nullptr : known(what, *by, may_close);
    if (made == nullptr) {
        lost_ = true;
        return false;
    }
    // Made again in one segment it could be pending at no other times than before.
    if (made->last != nullptr && made->last->segment == by->segment) return false;
    auto* now = memory_.make<moment>();
    if (now == nullptr) {
        lost_ = true;
        return false;
    }
    *now = {by->past, by->segment, by->run == nullptr ? format::agent_id::none : by->run->entry, nullptr};
    by->requested = true;
    if (by->run != nullptr) by->run->requested = true;
    (made->last != nullptr ? made->last->later : made->first) = now;
    made->last = now;
    made->site = what.site;
    if (!may_close || is_exhausted()) return false;
    search from{*made, *now};
    return from.find(found);
}

void order_graph::reset() noexcept {
    past_.reset();
    locks_ = edges_ = known_ = {};
    lock_count_ = edge_count_ = requests_ = visit_ = 0;
    cyclic_ = lost_ = false;
}

std::uint64_t order_cycle::key() const noexcept {
    std::uint64_t sum = size;
    for (std::uint32_t i = 0; i < size; ++i)
        sum += mixed(std::uint64_t{format::number(sides[i].kept)} << 32 | format::number(sides[i].wanted));
    return mixed(sum);
}

}  // namespace interlock::recorder
