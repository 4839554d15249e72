#include "instrument/recorder/order_past.hpp"

namespace interlock::recorder {

using format::agent_id;
using format::event_kind;

namespace {

constexpr std::uint32_t phases_kept =
    8;  // of a barrier: who is slower to pass than that many phases cannot be followed

}  // namespace

struct order_past::barrier {
    std::uint32_t current = 1;
    order_clock arrived[phases_kept];  // of phase n at n modulo phases_kept
    std::uint32_t phase[phases_kept] = {};
};

struct order_past::event {
    agent_id setter{};
    order_clock setter_past;
    bool several = false;
};

/// What whoever passes the flag goes on after.
struct order_past::initialised {
    agent_id entry{};  // none: nothing was requested inside
    std::uint32_t segment = 0;
    order_clock learnt;
};

order_side* order_past::side(agent_id agent) noexcept {
    hash_numbers::entry* entry = sides_.insert(mixed(format::number(agent)));
    if (entry == nullptr) return nullptr;
    auto* found = pointer_in<order_side>(*entry);
    if (found == nullptr && (found = memory_.make<order_side>()) != nullptr) {
        found->id = agent;  // the arena does not construct
        found->segment = 1;
        put_pointer(*entry, found);
    }
    return found;
}

template <typename T>
T* order_past::thing(event_kind kind, std::uint32_t object, bool make) noexcept {
    const std::uint64_t key = mixed(std::uint64_t{static_cast<std::uint8_t>(kind)} << 32 | object);
    hash_numbers::entry* entry = make ? things_.insert(key) : things_.find(key);
    if (entry == nullptr) {
        lost_ = lost_ || make;
        return nullptr;
    }
    auto* found = pointer_in<T>(*entry);
    if (found == nullptr && make) {
        found = memory_.make<T>();
        if (found == nullptr)
            lost_ = true;
        else
            *found = T{};
        put_pointer(*entry, found);
    }
    return found;
}

/// What is over once `of` has come here, its own part included; its segment ends.
order_clock order_past::past_of(order_side& of) noexcept {
    if (of.requested) {
        of.past = clocks_.raised(of.past, of.id, of.segment++);
        of.requested = false;
    }
    return of.past;
}

void order_past::learn(agent_id agent, order_clock what) noexcept {
    if (what.root == nullptr) return;
    if (order_side* self = side(agent))
        self->past = clocks_.joined(self->past, what);
    else
        lost_ = true;
}

void order_past::publish(agent_id agent, event_kind kind, std::uint32_t object) noexcept {
    order_side* self = side(agent);
    lost_ = lost_ || self == nullptr;
    if (self == nullptr) return;
    const order_clock past = past_of(*self);
    if (past.root == nullptr) return;
    if (auto* published = thing<order_clock>(kind, object, true)) *published = clocks_.joined(*published, past);
}

void order_past::observe(agent_id agent, event_kind kind, std::uint32_t object) noexcept {
    if (const auto* published = thing<order_clock>(kind, object, false)) learn(agent, *published);
}

void order_past::arrive(agent_id agent, std::uint32_t object) noexcept {
    order_side* self = side(agent);
    auto* at = thing<barrier>(event_kind::barrier_arrive, object, true);
    hash_numbers::entry* of_agent = things_.insert(mixed(mixed(object) ^ format::number(agent)));
    if (self == nullptr || at == nullptr || of_agent == nullptr) {
        lost_ = true;
        return;
    }
    const std::uint32_t slot = at->current % phases_kept;
    if (at->phase[slot] != at->current) at->arrived[slot] = {};
    at->phase[slot] = at->current;
    at->arrived[slot] = clocks_.joined(at->arrived[slot], past_of(*self));
    of_agent->third = at->current;
}

void order_past::pass(agent_id agent, std::uint32_t object) noexcept {
    auto* at = thing<barrier>(event_kind::barrier_arrive, object, false);
    hash_numbers::entry* of_agent = things_.find(mixed(mixed(object) ^ format::number(agent)));
    if (at == nullptr || of_agent == nullptr || of_agent->third == 0) {
        // It arrived before anybody looked: it may go on after whoever was there.
        for (std::uint32_t slot = 0; at != nullptr && slot < phases_kept; ++slot) learn(agent, at->arrived[slot]);
        return;
    }
    const std::uint32_t passed = of_agent->third;
    of_agent->third = 0;
    // The first to pass ends the phase: whoever arrives from now on belongs to the next.
    if (passed == at->current) ++at->current;
    if (at->phase[passed % phases_kept] == passed)
        learn(agent, at->arrived[passed % phases_kept]);
    else
        lost_ = true;
}

/// Several setters order nothing, since any one of them would have sufficed.
void order_past::set(agent_id agent, std::uint32_t object) noexcept {
    order_side* self = side(agent);
    auto* at = thing<event>(event_kind::event_set, object, true);
    if (self == nullptr || at == nullptr) {
        lost_ = true;
        return;
    }
    const order_clock past = past_of(*self);
    if (at->setter == agent_id::none) {
        at->setter = agent;
        at->setter_past = past;
    } else if (at->setter != agent) {
        at->several = true;
    }
}

void order_past::begin_initialiser(agent_id agent, std::uint32_t once) noexcept {
    // Agents are numbered from below and never come so far.
    constexpr std::uint32_t first_entry = 0x8000'0000U;
    order_side* self = side(agent);
    auto* run = memory_.make<open_run>();
    if (self == nullptr || run == nullptr) {
        lost_ = true;
        return;
    }
    *run = {once, agent_id{first_entry | ++runs_}, false, self->past, self->run};
    self->run = run;
}

/// Precondition: `ended` is the innermost that the agent runs.
void order_past::end_run(order_side& self, open_run& ended, bool done) noexcept {
    self.run = ended.outer;
    const std::uint32_t last = self.requested ? self.segment : self.segment - 1;  // that has requests
    if (ended.requested && self.run != nullptr) self.past = clocks_.raised(self.past, ended.entry, last);
    if (done) {
        order_clock learnt;
        // What others know of this agent is no news from inside: it includes what came before.
        if (self.past.root != ended.before.root)
            learnt = clocks_.beyond(self.past, clocks_.raised(ended.before, self.id, ~std::uint32_t{0}));
        if (ended.requested || learnt.root != nullptr)
            if (auto* made = thing<initialised>(event_kind::once_pass, ended.once, true))
                *made = {ended.requested ? ended.entry : agent_id::none, last, learnt};
    }
    memory_.release(&ended, sizeof ended);
}

void order_past::end_initialiser(agent_id agent, std::uint32_t once, bool done) noexcept {
    order_side* self = side(agent);
    open_run* found = self == nullptr ? nullptr : self->run;
    while (found != nullptr && found->once != once) found = found->outer;
    while (found != nullptr && self->run != found) end_run(*self, *self->run, false);
    if (found != nullptr) end_run(*self, *found, done);
    if (done) publish(agent, event_kind::once_done, once);
}

void order_past::pass_once(agent_id agent, std::uint32_t once) noexcept {
    const auto* what = thing<initialised>(event_kind::once_pass, once, false);
    if (what == nullptr) return;
    learn(agent,
          what->entry == agent_id::none ? what->learnt : clocks_.raised(what->learnt, what->entry, what->segment));
}

void order_past::step(agent_id agent, event_kind what, std::uint32_t object) noexcept {
    switch (what) {
        case event_kind::agent_create:
        case event_kind::task_submit:
        case event_kind::task_finish:
        case event_kind::latch_count_down: return publish(agent, what, object);
        case event_kind::agent_start: return observe(agent, event_kind::agent_create, format::number(agent));
        case event_kind::agent_join:
            if (order_side* gone = side(agent_id{object})) learn(agent, past_of(*gone));
            return;
        case event_kind::task_start:
            observe(agent, event_kind::task_submit, object);
            if (agent_id{object} != agent) observe(agent_id{object}, event_kind::task_submit, object);
            return;
        case event_kind::task_wait: return observe(agent, event_kind::task_finish, object);
        case event_kind::barrier_arrive:
        case event_kind::barrier_drop: return arrive(agent, object);
        case event_kind::barrier_complete: return pass(agent, object);
        case event_kind::latch_pass: return observe(agent, event_kind::latch_count_down, object);
        case event_kind::once_begin: return begin_initialiser(agent, object);
        case event_kind::once_done:
        case event_kind::once_abort: return end_initialiser(agent, object, what == event_kind::once_done);
        case event_kind::once_pass: return pass_once(agent, object);
        case event_kind::future_set:
        case event_kind::future_abandon: return publish(agent, event_kind::once_done, object);
        // The value of a std::future is set as the work of a once flag, which is all that is seen of its setting.
        case event_kind::future_get: return observe(agent, event_kind::once_done, object);
        case event_kind::event_set: return set(agent, object);
        case event_kind::event_reset:
            if (auto* at = thing<event>(event_kind::event_set, object, false)) *at = {};
            return;
        case event_kind::event_pass:
            if (const auto* at = thing<event>(event_kind::event_set, object, false); at != nullptr && !at->several)
                learn(agent, at->setter_past);
            return;
        default: return;  // reason: all other kinds order nobody
    }
}

void order_past::reset() noexcept {
    clocks_.reset();
    sides_ = {};
    things_ = {};
    runs_ = 0;
    lost_ = false;
}

}  // namespace interlock::recorder
