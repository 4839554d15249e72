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

constexpr std::uint32_t nowhere = ~std::uint32_t{0};

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

/// A cell's accesses, changed where they lie: in its record, or in a copy of what its two words say. The cell is locked meanwhile.
class access_list {
public:
    access_list(const cell& from, std::uint64_t head) noexcept {
        if ((head & head_bits::overflow) != 0) {
            use(record_of(head));
            return;
        }
        access_entry known[2];
        count_ = unpack(from, head, known);
        for (std::uint32_t i = 0; i < count_; ++i) put(i, known[i].stamp, known[i].place);
    }

    std::uint32_t count() const noexcept { return count_; }
    std::uint64_t stamp(std::uint32_t i) const noexcept { return stamps_[i]; }
    access_entry operator[](std::uint32_t i) const noexcept { return {stamps_[i], places_[i], 0}; }
    void set_stamp(std::uint32_t i, std::uint64_t stamp) noexcept { stamps_[i] = stamp; }
    void remove(std::uint32_t i) noexcept {
        if (i != --count_) put(i, stamps_[count_], places_[count_]);
    }

    /// One more; joins an entry of the same epoch and place. Without memory for it, it is not kept.
    void append(record_cache& own, std::uint64_t stamp, descriptor place) noexcept {
        for (std::uint32_t i = 0; i < count_; ++i) {
            if (places_[i] != place || ((stamps_[i] ^ stamp) & ~head_bits::bytes) != 0) continue;
            stamps_[i] |= stamp;
            return;
        }
        if (count_ == capacity_ && !move_to(make_record(own, count_ + 1), own)) return;
        put(count_++, stamp, place);
    }

    /// The head of the cell with this list.
    std::uint64_t store(record_cache& own, cell& into, std::uint64_t old_head) noexcept {
        if (count_ <= 2 && (record_ == nullptr || record_->atomics == nullptr)) {
            const access_entry all[2] = {(*this)[0], (*this)[1]};
            std::uint64_t places = 0;
            if (const std::uint64_t head = pack(all, count_, places); head != 0 || count_ == 0) {
                into.places = places;
                if (record_ != nullptr) free_record(own, record_);
                return head;
            }
        }
        if (record_ == nullptr && !move_to(make_record(own, count_), own)) return old_head;
        record_->set_count(count_);
        return moved_ ? head_of(own, *record_) : old_head;
    }

private:
    void put(std::uint32_t i, std::uint64_t stamp, descriptor place) noexcept {
        stamps_[i] = stamp;
        places_[i] = place;
    }
    void use(record* from) noexcept {
        record_ = from;
        stamps_ = from->stamps();
        places_ = from->places();
        count_ = from->count();
        capacity_ = from->capacity();
    }
    bool move_to(record* larger, record_cache& own) noexcept {
        if (larger == nullptr) return false;
        for (std::uint32_t i = 0; i < count_; ++i) {
            larger->stamps()[i] = stamps_[i];
            larger->places()[i] = places_[i];
        }
        larger->set_count(count_);
        if (record_ != nullptr) {
            larger->atomics = record_->atomics;
            record_->atomics = nullptr;
            free_record(own, record_);
        }
        use(larger);
        return moved_ = true;
    }

    static constexpr std::uint32_t few = 3;  // what a head says, and one more
    std::uint64_t few_stamps_[few];
    descriptor few_places_[few];
    std::uint64_t* stamps_ = few_stamps_;
    descriptor* places_ = few_places_;
    std::uint32_t count_ = 0;
    std::uint32_t capacity_ = few;
    record* record_ = nullptr;
    bool moved_ = false;  // the list lies in another record than the head says
};

std::uint64_t stamp_for(std::uint32_t bytes, access_mode mode) noexcept {
    return front.stamp() | (is_atomic(mode) ? head_bits::atomic : 0) |
           (is_write(mode) ? std::uint64_t{bytes} << head_bits::written_shift : 0) | bytes;
}

/// An entry of this thread's present epoch makes another of `fresh` needless.
bool covers(std::uint64_t entry, std::uint64_t fresh) noexcept {
    if (((entry ^ fresh) & ~(head_bits::bytes | head_bits::atomic)) != 0) return false;
    if ((entry & head_bits::atomic) != 0 && (fresh & head_bits::atomic) == 0) return false;
    return (fresh & head_bits::bytes & ~entry) == 0;
}

/// One of a record's does. The cell may be another's meanwhile, if it is not locked.
bool is_listed(const record& in, std::uint64_t fresh) noexcept {
    const std::uint64_t state = __atomic_load_n(&in.state, __ATOMIC_RELAXED);
    const auto count = static_cast<std::uint32_t>(state & record::count_mask);
    const std::uint64_t* const stamps = in.stamps();
    for (std::uint32_t i = 0; i < count; ++i)
        if (covers(__atomic_load_n(&stamps[i], __ATOMIC_RELAXED), fresh)) return true;
    return false;
}

}  // namespace

namespace {

/// Not in the thread's own few.
__attribute__((noinline)) descriptor intern_place(place_cache_entry& kept, std::uint64_t where,
                                                  std::uintptr_t site) noexcept {
    descriptor id = descriptors.intern(where, site);
    if (id == 0) id = descriptors.intern(where & 0xffff'ffff, site);
    kept = {site, where, id};
    return id;
}

__attribute__((always_inline)) inline descriptor place_in(thread& self, std::uintptr_t site,
                                                          std::uint64_t where) noexcept {
    place_cache_entry& kept = self.places[(site ^ where * 0x9E37'79B9'7F4A'7C15 >> 40) % place_cache_size];
    if (__builtin_expect(kept.address == site && kept.where == where, 1)) return kept.id;
    return intern_place(kept, where, site);
}

__attribute__((always_inline)) inline descriptor place_here(thread& self, std::uintptr_t site, bool frees) noexcept {
    return place_in(
        self, site,
        context_of(front.base, front.top) | (frees ? frees_bit : 0) | std::uint64_t{held_path_of(self)} << 32);
}

/// Is all that a locked cell tells of ordered before an access of this stamp, and subsumed by it?
bool is_subsumed(const thread& self, const cell& at, std::uint64_t head, std::uint64_t stamp) noexcept {
    const auto ends = [&](std::uint64_t old) { return is_ordered(self, old) && read_of(remainder(old, stamp)) == 0; };
    if ((head & head_bits::overflow) == 0) {
        if ((head & head_bits::two) == 0) return read_of(head) == 0 || ends(head);
        access_entry known[2]{};
        unpack(at, head, known);
        return ends(known[0].stamp) && ends(known[1].stamp);
    }
    const record& from = *record_of(head);
    if (from.atomics != nullptr) return false;
    for (std::uint32_t i = from.count(); i-- != 0;)
        if (!ends(from.stamps()[i])) return false;
    return true;
}

/// Of this thread itself, not of one that had its slot before.
bool is_own(const thread& self, std::uint64_t stamp) noexcept {
    return slot_of(stamp) == self.slot && clock_of(stamp) >= self.first_clock;
}

/// A plain read after an ordered write of the same bytes, what locked sections begin with: the cell's head with both, 0 if it is
/// something else. `where` is the descriptor of the read.
std::uint64_t read_after_write(thread& self, cell& at, std::uint64_t head, std::uint64_t stamp,
                               descriptor where) noexcept {
    using namespace head_bits;
    const auto place = static_cast<descriptor>(at.places);
    if (((head | stamp) & (overflow | two | atomic)) != 0 || place != at.places >> 32 ||
        written_of(head) != read_of(head) || written_of(stamp) != 0 || read_of(stamp) != read_of(head) ||
        !is_ordered(self, head))
        return 0;
    const std::uint64_t delta = clock_of(stamp) - clock_of(head);
    if (is_own(self, head) && delta <= 0xffff) {
        at.places = std::uint64_t{where} << 40 | std::uint64_t{place} << 16 | delta;
        return stamp | two;
    }
    record* const both = make_record(self.records, 2);
    if (both == nullptr) return 0;
    both->stamps()[0] = head;
    both->places()[0] = place;
    both->stamps()[1] = stamp;
    both->places()[1] = where;
    both->set_count(2);
    return head_of(self.records, *both);
}

/// The one earlier read of this thread in a cell's record, which a read of this stamp takes the place of, since it races with nothing there.
/// Others' that it subsumes may stay, which is exact too: there is one a thread.
std::uint32_t own_earlier(const thread& self, const record& in, std::uint64_t stamp) noexcept {
    std::uint32_t found = nowhere;
    if (written_of(stamp) != 0) return nowhere;
    const std::uint64_t* const stamps = in.stamps();
    for (std::uint32_t i = 0, count = in.count(); i < count; ++i) {
        const std::uint64_t old = stamps[i];
        if (is_own(self, old)) {
            if (written_of(old) != 0) continue;
            if (found != nowhere || ((old ^ stamp) & head_bits::atomic) != 0 || (old & ~stamp & head_bits::bytes) != 0)
                return nowhere;
            found = i;
        } else if (conflict(old, stamp) && !is_ordered(self, old)) {
            return nowhere;
        }
    }
    return found;
}

}  // namespace

descriptor describe(thread& self, std::uintptr_t site, bool frees) noexcept { return place_here(self, site, frees); }

descriptor describe_bare(thread& self, std::uintptr_t site) noexcept {
    return place_in(self, site, context_of(front.base, front.top));
}

std::uint64_t lock_cell_contended(cell& at) noexcept {
    for (unsigned spins = 0;; ++spins) {
        std::uint64_t head = 0;
        if (try_lock_cell(at, head)) return head;
        if (spins % 64 == 63) recorder::yield_processor();
        __builtin_ia32_pause();
    }
}

bool is_covered(const cell& at, std::uint64_t head, std::uint32_t bytes, access_mode mode) noexcept {
    const std::uint64_t fresh = stamp_for(bytes, mode);
    if ((head & head_bits::overflow) == 0) return covers(head & ~head_bits::two, fresh);
    if (!is_listed(*record_of(head), fresh)) return false;
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return __atomic_load_n(&at.head, __ATOMIC_RELAXED) == head;  // still this cell's
}

std::uint64_t enter_access(thread& self, cell& at, std::uint64_t head, std::uintptr_t address, std::uint32_t bytes,
                           access_mode mode, std::uintptr_t site, bool frees) noexcept {
    const std::uint64_t stamp = stamp_for(bytes, mode);
    if (is_subsumed(self, at, head, stamp)) {
        const std::uint64_t where = place_here(self, site, frees);
        at.places = where << 32 | where;
        if ((head & head_bits::overflow) != 0) free_record(self.records, record_of(head));
        return stamp;
    }
    if ((head & head_bits::overflow) == 0 ? covers(head & ~head_bits::two, stamp) : is_listed(*record_of(head), stamp))
        return head;
    const access_entry fresh{stamp, place_here(self, site, frees), 0};
    if ((head & head_bits::overflow) != 0) {
        record& in = *record_of(head);
        if (const std::uint32_t i = own_earlier(self, in, stamp); i != nowhere) {
            in.stamps()[i] = stamp;
            in.places()[i] = fresh.place;
            return head;
        }
    } else if (const std::uint64_t both = read_after_write(self, at, head, stamp, fresh.place); both != 0) {
        return both;
    }
    access_list list(at, head);
    for (std::uint32_t i = 0; i < list.count();) {
        const std::uint64_t old = list.stamp(i);
        const bool ordered = is_ordered(self, old);
        const bool races = !ordered && conflict(old, stamp);
        if (races) report_race(self, address, fresh, list[i]);
        if (ordered || races) {
            const std::uint64_t left = remainder(old, stamp);
            if (read_of(left) == 0) {
                list.remove(i);
                continue;
            }
            list.set_stamp(i, left);
        }
        ++i;
    }
    list.append(self.records, stamp, fresh.place);
    return list.store(self.records, at, head);
}

namespace {

/// Precondition: accesses are recorded, and there is shadow for this one.
__attribute__((always_inline)) inline void enter_cell(thread& self, std::uintptr_t address, std::uint32_t bytes,
                                                      access_mode mode, std::uintptr_t site) noexcept {
    // Read before anything is locked: the memory may have a handler of SIGSEGV behind it. The access itself follows.
    const bool in_section = self.inside == 0 && is_in_section(self, mode);
    const std::uint64_t value =
        in_section ? *reinterpret_cast<const volatile std::uint64_t*>(address & ~(cell_span - 1)) : 0;
    const entry inside(&self);
    if (!inside) return;
    cell& at = *cell_of(address);
    const std::uint64_t head = lock_cell(at);
    if (in_section) note_in_section(self, at, head, address, bytes, mode, value, site);
    unlock_cell(at, enter_access(self, at, head, address, bytes, mode, site));
}

void access_cell(thread& self, std::uintptr_t address, std::uint32_t bytes, access_mode mode,
                 std::uintptr_t site) noexcept {
    const cell& at = *cell_of(address);
    const std::uint64_t seen = load_head(at);
    if ((seen & head_bits::locked) == 0 && is_covered(at, seen, bytes, mode)) return;
    enter_cell(self, address, bytes, mode, site);
}

}  // namespace

void access_slowly(std::uintptr_t address, std::uint32_t bytes, access_mode mode, std::uintptr_t site) noexcept {
    if (front.is_recording() && is_shadowed(address)) access_cell(*front.self, address, bytes, mode, site);
}

void access_by_hook(std::uintptr_t address, std::uint32_t size, access_mode mode, std::uintptr_t site,
                    std::uint64_t mask) noexcept {
    const cell& at = *cell_of(address);
    const std::uint64_t head = load_head(at);
    // What several threads read has a record, which each looks into at each read.
    if ((head & (head_bits::overflow | head_bits::locked)) == head_bits::overflow) {
        const record& in = *record_of(head);
        const auto count =
            static_cast<std::uint32_t>(__atomic_load_n(&in.state, __ATOMIC_RELAXED) & record::count_mask);
        for (std::uint32_t i = 0; i < count; ++i) {
            if (((__atomic_load_n(&in.stamps()[i], __ATOMIC_RELAXED) ^ front.own) & mask) != 0) continue;
            __atomic_thread_fence(__ATOMIC_ACQUIRE);
            if (__atomic_load_n(&at.head, __ATOMIC_RELAXED) == head) return;
            break;
        }
    }
    thread* const self = front.self;
    if (self == nullptr) return;
    if (__builtin_expect(site - self->code_begin >= self->code_size, 0))
        note_instrumented(site, self->code_begin, self->code_size);
    if (!front.is_recording()) return;
    const auto offset = static_cast<unsigned>(address % cell_span);
    if (offset + size > cell_span) return access_range(address, size, mode, site);
    enter_cell(*self, address, bytes_of(offset, size), mode, site);
}

void access_range(std::uintptr_t address, std::size_t size, access_mode mode, std::uintptr_t site) noexcept {
    if (!front.is_recording() || size == 0 || !is_shadowed(address) || !is_shadowed(address + size - 1)) return;
    thread& self = *front.self;
    const std::uintptr_t end = address + size;
    const std::uint64_t whole = coverage_mask(0, cell_span, is_write(mode));
    for (std::uintptr_t from = address; from < end;) {
        const auto offset = static_cast<unsigned>(from % cell_span);
        const std::uintptr_t to = from - offset + cell_span < end ? from - offset + cell_span : end;
        const auto part = static_cast<unsigned>(to - from);
        const std::uint64_t mask = part == cell_span ? whole : coverage_mask(offset, part, is_write(mode));
        if ((unlike_own(from) & mask) != 0) access_cell(self, from, bytes_of(offset, part), mode, site);
        from = to;
    }
}

void access_freed(std::uintptr_t address, std::size_t size, std::uintptr_t site) noexcept {
    thread* const self = front.self;
    if (!front.is_recording()) return;
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
    if (self == nullptr || runtime.mode == mode::sync_only) return;
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
