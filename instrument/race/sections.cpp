#include "instrument/race/sections.hpp"

#include <algorithm>

#include "instrument/race/access_list.hpp"
#include "instrument/race/blocks.hpp"
#include "instrument/race/report.hpp"

namespace interlock::race {
namespace {

struct check {
    std::uintptr_t cell_begin = 0;  // 0: none
    std::uint64_t value = 0;        // of all eight bytes
    std::uint32_t bytes = 0;
    descriptor place = 0;
    std::uint32_t section = 0;     // number of the thread's section
    std::uint32_t entered = 0;     // hash of where that began
    std::uint32_t depth = 0;       // of the call
    std::uint32_t activation = 0;  // which call it was
};

}  // namespace

struct section_book {
    static constexpr std::size_t sets = 32;
    static constexpr std::size_t ways = 4;
    check checks[sets][ways];
    std::uint32_t section = 0;
    std::uint32_t entered = 0;
    std::uint32_t activations = 0;
    std::uint32_t evictions = 0;
    // What the present section did; judged at its end.
    bool has_act = false;
    check acted_on;
    access_entry act;
    access_entry remote;
    std::uint64_t between = 0;  // the cell's value just before the act
};

namespace {

section_book* book_of(thread& self) noexcept {
    if (self.sections == nullptr) self.sections = memory.make<section_book>();
    return self.sections;
}

std::uint64_t mask_of(std::uint32_t bytes) noexcept {
    std::uint64_t mask = 0;
    for (unsigned i = 0; i < 8; ++i)
        if ((bytes >> i & 1) != 0) mask |= std::uint64_t{0xff} << 8 * i;
    return mask;
}

check (&set_of(section_book& book, std::uintptr_t cell_begin) noexcept)[section_book::ways] {
    return book.checks[(cell_begin / cell_span * 0x9E37'79B9'7F4A'7C15 >> 40) % section_book::sets];
}

/// Which call of its function the thread is in; 0: in none that has hooks. Numbers are given as they are asked for (contexts.cpp takes them
/// back when the function is called anew).
std::uint32_t activation_of(section_book& book) noexcept {
    if (front.top == front.base || front.top == nullptr) return 0;
    std::uint32_t& kept = front.top[-1].activation;
    if (kept == 0) kept = ++book.activations;
    return kept;
}
bool is_still_in_call(const check& of) noexcept {
    const auto depth = static_cast<std::size_t>(front.top - front.base);
    return of.activation != 0 && depth >= of.depth && front.base[of.depth - 1].activation == of.activation;
}

/// The same locks, in whatever mode.
bool is_same_path(std::uint32_t a, std::uint32_t b) noexcept {
    while (a != b) {
        if (a == 0 || b == 0) return false;
        const number_pair& of_a = held_paths[a];
        const number_pair& of_b = held_paths[b];
        if (((of_a.second ^ of_b.second) & ~shared_hold) != 0) return false;
        a = static_cast<std::uint32_t>(of_a.first);
        b = static_cast<std::uint32_t>(of_b.first);
    }
    return true;
}
bool holds(std::uint32_t path, std::uint64_t object) noexcept {
    for (; path != 0; path = static_cast<std::uint32_t>(held_paths[path].first))
        if ((held_paths[path].second & ~shared_hold) == object) return true;
    return false;
}

/// The last write of these bytes that the cell knows of.
bool find_write(const cell& at, std::uint64_t head, std::uint32_t bytes, access_entry& out) noexcept {
    const auto is_one = [&](std::uint64_t stamp) { return (written_of(stamp) & bytes) != 0; };
    if ((head & head_bits::overflow) != 0) {
        record& from = *record_of(head);
        const std::uint64_t* const end = from.stamps() + from.count();
        const std::uint64_t* const found = std::find_if<const std::uint64_t*>(from.stamps(), end, is_one);
        if (found != end) out = {*found, from.places()[found - from.stamps()], 0};
        return found != end;
    }
    access_entry few[2];
    for (std::uint32_t i = 0, count = unpack(at, head, few); i < count; ++i) {
        if (!is_one(few[i].stamp)) continue;
        out = few[i];
        return true;
    }
    return false;
}

/// It is another's, under that lock.
bool is_remote(const thread& self, const access_entry& one, std::uint64_t lock) noexcept {
    const place where = place_of(one.place);
    return slot_of(one.stamp) != self.slot && (one.stamp & head_bits::atomic) == 0 && !where.frees &&
           holds(where.held, lock);
}

void keep_check(thread& self, section_book& book, std::uintptr_t cell_begin, std::uint32_t bytes, std::uint64_t value,
                std::uintptr_t site) noexcept {
    const descriptor place = describe(self, site);
    check* free = nullptr;
    for (check& one : set_of(book, cell_begin)) {
        if (one.cell_begin == cell_begin && (one.bytes & bytes) != 0) one = {};
        if (one.cell_begin == 0) free = &one;
    }
    if (free == nullptr) free = &set_of(book, cell_begin)[book.evictions++ % section_book::ways];
    *free = {cell_begin,
             value,
             bytes,
             place,
             book.section,
             book.entered,
             static_cast<std::uint32_t>(front.top - front.base),
             activation_of(book)};
}

/// The check that this write acts on, taken out of the book with all that it makes old.
bool take_check(section_book& book, std::uintptr_t cell_begin, std::uint32_t bytes, check& out) noexcept {
    bool found = false;
    for (check& one : set_of(book, cell_begin)) {
        if (one.cell_begin != cell_begin || (one.bytes & bytes) == 0) continue;
        if (one.bytes == bytes && one.section != book.section && one.entered != book.entered) {
            out = one;
            found = true;
        }
        one = {};
    }
    return found;
}

/// What this thread wrote is there and has not been freed or unmapped since.
bool is_still_written(thread& self, std::uintptr_t cell_begin, std::uint32_t bytes) noexcept {
    cell& at = *cell_of(cell_begin);
    access_entry last{};
    self.inside = 1;
    const std::uint64_t head = lock_cell(at);
    const bool found = find_write(at, head, bytes, last);
    unlock_cell(at, head);
    self.inside = 0;
    return found && slot_of(last.stamp) == self.slot && !place_of(last.place).frees;
}

bool is_static(std::uintptr_t address) noexcept {
    heap_block block;
    stack_owner owner;
    return !find_block(address, block) && !find_stack(address, owner);
}

}  // namespace

void note_in_section(thread& self, const cell& at, std::uint64_t head, std::uintptr_t address, std::uint32_t bytes,
                     access_mode mode, std::uint64_t value, std::uintptr_t site) noexcept {
    section_book* const book = book_of(self);
    if (book == nullptr || book->section == 0) return;
    const std::uintptr_t cell_begin = address & ~(cell_span - 1);
    if (!is_write(mode)) return keep_check(self, *book, cell_begin, bytes, value, site);
    check checked;
    if (!take_check(*book, cell_begin, bytes, checked) || book->has_act) return;
    const descriptor here = describe(self, site);
    const std::uint32_t held = self.held;
    access_entry remote{};
    if (!is_still_in_call(checked) || !is_same_path(place_of(checked.place).held, held) ||
        !find_write(at, head, bytes, remote) || !is_remote(self, remote, held_paths[held].second & ~shared_hold))
        return;
    book->has_act = true;
    book->acted_on = checked;
    book->act = {stamp_of(self.slot, self.clock) | std::uint64_t{bytes} << head_bits::written_shift | bytes, here, 0};
    book->remote = remote;
    book->between = value;
}

void begin_section(thread& self, std::uintptr_t site) noexcept {
    section_book* const book = book_of(self);
    if (book == nullptr) return;
    ++book->section;
    book->has_act = false;
    // Where a lock's own class is not inlined, its site is the same for all: its callers tell.
    constexpr std::ptrdiff_t callers = 6;
    std::uint64_t hash = site;
    for (const call_frame* at = front.top; at != front.base && front.top - at < callers; --at)
        hash = (hash ^ at[-1].return_address) * 0x9E37'79B9'7F4A'7C15;
    book->entered = static_cast<std::uint32_t>(hash >> 32 ^ hash);
}

void end_section(thread& self, recorder::agent& agent) noexcept {
    section_book* const book = self.sections;
    if (book == nullptr || !book->has_act) return;
    book->has_act = false;
    const std::uintptr_t begin = book->acted_on.cell_begin;
    const std::uint64_t mask = mask_of(book->acted_on.bytes);
    if (!is_still_written(self, begin, book->acted_on.bytes)) return;
    const std::uint64_t now = *reinterpret_cast<const volatile std::uint64_t*>(begin);
    const bool came_between = ((book->between ^ book->acted_on.value) & mask) != 0;
    if (came_between && ((now ^ book->between) & mask) == 0) return;  // he wrote the same: nothing is lost
    if (!came_between && !is_static(begin)) return;
    report_atomicity(self, agent, begin, {book->act, book->remote, book->acted_on.place, came_between});
}

void forget_sections(thread& gone) noexcept {
    if (gone.sections != nullptr) memory.release(gone.sections, sizeof *gone.sections);
    gone.sections = nullptr;
}

}  // namespace interlock::race
