#include "instrument/race/report.hpp"

#include <dlfcn.h>
#include <link.h>

#include "instrument/race/benign.hpp"
#include "instrument/race/blocks.hpp"
#include "instrument/race/descriptors.hpp"
#include "instrument/race/held.hpp"
#include "instrument/race/runtime.hpp"
#include "instrument/recorder/agent.hpp"
#include "instrument/recorder/message.hpp"
#include "instrument/recorder/options.hpp"
#include "instrument/recorder/system_call.hpp"

namespace interlock::race {
namespace {

using format::access_kind;
using recorder::message;

constexpr std::uint32_t defects_max = 1u << 16;
constexpr std::uint32_t printed_max = 20;
constexpr std::size_t frames_max = 64;

/// Pairs of places that were found to race, and how often.
constinit pair_table defects{defects_max};
constinit std::atomic<std::uint32_t> times[defects_max] = {};
constinit std::atomic<std::uint32_t> printed{0};

/// The same of checks and acts.
constexpr std::uint32_t violations_max = 1u << 12;
constinit pair_table violations{violations_max};
constinit std::atomic<std::uint32_t> violated[violations_max] = {};
constinit std::atomic<bool> witnessed[violations_max] = {};

access_kind kind_of(std::uint64_t stamp, bool frees) noexcept {
    if (frees) return access_kind::free;
    if ((stamp & head_bits::atomic) != 0)
        return written_of(stamp) != 0 ? access_kind::atomic_write : access_kind::atomic_read;
    return written_of(stamp) != 0 ? access_kind::write : access_kind::read;
}

format::race_access side_of(recorder::agent& writer, std::uintptr_t cell_begin, const access_entry& what,
                            format::agent_id agent) noexcept {
    const place where = place_of(what.place);
    const std::uint32_t bytes = read_of(what.stamp);
    format::race_access side;
    const auto offset = static_cast<unsigned>(__builtin_ctz(bytes));
    side.address = cell_begin + offset;
    side.size = static_cast<std::uint16_t>(32 - __builtin_clz(bytes) - static_cast<int>(offset));
    side.what = kind_of(what.stamp, where.frees);
    format::object_id locks[32];
    const std::uint32_t count = objects_of(where.held, locks, 32);
    side.lock_count = static_cast<std::uint8_t>(count < 255 ? count : 255);
    const std::uint32_t named = count < format::race_locks_max ? count : format::race_locks_max;
    for (std::uint32_t i = 0; i < named && count <= 32; ++i) side.locks[i] = locks[count - named + i];
    std::uint64_t frames[frames_max];
    side.stack = runtime.recorder->intern_stack(writer, frames, stack_of(where, frames, frames_max));
    side.agent = agent;
    return side;
}

void describe_memory(recorder::agent& writer, std::uintptr_t address, format::race_payload& race) noexcept {
    if (const int file = descriptor_at(address); file >= 0) {
        race.region = format::memory_region::descriptor;
        race.begin = static_cast<std::uint64_t>(file);
        return;
    }
    heap_block block;
    stack_owner owner;
    if (find_block(address, block)) {
        race.region = block.freed ? format::memory_region::freed : format::memory_region::heap;
        race.begin = block.begin;
        race.size = block.size;
        std::uint64_t frames[frames_max];
        race.allocated_at =
            runtime.recorder->intern_stack(writer, frames, stack_of(place_of(block.allocated_at), frames, frames_max));
    } else if (find_stack(address, owner)) {
        race.region = format::memory_region::stack;
        race.begin = owner.low;
        race.size = owner.top - owner.low;
        race.owner = owner.id;
    }
}

void put_address(message& out, std::uint64_t address) noexcept {
    dl_find_object found;
    if (_dl_find_object(reinterpret_cast<void*>(address), &found) != 0) {
        out.put_hex(address);
        return;
    }
    const char* name = found.dlfo_link_map->l_name;
    const char* slash = name == nullptr ? nullptr : std::strrchr(name, '/');
    out << (slash != nullptr ? slash + 1 : name == nullptr || *name == '\0' ? "the program" : name) << "+";
    out.put_hex(address - found.dlfo_link_map->l_addr);
}

/// By its name, else by the kernel's number, which the report tells beside its own.
void put_thread(message& out, const thread_label& who) noexcept {
    if (who.name[0] != '\0')
        out.put(who.name, strnlen(who.name, sizeof who.name));
    else if (who.id == format::agent_id{1})
        out << "main";
    else if (who.task != 0)
        (out << "tid ").put_number(who.task);
    else
        out << "a thread";
}

void put_side(message& out, const format::race_access& side, const thread_label& who, std::uint64_t site) noexcept {
    constexpr const char* names[] = {"read", "write", "atomic read", "atomic write", "free"};
    (out << names[static_cast<unsigned>(side.what)] << " of ").put_number(side.size);
    (out << " bytes at ").put_hex(side.address);
    put_thread(out << " by ", who);
    out << " in ";
    put_address(out, site - 1);
}

void describe(message& out, const format::race_payload& race, const access_entry& later,
              const access_entry& earlier) noexcept {
    (out << "interlock: data race (pid ").put_number(static_cast<std::uint64_t>(recorder::current_process_id()));
    out << "): ";
    put_side(out, race.later, label_at(later.stamp), place_of(later.place).address);
    out << "\ninterlock: nothing orders it after the ";
    put_side(out, race.earlier, label_at(earlier.stamp), place_of(earlier.place).address);
    out << "\n";
}

/// The first time that these two places race: told to whoever wants it, which may end the process.
void announce(const format::race_payload& race, const access_entry& later, const access_entry& earlier) noexcept {
    auto* report = memory.make<message>();  // not on the stack, which may be a small one
    if (report == nullptr) return;
    describe(*report, race, later, earlier);
    const bool prints =
        runtime.recorder->settings->report && printed.fetch_add(1, std::memory_order_relaxed) < printed_max;
    runtime.recorder->announce("data-race", *report, prints);
    memory.release(report, sizeof *report);
}

}  // namespace

void report_race(thread& self, std::uintptr_t address, const access_entry& later, const access_entry& earlier,
                 recorder::agent* entered) noexcept {
    const std::uintptr_t cell_begin = address & ~(cell_span - 1);
    const std::uint32_t both = read_of(later.stamp) & read_of(earlier.stamp);
    const auto offset = static_cast<unsigned>(__builtin_ctz(both));
    if (is_benign(cell_begin + offset, 32u - static_cast<unsigned>(__builtin_clz(both)) - offset)) return;
    const place here = place_of(later.place);
    const place there = place_of(earlier.place);
    const bool swapped = here.address > there.address;
    const std::uint32_t defect =
        defects.intern(swapped ? there.address : here.address, swapped ? here.address : there.address);
    if (defect == 0) return;
    const std::uint32_t seen = times[defect].fetch_add(1, std::memory_order_relaxed) + 1;
    if ((seen & (seen - 1)) != 0) return;  // told at 1, 2, 4, 8 ...
    recorder::agent* const writer =
        entered != nullptr ? entered
                           : runtime.recorder->enter(reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)));
    if (writer == nullptr) return;  // nothing is recorded any more, so synchronisation goes unseen too
    format::race_payload race;
    race.later = side_of(*writer, cell_begin, later, self.self != nullptr ? self.self->id : self.id);
    race.earlier = side_of(*writer, cell_begin, earlier, agent_at(earlier.stamp));
    race.last_order = format::object_id{self.learnt_from[slot_of(earlier.stamp)]};
    describe_memory(*writer, race.later.address, race);
    runtime.recorder->write_race(*writer, defect, seen, race);
    if (seen == 1) announce(race, later, earlier);
    if (entered == nullptr) runtime.recorder->leave(*writer);
}

void report_atomicity(thread& self, recorder::agent& agent, std::uintptr_t cell_begin,
                      const stale_check& found) noexcept {
    const place check = place_of(found.check);
    const std::uint32_t defect = violations.intern(check.address, place_of(found.act.place).address);
    if (defect == 0) return;
    const std::uint32_t seen = violated[defect].fetch_add(1, std::memory_order_relaxed) + 1;
    const bool is_first_witness = found.came_between && !witnessed[defect].exchange(true, std::memory_order_relaxed);
    if ((seen & (seen - 1)) != 0 && !is_first_witness) return;
    format::race_payload race;
    race.later = side_of(agent, cell_begin, found.act, self.self != nullptr ? self.self->id : self.id);
    race.earlier = side_of(agent, cell_begin, found.remote, agent_at(found.remote.stamp));
    describe_memory(agent, race.later.address, race);
    std::uint64_t frames[frames_max];
    const format::access_payload checked = {
        race.later.address, race.later.size,
        runtime.recorder->intern_stack(agent, frames, stack_of(check, frames, frames_max))};
    runtime.recorder->write_atomicity(agent, defect, seen, found.came_between ? format::came_between : std::uint8_t{0},
                                      race, checked);
}

void reset_reports() noexcept {
    defects.reset_latch();
    violations.reset_latch();
    for (std::uint32_t i = 0; i <= violations.size(); ++i) {
        violated[i].store(0, std::memory_order_relaxed);
        witnessed[i].store(false, std::memory_order_relaxed);
    }
    for (std::uint32_t i = 0; i <= defects.size(); ++i) times[i].store(0, std::memory_order_relaxed);
}

}  // namespace interlock::race
