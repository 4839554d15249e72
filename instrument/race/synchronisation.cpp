// Each object that orders threads has a clock: what was known to those who released it (Lamport 1978; Mattern 1989). A shared lock
// has a second one for its readers, which only writers learn from; a barrier one for each of two phases in turn. Conditions have
// none: to be woken proves nothing that the mutex does not.
#include "instrument/race/synchronisation.hpp"

#include <pthread.h>

#include "instrument/race/access.hpp"
#include "instrument/race/atomics.hpp"
#include "instrument/race/report.hpp"
#include "instrument/race/runtime.hpp"
#include "instrument/race/sections.hpp"
#include "instrument/recorder/agent.hpp"

namespace interlock::race {
namespace {

using recorder::observation;

struct object_clock {
    recorder::spin_latch latch;
    std::uint32_t parties = 0;
    std::uint32_t arrivals = 0;
    access_entry begun{};     // its initialisation, 0: none that we saw
    access_entry used{};      // by whoever used it last
    clock_vector released;    // of a barrier: the even phases
    clock_vector by_readers;  // of a barrier: the odd phases
};

/// By object id, in segments; never shrinks.
struct object_table {
    static constexpr std::uint32_t segment_size = 4096;
    static constexpr std::uint32_t segment_count = 1u << 14;
    std::atomic<object_clock*> segments[segment_count] = {};
};
constinit object_table objects;

object_clock* clock_of_object(std::uint32_t object) noexcept {
    const std::uint32_t index = object / object_table::segment_size;
    if (index >= object_table::segment_count) return nullptr;
    std::atomic<object_clock*>& segment = objects.segments[index];
    object_clock* clocks = segment.load(std::memory_order_acquire);  // pairs with the exchange below
    if (clocks == nullptr) {
        auto* made = static_cast<object_clock*>(memory.allocate(object_table::segment_size * sizeof(object_clock)));
        if (made == nullptr) return nullptr;
        if (segment.compare_exchange_strong(clocks, made, std::memory_order_acq_rel))
            clocks = made;
        else
            memory.release(made, object_table::segment_size * sizeof(object_clock));
    }
    return &clocks[object % object_table::segment_size];
}

void acquire_object(thread& self, std::uint32_t object, bool shared) noexcept {
    object_clock* const clock = clock_of_object(object);
    if (clock == nullptr) return;
    const recorder::spin_guard guard(clock->latch);
    learn(self, clock->released, object);
    if (!shared && !clock->by_readers.empty()) {
        learn(self, clock->by_readers, object);
        clock->by_readers.clear();
        clock->released.join(self.known);  // readers after this writer learn of the readers before through it
    }
}

void release_object(thread& self, std::uint32_t object, bool shared) noexcept {
    object_clock* const clock = clock_of_object(object);
    if (clock != nullptr) {
        const recorder::spin_guard guard(clock->latch);
        (shared ? clock->by_readers : clock->released).join(self.known);
    }
    begin_epoch(self);
}

/// What the program does with an object itself: its initialisation and destruction are writes of it, a use is a read.
access_entry entry_of(thread& self, std::uintptr_t site) noexcept {
    constexpr std::uint64_t first_byte = 1;
    return {stamp_of(self.slot, self.clock) | first_byte, describe_bare(self, site), 0};
}
access_entry as_write(access_entry of) noexcept {
    of.stamp |= std::uint64_t{read_of(of.stamp)} << head_bits::written_shift;
    return of;
}
bool is_told_of(const thread& self, std::uintptr_t site) noexcept {
    return front.is_recording() && self.ignored == 0 && self.inside == 0 && is_instrumented(site);
}

/// Before anything is learnt by it.
void use_object(thread& self, recorder::agent& agent, std::uint32_t object, std::uintptr_t address,
                std::uintptr_t site) noexcept {
    object_clock* const clock = clock_of_object(object);
    if (clock == nullptr || !is_told_of(self, site)) return;
    const access_entry here = entry_of(self, site);
    access_entry begun;
    {
        const recorder::spin_guard guard(clock->latch);
        begun = clock->begun;
        clock->used = here;
    }
    if (begun.stamp != 0 && !is_ordered(self, begun.stamp)) report_race(self, address, here, as_write(begun), &agent);
}

void begin_object(thread& self, std::uint32_t object, std::uintptr_t site) noexcept {
    object_clock* const clock = clock_of_object(object);
    if (clock == nullptr || !is_told_of(self, site)) return;
    const recorder::spin_guard guard(clock->latch);
    clock->begun = entry_of(self, site);
}

void end_object(thread& self, recorder::agent& agent, std::uint32_t object, std::uintptr_t address,
                std::uintptr_t site) noexcept {
    object_clock* const clock = clock_of_object(object);
    if (clock == nullptr || !is_told_of(self, site)) return;
    access_entry used;
    {
        const recorder::spin_guard guard(clock->latch);
        used = clock->used;
        clock->used = {};
    }
    if (used.stamp != 0 && !is_ordered(self, used.stamp))
        report_race(self, address, as_write(entry_of(self, site)), used, &agent);
}

void arrive(thread& self, std::uint32_t object) noexcept {
    object_clock* const clock = clock_of_object(object);
    if (clock == nullptr) return;
    {
        const recorder::spin_guard guard(clock->latch);
        const std::uint32_t parties = clock->parties == 0 ? 1 : clock->parties;
        self.barrier_phase = static_cast<std::uint8_t>(clock->arrivals / parties % 2);
        clock_vector& phase = self.barrier_phase == 0 ? clock->released : clock->by_readers;
        if (clock->arrivals % parties == 0) phase.clear();  // who passed two phases ago has long learnt
        phase.join(self.known);
        ++clock->arrivals;
    }
    begin_epoch(self);
}

void pass(thread& self, std::uint32_t object) noexcept {
    object_clock* const clock = clock_of_object(object);
    if (clock == nullptr) return;
    const recorder::spin_guard guard(clock->latch);
    learn(self, self.barrier_phase == 0 ? clock->released : clock->by_readers, object);
}

void start_object(std::uint32_t object, std::uint32_t parties) noexcept {
    object_clock* const clock = clock_of_object(object);
    if (clock == nullptr) return;
    const recorder::spin_guard guard(clock->latch);
    clock->parties = parties;
    clock->arrivals = 0;
}

/// This thread is `what` from here on.
void become(thread* what, recorder::agent& agent) noexcept {
    front.self = what;
    if (what == nullptr) return;
    what->self = &agent;
    what->frames = front.base;
    what->stack_low = agent.stack_low;
    what->stack_top = agent.stack_top;
    what->held_valid = false;
    show(*what);
}

/// Another thread had this stack before, with its thread-local memory above: of that nothing is known any more.
void forget_stack(const thread& self) noexcept {
    constexpr std::uintptr_t descriptor_size = 2304;  // glibc 2.36's struct pthread, which ends the mapping
    constexpr std::uintptr_t near = std::uintptr_t{64} << 20;
    if (self.stack_low == 0) return;
    std::uintptr_t end = self.stack_top;
    const auto own = static_cast<std::uintptr_t>(pthread_self());
    if (own > end && own - end < near) end = (own + descriptor_size + 4095) & ~std::uintptr_t{4095};
    forget_range(self.stack_low & ~std::uintptr_t{4095}, end - (self.stack_low & ~std::uintptr_t{4095}));
}

void create(recorder::agent& agent, std::uint32_t born) noexcept {
    if (front.self == nullptr) {
        become(make_thread(nullptr, agent.id), agent);
        if (front.self == nullptr) return;
        runtime.looking.store(true, std::memory_order_release);
    }
    make_thread(front.self, format::agent_id{born});
    begin_epoch(*front.self);
}

void started(recorder::agent& agent) noexcept {
    if (front.self != nullptr || !runtime.looking.load(std::memory_order_acquire)) return;
    thread* known = find_thread(agent.id);
    become(known != nullptr ? known : make_thread(nullptr, agent.id), agent);
    if (front.self != nullptr) forget_stack(*front.self);
}

void ended(format::agent_id id) noexcept {
    thread* const gone = find_thread(id);
    if (gone == nullptr) return;
    forget_sections(*gone);
    end_thread(*gone);
    if (gone->detached) free_thread(*gone);
}

void joined(thread& self, format::agent_id id) noexcept {
    thread* const gone = find_thread(id);
    if (gone == nullptr || gone == &self) return;
    learn(self, gone->known, 0);
    if (gone->ended) free_thread(*gone);
}

void detached(format::agent_id id) noexcept {
    thread* const other = find_thread(id);
    if (other == nullptr) return;
    other->detached = true;
    if (other->ended) free_thread(*other);
}

/// A notification orders nothing, but it uses the condition's memory, which somebody may have freed or may free.
void notify(thread& self, std::uintptr_t address, std::uintptr_t site) noexcept {
    if (is_told_of(self, site)) access_range(address, 1, access_mode::atomic_read, site);
}

void signal(thread& self, std::uint32_t object, std::uintptr_t address, std::uintptr_t site) noexcept {
    switch (runtime.recorder->type_of(format::object_id{object})) {
        case format::object_type::condition: return notify(self, address, site);
        case format::object_type::barrier: return arrive(self, object);
        case format::object_type::static_guard: release_at(self, address); [[fallthrough]];
        default: return release_object(self, object, false);  // reason: all others hand on what their releaser knew
    }
}

void be_signalled(thread& self, std::uint32_t object) noexcept {
    switch (runtime.recorder->type_of(format::object_id{object})) {
        case format::object_type::condition: return;
        case format::object_type::barrier: return pass(self, object);
        default: return acquire_object(self, object, true);  // reason: all others hand on what their releaser knew
    }
}

void order(thread& self, recorder::agent& agent, observation what, std::uint32_t object, std::uint8_t flags,
           std::uintptr_t address, std::uintptr_t site) noexcept {
    const bool shared = (flags & format::lock_flags::shared) != 0;
    switch (what) {
        case observation::acquired:
            self.held_valid = false;
            if (self.ignored_order != 0) return;
            use_object(self, agent, object, address, site);
            acquire_object(self, object, shared);
            if (agent.held_count() == 1 && (flags & format::lock_flags::reentrant) == 0) begin_section(self, site);
            return;
        case observation::releasing:
            self.held_valid = false;
            if (self.ignored_order != 0) return;
            end_section(self, agent);
            use_object(self, agent, object, address, site);
            release_object(self, object, shared);
            return;
        case observation::signalling:
            self.held_valid = false;
            if (self.ignored_order != 0) return;
            use_object(self, agent, object, address, site);
            signal(self, object, address, site);
            return;
        case observation::signalled:
            self.held_valid = false;
            if (self.ignored_order == 0) be_signalled(self, object);
            return;
        case observation::requested:
        case observation::not_acquired:
        case observation::agent_creating:
        case observation::agent_started:
        case observation::agent_ended:
        case observation::agent_joined:
        case observation::agent_detached:
        case observation::object_begun:
        case observation::object_ended:
        case observation::handler_given:
        case observation::handler_entered:
        case observation::barrier_sized: return;
    }
}

/// What was done before a handler was installed comes before what it does.
std::uintptr_t clock_of_signal(std::uint32_t number) noexcept {
    static constinit std::uint64_t words[65] = {};
    return reinterpret_cast<std::uintptr_t>(&words[number % 65]);
}

}  // namespace

void observe(recorder::observation what, recorder::agent& agent, std::uint32_t object, std::uint8_t flags,
             std::uintptr_t address, std::size_t size) noexcept {
    if (runtime.mode == mode::off) return;
    switch (what) {
        case observation::agent_creating: return create(agent, object);
        case observation::agent_started: return started(agent);
        case observation::agent_ended: return ended(format::agent_id{object});
        case observation::agent_detached: return detached(format::agent_id{object});
        case observation::barrier_sized: return start_object(object, static_cast<std::uint32_t>(size));
        case observation::agent_joined:
            if (front.self != nullptr) joined(*front.self, format::agent_id{object});
            return;
        case observation::object_begun:
            if (front.self != nullptr) begin_object(*front.self, object, size);
            return;
        case observation::object_ended:
            if (front.self != nullptr) end_object(*front.self, agent, object, address, size);
            return;
        case observation::handler_given:
            if (front.self != nullptr) release_at(*front.self, clock_of_signal(object));
            return;
        case observation::handler_entered:
            if (front.self != nullptr) acquire_at(*front.self, clock_of_signal(object));
            return;
        case observation::requested:
        case observation::acquired:
        case observation::not_acquired:
        case observation::releasing:
        case observation::signalling:
        case observation::signalled:
            if (front.self != nullptr) order(*front.self, agent, what, object, flags, address, size);
            return;
    }
}

void begin_looking() noexcept {
    if (front.self != nullptr || runtime.recorder == nullptr || runtime.mode == mode::off) return;
    recorder::agent* const agent =
        runtime.recorder->enter(reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)));
    if (agent == nullptr) return;
    become(make_thread(nullptr, agent->id), *agent);
    runtime.looking.store(front.self != nullptr, std::memory_order_release);
    runtime.recorder->leave(*agent);
}

void forget_objects() noexcept {
    for (std::atomic<object_clock*>& segment : objects.segments) segment.store(nullptr, std::memory_order_relaxed);
}

}  // namespace interlock::race
