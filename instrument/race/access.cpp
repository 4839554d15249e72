#include "instrument/race/access.hpp"

#include "instrument/race/access_list.hpp"
#include "instrument/race/benign.hpp"
#include "instrument/race/contexts.hpp"
#include "instrument/race/held.hpp"
#include "instrument/race/report.hpp"
#include "instrument/race/runtime.hpp"
#include "instrument/race/sections.hpp"
#include "instrument/recorder/system_call.hpp"

namespace interlock::race {
namespace {

constexpr std::uint32_t list_max = slots_max * 2;
constexpr std::uint32_t list_on_stack = 24;

/// Marks the thread as inside, against its own signal handlers. Entered: false, there is nothing to do.
class entry {
public:
    explicit entry(thread* self) noexcept : self_(self != nullptr && self->inside == 0 ? self : nullptr) {
        if (self_ != nullptr) self_->inside = 1;
        asm volatile("" ::: "memory");
    }
    ~entry() {
        asm volatile("" ::: "memory");
        if (self_ != nullptr) self_->inside = 0;
    }
    entry(const entry&) = delete;
    entry& operator=(const entry&) = delete;
    explicit operator bool() const noexcept { return self_ != nullptr; }

private:
    thread* self_;
};

bool is_looking(const thread* self) noexcept {
    return self != nullptr && self->ignored == 0 && !self->sampled_out && front.stamp != 0;
}

/// A cell's accesses, copied where they are changed.
class access_list {
public:
    explicit access_list(const cell& from, std::uint64_t head) noexcept {
        if ((head & head_bits::overflow) == 0) {
            count_ = unpack(from, head, few_);
            return;
        }
        record_ = record_of(head);
        count_ = record_->count;
        if (record_->count > list_on_stack - 1) {
            all_ = record_->entries();  // in place: there is room for none more, which append() sees to
            return;
        }
        std::memcpy(few_, record_->entries(), count_ * sizeof(access_entry));
    }

    std::uint32_t count() const noexcept { return count_; }
    access_entry& operator[](std::uint32_t i) noexcept { return all_[i]; }
    void remove(std::uint32_t i) noexcept { all_[i] = all_[--count_]; }

    /// One more; joins an entry of the same epoch and place.
    void append(record_cache& own, const access_entry& fresh) noexcept {
        for (std::uint32_t i = 0; i < count_; ++i) {
            if (all_[i].place != fresh.place || ((all_[i].stamp ^ fresh.stamp) & ~head_bits::bytes) != 0) continue;
            all_[i].stamp |= fresh.stamp;
            return;
        }
        if (all_ == few_ ? count_ == list_on_stack : count_ == record_->capacity) move_to_larger(own);
        if (all_ != few_ && count_ == record_->capacity) return;  // no memory: this access is not kept
        all_[count_++] = fresh;
    }

    /// The head of the cell with this list.
    std::uint64_t store(record_cache& own, cell& into, std::uint64_t old_head) noexcept {
        const bool needs_record = record_ != nullptr && record_->atomics != nullptr;
        if (!needs_record) {
            std::uint64_t places = 0;
            if (const std::uint64_t head = pack(all_, count_, places); head != 0 || count_ == 0) {
                into.places = places;
                if (record_ != nullptr) free_record(own, record_);
                return head;
            }
        }
        if (record_ == nullptr || count_ > record_->capacity) {
            record* larger = make_record(own, count_);
            if (larger == nullptr) return old_head;
            if (record_ != nullptr) {
                larger->atomics = record_->atomics;
                record_->atomics = nullptr;
                free_record(own, record_);
            }
            record_ = larger;
            old_head = head_of(own, *larger);
        }
        if (all_ != record_->entries()) std::memcpy(record_->entries(), all_, count_ * sizeof(access_entry));
        record_->count = count_;
        return old_head;
    }

private:
    void move_to_larger(record_cache& own) noexcept {
        record* larger = count_ < list_max ? make_record(own, count_ + 1) : nullptr;
        if (larger == nullptr) return;
        std::memcpy(larger->entries(), all_, count_ * sizeof(access_entry));
        if (record_ != nullptr) {
            larger->atomics = record_->atomics;
            record_->atomics = nullptr;
            free_record(own, record_);
        }
        record_ = larger;
        moved_ = true;
        all_ = larger->entries();
    }

public:
    /// The list lies in another record than the head says.
    bool moved() const noexcept { return moved_; }
    const record& where() const noexcept { return *record_; }

private:
    access_entry few_[list_on_stack];
    access_entry* all_ = few_;
    std::uint32_t count_ = 0;
    record* record_ = nullptr;
    bool moved_ = false;
};

std::uint64_t stamp_for(const thread& self, std::uint32_t bytes, access_mode mode) noexcept {
    return stamp_of(self.slot, self.clock) | (is_atomic(mode) ? head_bits::atomic : 0) |
           (is_write(mode) ? std::uint64_t{bytes} << head_bits::written_shift : 0) | bytes;
}

/// An entry of this thread's present epoch makes another of `fresh` needless.
bool covers(std::uint64_t entry, std::uint64_t fresh) noexcept {
    if (((entry ^ fresh) & ~(head_bits::bytes | head_bits::atomic)) != 0) return false;
    if ((entry & head_bits::atomic) != 0 && (fresh & head_bits::atomic) == 0) return false;
    return (fresh & head_bits::bytes & ~entry) == 0;
}

}  // namespace

namespace {

descriptor describe_in(thread& self, std::uintptr_t site, std::uint64_t where) noexcept {
    place_cache_entry& kept = self.places[(site ^ where * 0x9E37'79B9'7F4A'7C15 >> 40) % place_cache_size];
    if (kept.address == site && kept.where == where) return kept.id;
    descriptor id = descriptors.intern(where, site);
    if (id == 0) id = descriptors.intern(where & 0xffff'ffff, site);
    kept = {site, where, id};
    return id;
}

}  // namespace

descriptor describe(thread& self, std::uintptr_t site, bool frees) noexcept {
    const std::uint32_t held = held_path_of(self);
    return describe_in(self, site,
                       context_of(front.base, front.top) | (frees ? frees_bit : 0) | std::uint64_t{held} << 32);
}

descriptor describe_bare(thread& self, std::uintptr_t site) noexcept {
    return describe_in(self, site, context_of(front.base, front.top));
}

std::uint64_t lock_cell(cell& at) noexcept {
    for (unsigned spins = 0;; ++spins) {
        std::uint64_t head = __atomic_load_n(&at.head, __ATOMIC_RELAXED);
        // acquire: pairs with the release in unlock_cell()
        if ((head & head_bits::locked) == 0 && __atomic_compare_exchange_n(&at.head, &head, head | head_bits::locked,
                                                                           false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return head;
        if (spins % 64 == 63) recorder::yield_processor();
        __builtin_ia32_pause();
    }
}

bool is_covered(const thread& self, const cell& at, std::uint64_t head, std::uint32_t bytes,
                access_mode mode) noexcept {
    const std::uint64_t fresh = stamp_for(self, bytes, mode);
    if ((head & head_bits::overflow) == 0)
        return covers((head & head_bits::two) != 0 ? head & ~head_bits::two : head, fresh);
    const record& from = *record_of(head & ~head_bits::locked);
    const std::uint32_t count = from.count < from.capacity ? from.count : from.capacity;
    for (std::uint32_t i = 0; i < count; ++i)
        if (covers(__atomic_load_n(&from.entries()[i].stamp, __ATOMIC_RELAXED), fresh)) {
            __atomic_thread_fence(__ATOMIC_ACQUIRE);
            return __atomic_load_n(&at.head, __ATOMIC_RELAXED) == head;  // still this cell's
        }
    return false;
}

std::uint64_t enter_access(thread& self, cell& at, std::uint64_t head, std::uintptr_t address, std::uint32_t bytes,
                           access_mode mode, std::uintptr_t site, bool frees) noexcept {
    const std::uint64_t stamp = stamp_for(self, bytes, mode);
    // What most cells come to: nothing before, or all of it ordered before and subsumed.
    if ((head & (head_bits::overflow | head_bits::two)) == 0 &&
        ((head & head_bits::bytes) == 0 ||
         (is_ordered(self, head) && (remainder(head, stamp) & head_bits::bytes) == 0))) {
        const std::uint64_t where = describe(self, site, frees);
        at.places = where << 32 | where;
        return stamp;
    }
    access_list list(at, head);
    for (std::uint32_t i = 0; i < list.count(); ++i)
        if (covers(list[i].stamp, stamp)) return head;
    const access_entry fresh{stamp, describe(self, site, frees), 0};
    for (std::uint32_t i = 0; i < list.count();) {
        access_entry& old = list[i];
        const bool ordered = is_ordered(self, old.stamp);
        const bool races = !ordered && conflict(old.stamp, fresh.stamp);
        if (races) report_race(self, address, fresh, old);
        if (ordered || races) {
            old.stamp = remainder(old.stamp, fresh.stamp);
            if (read_of(old.stamp) == 0) {
                list.remove(i);
                continue;
            }
        }
        ++i;
    }
    list.append(self.records, fresh);
    if (list.moved()) head = head_of(self.records, list.where());
    return list.store(self.records, at, head);
}

void access_slowly(std::uintptr_t address, std::uint32_t bytes, access_mode mode, std::uintptr_t site) noexcept {
    thread* const self = front.self;
    if (!is_looking(self) || !is_shadowed(address)) return;
    // Read before anything is locked: the memory may have a handler of SIGSEGV behind it. The access itself follows.
    const bool in_section = self->inside == 0 && is_in_section(*self, mode);
    const std::uint64_t value =
        in_section ? *reinterpret_cast<const volatile std::uint64_t*>(address & ~(cell_span - 1)) : 0;
    const entry inside(self);
    if (!inside) return;
    cell& at = *cell_of(address);
    const std::uint64_t seen = load_head(at);
    if ((seen & head_bits::locked) == 0 && is_covered(*self, at, seen, bytes, mode)) return;
    const std::uint64_t head = lock_cell(at);
    if (in_section) note_in_section(*self, at, head, address, bytes, mode, value, site);
    unlock_cell(at, enter_access(*self, at, head, address, bytes, mode, site));
}

void access_by_hook(std::uintptr_t address, std::uint32_t bytes, access_mode mode, std::uintptr_t site) noexcept {
    if (thread* const self = front.self; self != nullptr && site - self->code_begin >= self->code_size)
        note_instrumented(site, self->code_begin, self->code_size);
    access_slowly(address, bytes, mode, site);
}

void access_range(std::uintptr_t address, std::size_t size, access_mode mode, std::uintptr_t site) noexcept {
    const std::uintptr_t end = address + size;
    for (std::uintptr_t from = address; from < end;) {
        const auto offset = static_cast<unsigned>(from % cell_span);
        const std::uintptr_t to = from - offset + cell_span < end ? from - offset + cell_span : end;
        const std::uint32_t bytes = bytes_of(offset, static_cast<unsigned>(to - from));
        const std::uint64_t needed = is_write(mode) ? std::uint64_t{bytes} << head_bits::written_shift : bytes;
        if (is_atomic(mode) || !is_covered_fast(*cell_of(from), needed)) access_slowly(from, bytes, mode, site);
        from = to;
    }
}

void access_freed(std::uintptr_t address, std::size_t size, std::uintptr_t site) noexcept {
    thread* const self = front.self;
    if (!is_looking(self)) return;
    const entry inside(self);
    if (!inside) return;
    // Of a large block, only what was accessed: the rest would cost more than it tells.
    const bool is_small = size <= 1024;
    for_each_cell(address, size, [&](cell& at) {
        if (!is_small && (__atomic_load_n(&at.head, __ATOMIC_RELAXED) & ~head_bits::locked) == 0) return;
        const std::uint64_t head = lock_cell(at);
        const std::uintptr_t begin = address_of(&at);
        const auto skipped = static_cast<unsigned>(begin < address ? address - begin : 0);
        const std::uintptr_t left = address + size - begin;
        const unsigned to = left < cell_span ? static_cast<unsigned>(left) : static_cast<unsigned>(cell_span);
        unlock_cell(at, enter_access(*self, at, head, begin + skipped, bytes_of(skipped, to - skipped),
                                     access_mode::write, site, true));
    });
}

void forget_range(std::uintptr_t address, std::size_t size) noexcept {
    thread* const self = front.self;
    drop_benign(address, size);
    if (self == nullptr || front.stamp == 0) return;
    const entry inside(self);
    if (!inside) return;
    constexpr std::size_t huge = std::size_t{1} << 30;  // a reservation: its pages are not looked through
    if (size >= huge) return drop_cells(address, size);
    for_each_cell(address, size, [&](cell& at) {
        if (__atomic_load_n(&at.head, __ATOMIC_RELAXED) == 0) return;
        const std::uint64_t head = lock_cell(at);
        if ((head & head_bits::overflow) != 0) free_record(self->records, record_of(head));
        at.places = 0;
        unlock_cell(at, 0);
    });
    if (size >= large_range) drop_cells(address, size);
}

}  // namespace interlock::race
