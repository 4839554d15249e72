#include "instrument/race/atomics.hpp"

#include "instrument/race/access_list.hpp"
#include "instrument/race/synchronisation.hpp"

namespace interlock::race {
namespace {

bool meets(const atomic_clock& clock, unsigned offset, unsigned size) noexcept {
    return clock.offset < offset + size && offset < clock.offset + clock.size;
}

/// The record of a locked cell, made if there is none. nullptr: no memory.
record* record_in(thread& self, cell& at, std::uint64_t& head) noexcept {
    if ((head & head_bits::overflow) != 0) return record_of(head);
    access_entry entries[2];
    const std::uint32_t count = unpack(at, head, entries);
    record* made = make_record(self.records, 2);
    if (made == nullptr) return nullptr;
    for (std::uint32_t i = 0; i < count; ++i) {
        made->stamps()[i] = entries[i].stamp;
        made->places()[i] = entries[i].place;
    }
    made->set_count(count);
    head = head_of(self.records, *made);
    return made;
}

/// Has `self` learnt of that epoch? Of 0, never.
bool knows(const thread& self, std::uint64_t last) noexcept {
    return last != 0 && self.known[slot_of(last)] >= clock_of(last);
}

unsigned in_cell(unsigned size) noexcept { return size < cell_span ? size : static_cast<unsigned>(cell_span); }

}  // namespace

atomic_step::atomic_step(std::uintptr_t address, unsigned size, std::uintptr_t site) noexcept
    : self_(front.self), address_(address), site_(site), size_(size) {
    if (self_ == nullptr || self_->inside != 0 || !is_shadowed(address)) {
        self_ = nullptr;
        return;
    }
    self_->inside = 1;
    asm volatile("" ::: "memory");
    cell_ = cell_of(address);
    head_ = lock_cell(*cell_);
}

atomic_step::~atomic_step() {
    if (self_ == nullptr) return;
    if ((head_ & head_bits::overflow) != 0) {
        record& in = *record_of(head_);
        __atomic_store_n(&in.state, in.state + record::one_version, __ATOMIC_RELEASE);  // pairs with is_known()
    }
    unlock_cell(*cell_, head_);
    if (released_) begin_epoch(*self_);
    asm volatile("" ::: "memory");
    self_->inside = 0;
}

void atomic_step::acquire(const record* from) noexcept {
    if (from == nullptr) return;
    const auto offset = static_cast<unsigned>(address_ % cell_span);
    for (const atomic_clock* clock = from->atomics; clock != nullptr; clock = clock->next)
        if (meets(*clock, offset, in_cell(size_)) && !knows(*self_, clock->last)) learn(*self_, clock->released, 0);
}

void atomic_step::release(atomic_effect effect, memory_order order) noexcept {
    const bool by_fence = !releases(order) && !self_->fence_released.empty();
    record* from = (head_ & head_bits::overflow) != 0 ? record_of(head_) : nullptr;
    const auto offset = static_cast<unsigned>(address_ % cell_span);
    if (!releases(order) && !by_fence) {
        if (effect != atomic_effect::store || from == nullptr) return;
        for (atomic_clock* clock = from->atomics; clock != nullptr; clock = clock->next)
            if (meets(*clock, offset, in_cell(size_)) && clock->releaser != self_->slot) {
                clock->released.clear();
                clock->last = 0;
            }
        return;
    }
    from = record_in(*self_, *cell_, head_);
    if (from == nullptr) return;
    atomic_clock* clock = find_atomic(*from, offset);
    if (clock == nullptr) clock = make_atomic(*from, offset, in_cell(size_));
    if (clock == nullptr) return;
    const clock_vector& told = by_fence ? self_->fence_released : self_->known;
    const bool knew_all = effect == atomic_effect::store || clock->released.empty() || knows(*self_, clock->last);
    if (knew_all)
        clock->released.assign(told);
    else
        clock->released.join(told);
    clock->last = knew_all && !by_fence ? stamp_of(self_->slot, self_->clock) : 0;
    clock->releaser = self_->slot;
    released_ = !by_fence;
}

void atomic_step::note(atomic_effect effect, memory_order order) noexcept {
    if (self_ == nullptr) return;
    if (self_->ignored_order == 0) {
        const record* from = (head_ & head_bits::overflow) != 0 ? record_of(head_) : nullptr;
        if (effect != atomic_effect::store) {
            if (acquires(order)) {
                acquire(from);
            } else if (from != nullptr) {
                for (const atomic_clock* clock = from->atomics; clock != nullptr; clock = clock->next)
                    if (meets(*clock, static_cast<unsigned>(address_ % cell_span), in_cell(size_)))
                        self_->fence_pending.join(clock->released);
            }
        }
    }
    if (front.is_recording()) {
        const auto offset = static_cast<unsigned>(address_ % cell_span);
        const access_mode mode = effect == atomic_effect::load ? access_mode::atomic_read : access_mode::atomic_write;
        const unsigned room = static_cast<unsigned>(cell_span) - offset;
        const std::uint32_t bytes = bytes_of(offset, size_ < room ? size_ : room);
        head_ = enter_access(*self_, *cell_, head_, address_, bytes, mode, site_);
    }
    if (self_->ignored_order == 0 && effect != atomic_effect::load) release(effect, order);
}

bool atomic_step::is_quiet(std::uintptr_t address, unsigned size, bool writes, std::uint64_t& head) noexcept {
    const thread* const self = front.self;
    if (self == nullptr || size > cell_span) return false;
    const auto offset = static_cast<unsigned>(address % cell_span);
    if (offset + size > cell_span || !is_shadowed(address)) return false;
    head = load_head(*cell_of(address));
    return ((head ^ front.own) & ((coverage_mask(offset, size, writes) & ~head_bits::atomic) | head_bits::locked)) == 0;
}

bool atomic_step::is_known(std::uintptr_t address, unsigned size, std::uint64_t& head,
                           std::uint64_t& version) noexcept {
    const thread* const self = front.self;
    const auto offset = static_cast<unsigned>(address % cell_span);
    if (self == nullptr || !front.is_recording() || offset + size > cell_span || !is_shadowed(address)) return false;
    const cell& at = *cell_of(address);
    head = load_head(at);
    if ((head & (head_bits::overflow | head_bits::locked)) != head_bits::overflow) return false;
    const record& in = *record_of(head);
    version = __atomic_load_n(&in.state, __ATOMIC_ACQUIRE);
    // Read without the lock: what is read is of use only if still_known() says that nobody has written meanwhile.
    const atomic_clock* const clock = __atomic_load_n(&in.atomics, __ATOMIC_RELAXED);
    return clock != nullptr && clock->next == nullptr && clock->offset == offset && clock->size == size &&
           knows(*self, __atomic_load_n(&clock->last, __ATOMIC_RELAXED)) &&
           is_covered(at, head, bytes_of(offset, size), access_mode::atomic_read);
}

bool atomic_step::still_known(std::uintptr_t address, std::uint64_t head, std::uint64_t version) noexcept {
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return __atomic_load_n(&record_of(head)->state, __ATOMIC_RELAXED) == version && still_quiet(address, head);
}

bool atomic_step::still_quiet(std::uintptr_t address, std::uint64_t head) noexcept {
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return __atomic_load_n(&cell_of(address)->head, __ATOMIC_RELAXED) == head;
}

void fence(memory_order order) noexcept {
    thread* const self = front.self;
    if (self == nullptr || self->inside != 0 || self->ignored_order != 0) return;
    self->inside = 1;
    if (acquires(order) && !self->fence_pending.empty()) {
        learn(*self, self->fence_pending, 0);
        self->fence_pending.clear();
    }
    if (releases(order)) {
        self->fence_released.assign(self->known);
        begin_epoch(*self);
    }
    self->inside = 0;
}

void release_at(thread& self, std::uintptr_t address) noexcept {
    if (self.inside != 0 || !is_shadowed(address)) return;
    self.inside = 1;
    cell& at = *cell_of(address);
    std::uint64_t head = lock_cell(at);
    if (record* into = record_in(self, at, head)) {
        const auto offset = static_cast<unsigned>(address % cell_span);
        atomic_clock* clock = find_atomic(*into, offset);
        if (clock == nullptr) clock = make_atomic(*into, offset, 1);
        if (clock != nullptr) {
            clock->released.join(self.known);
            clock->releaser = self.slot;
            clock->last = 0;
        }
    }
    unlock_cell(at, head);
    begin_epoch(self);
    self.inside = 0;
}

void acquire_at(thread& self, std::uintptr_t address) noexcept {
    if (self.inside != 0 || !is_shadowed(address)) return;
    self.inside = 1;
    cell& at = *cell_of(address);
    const std::uint64_t head = lock_cell(at);
    if ((head & head_bits::overflow) != 0)
        for (const atomic_clock* clock = record_of(head)->atomics; clock != nullptr; clock = clock->next)
            if (clock->offset == address % cell_span) learn(self, clock->released, 0);
    unlock_cell(at, head);
    self.inside = 0;
}

}  // namespace interlock::race
