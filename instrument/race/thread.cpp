#include "instrument/race/thread.hpp"

#include <sys/mman.h>

#include "instrument/race/runtime.hpp"
#include "instrument/recorder/agent.hpp"
#include "instrument/recorder/own_mappings.hpp"

namespace interlock::race {

constinit thread_local thread_front front;
constinit runtime_state runtime;
constinit std::uint32_t clock_limit = clock_max - 2;

namespace {

/// Who had a slot from which clock on.
struct tenancy {
    std::uint32_t first_clock;
    format::agent_id agent;
    std::uint32_t task;  // of one that ended
    std::uint32_t name;  // in `names`; 0: none
};

struct slot_info {
    std::uint32_t last_clock = 0;  // of whoever had it last
    std::uint32_t ended = 0;       // order in which slots were left; 0: in use or never used
    tenancy* tenancies = nullptr;
    std::uint32_t count = 0;
    std::uint32_t capacity = 0;
};

struct slot_table {
    recorder::spin_latch latch;
    slot_info slots[slots_max];
    std::uint32_t used = 1;  // slot 0 is nobody's
    std::uint32_t endings = 0;
    std::uint32_t forced = 0;
    thread* threads = nullptr;
};
constinit slot_table table;
constinit pair_table names{1u << 16};  // of threads that ended: sixteen bytes each

constexpr std::size_t frames_max = 128 * 1024;  // 2 MiB, real where used
constexpr std::size_t outer_frames = 1;

bool add_tenancy(slot_info& of, std::uint32_t first_clock, format::agent_id agent) noexcept {
    if (of.count == of.capacity) {
        const std::uint32_t capacity = of.capacity == 0 ? 2 : of.capacity * 2;
        auto* tenancies = static_cast<tenancy*>(memory.allocate(capacity * sizeof(tenancy)));
        if (tenancies == nullptr) return false;
        if (of.count != 0) std::memcpy(tenancies, of.tenancies, of.count * sizeof(tenancy));
        if (of.tenancies != nullptr) memory.release(of.tenancies, of.capacity * sizeof(tenancy));
        of.tenancies = tenancies;
        of.capacity = capacity;
    }
    of.tenancies[of.count++] = {first_clock, agent, 0, 0};
    return true;
}

/// The lowest slot that was left and whose past `known` covers; else a new one; else the one left first.
std::uint32_t choose_slot(const clock_vector& known) noexcept {
    std::uint32_t oldest = 0;
    for (std::uint32_t i = 1; i < table.used; ++i) {
        const slot_info& slot = table.slots[i];
        if (slot.ended == 0 || slot.last_clock >= clock_limit) continue;
        if (known[i] >= slot.last_clock) return i;
        if (oldest == 0 || slot.ended < table.slots[oldest].ended) oldest = i;
    }
    if (table.used < slots_max) return table.used++;
    if (oldest != 0) ++table.forced;
    return oldest;
}

/// Latch held. False: no slot to be had.
bool settle(thread& self) noexcept {
    const std::uint32_t slot = choose_slot(self.known);
    if (slot == 0) return false;
    slot_info& info = table.slots[slot];
    self.slot = slot;
    self.prior = self.known[slot];
    self.clock = self.first_clock = info.last_clock + 1;
    info.ended = 0;
    self.known.set(slot, self.clock);
    return add_tenancy(info, self.first_clock, self.id);
}

/// Precondition: the thread's agent is still there.
void keep_label(const thread& self, tenancy& into) noexcept {
    if (self.id == format::agent_id::none || self.self == nullptr || self.self->page == nullptr) return;
    std::uint64_t words[2];
    static_assert(sizeof words == sizeof self.self->page->name);
    std::memcpy(words, self.self->page->name, sizeof words);
    into.task = self.self->page->thread;
    if (words[0] != 0) into.name = names.intern(words[0], words[1]);
}

void leave_slot(const thread& self) noexcept {
    slot_info& info = table.slots[self.slot];
    if (info.count != 0) keep_label(self, info.tenancies[info.count - 1]);
    info.last_clock = self.clock;
    info.ended = ++table.endings;
}

/// Latch held.
const tenancy* find_tenancy(std::uint64_t stamp) noexcept {
    const slot_info& info = table.slots[slot_of(stamp)];
    for (std::uint32_t i = info.count; i-- != 0;)
        if (info.tenancies[i].first_clock <= clock_of(stamp)) return &info.tenancies[i];
    return nullptr;
}

}  // namespace

bool make_frames() noexcept {
    void* made = recorder::map_anonymous(frames_max * sizeof(call_frame));
    if (made == nullptr) return false;
    front.base = static_cast<call_frame*>(made) + outer_frames;
    front.limit = static_cast<call_frame*>(made) + frames_max;
    front.top = front.base;
    if (front.self != nullptr) front.self->frames = front.base;
    return true;
}

void free_frames(call_frame* base) noexcept {
    if (base != nullptr) recorder::unmap(base - outer_frames, frames_max * sizeof(call_frame));
}

call_frame* end_of_frames(call_frame* base) noexcept { return base - outer_frames + frames_max; }

thread* make_thread(const thread* creator, format::agent_id id) noexcept {
    auto* made = memory.make<thread>();
    if (made == nullptr) return nullptr;
    made->id = id;
    made->sample = format::number(id) * 2654435761u + 1;
    if (creator != nullptr) {
        made->known.assign(creator->known);
        made->learnt_from.assign(creator->learnt_from);
    }
    const recorder::spin_guard guard(table.latch);
    if (creator == nullptr) {
        for (const thread* other = table.threads; other != nullptr; other = other->next)
            made->known.set(other->slot, other->clock);
        for (std::uint32_t i = 1; i < table.used; ++i)
            if (table.slots[i].ended != 0) made->known.set(i, table.slots[i].last_clock);
    }
    if (!settle(*made)) {
        made->known.release();
        memory.release(made, sizeof *made);
        return nullptr;
    }
    made->next = table.threads;
    if (table.threads != nullptr) table.threads->previous = made;
    table.threads = made;
    return made;
}

void end_thread(thread& gone) noexcept {
    {
        const recorder::spin_guard guard(table.latch);
        if (gone.ended) return;
        gone.ended = true;
        leave_slot(gone);
    }
    empty(gone.records);
    free_frames(gone.frames);
    gone.frames = nullptr;
}

void free_thread(thread& gone) noexcept {
    {
        const recorder::spin_guard guard(table.latch);
        (gone.previous == nullptr ? table.threads : gone.previous->next) = gone.next;
        if (gone.next != nullptr) gone.next->previous = gone.previous;
    }
    for (clock_vector* each : {&gone.known, &gone.learnt_from, &gone.fence_released, &gone.fence_pending})
        each->release();
    memory.release(&gone, sizeof gone);
}

thread* find_thread(format::agent_id id) noexcept {
    const recorder::spin_guard guard(table.latch);
    thread* at = table.threads;
    while (at != nullptr && at->id != id) at = at->next;
    return at;
}

void advance(thread& self) noexcept {
    self.known.set(self.slot, ++self.clock);
    if (__builtin_expect(self.clock < clock_limit, 1)) return;
    const recorder::spin_guard guard(table.latch);
    leave_slot(self);
    table.slots[self.slot].last_clock = self.clock;
    settle(self);
}

void show(const thread& self) noexcept {
    const bool recorded = runtime.mode != mode::sync_only && self.ignored == 0 && !self.sampled_out;
    front.own = head_bits::nobodys | (recorded ? stamp_of(self.slot, self.clock) : 0);
}

void begin_epoch(thread& self) noexcept {
    advance(self);
    if (runtime.mode == mode::sample) {
        self.sample = self.sample * 1664525u + 1013904223u;
        self.sampled_out = (self.sample >> 8) % 100 >= runtime.sample_percent;
    }
    show(self);
}

void learn(thread& self, const clock_vector& other, std::uint32_t object) noexcept {
    // Of its own slot another can only know what an earlier tenant did.
    if (const std::uint32_t seen = other[self.slot]; seen < self.first_clock && seen > self.prior) self.prior = seen;
    self.known.join(other, [&](std::uint32_t slot) { self.learnt_from.set(slot, object); });
}

format::agent_id agent_at(std::uint64_t stamp) noexcept {
    const recorder::spin_guard guard(table.latch);
    const tenancy* const found = find_tenancy(stamp);
    return found == nullptr ? format::agent_id::none : found->agent;
}

thread_label label_at(std::uint64_t stamp) noexcept {
    const recorder::spin_guard guard(table.latch);
    thread_label made;
    const tenancy* const found = find_tenancy(stamp);
    if (found == nullptr) return made;
    made.id = found->agent;
    made.task = found->task;
    if (found->name != 0) std::memcpy(made.name, &names[found->name], sizeof made.name);
    if (found->task != 0) return made;
    for (const thread* at = table.threads; at != nullptr; at = at->next) {
        if (at->id != made.id || at->ended || at->self == nullptr || at->self->page == nullptr) continue;
        made.task = at->self->page->thread;
        std::memcpy(made.name, at->self->page->name, sizeof made.name);
    }
    return made;
}

bool find_stack(std::uintptr_t address, stack_owner& out) noexcept {
    const recorder::spin_guard guard(table.latch);
    for (const thread* at = table.threads; at != nullptr; at = at->next) {
        if (at->ended || address < at->stack_low || address >= at->stack_top) continue;
        out = {at->id, at->stack_low, at->stack_top};
        return true;
    }
    return false;
}

void keep_only(thread* self) noexcept {
    table.latch.reset();
    names.reset_latch();
    table.threads = self;
    if (self != nullptr) self->next = self->previous = nullptr;
}

std::uint32_t slots_forced() noexcept { return table.forced; }

}  // namespace interlock::race
