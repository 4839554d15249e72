// One order_graph for the process, under one latch: who takes it does so where a dependency is logged, or an event that orders agents, once
// somebody has nested locks; never where the way of a lock is hot.
//
// What it cannot judge it leaves to the analysis of the log: joins and semaphores as locks, shared requests behind a queued writer, tries that block
// after all, members of std::lock, requests with more than 32 locks held.
#include "instrument/recorder/order_check.hpp"

#include <cstring>

#include "instrument/recorder/exit_report.hpp"
#include "instrument/recorder/findings.hpp"
#include "instrument/recorder/holds.hpp"
#include "instrument/recorder/message.hpp"
#include "instrument/recorder/modules.hpp"
#include "instrument/recorder/order_graph.hpp"
#include "instrument/recorder/process.hpp"
#include "instrument/recorder/writer.hpp"

namespace interlock::recorder {

constinit std::atomic<bool> order_check_on{false};

namespace {

struct order_state {
    spin_latch latch;  // guards the rest
    order_graph graph{process.memory};
    hash_numbers told;      // keys of cycles
    order_request request;  // not on the stack, which may be a small one
    order_cycle cycle;
};
constinit order_state state;
/// So that programs that never nest locks pay nothing for the events of theirs.
constinit std::atomic<bool> has_requests{false};
/// The check ended for want of room, and nobody was told yet.
constinit std::atomic<bool> ended_untold{false};

/// What else there is has rules of its own, which analysis knows.
bool is_judged(format::object_type type) noexcept {
    return format::is_bound_to_thread(type) || type == format::object_type::user_lock;
}

/// Fills `out` from what the agent holds. False: not a request that this check can judge.
bool describe(const agent& self, format::object_id wanted, std::uint8_t flags, order_request& out) noexcept {
    constexpr std::uint8_t judged_elsewhere =
        format::lock_flags::attempt | format::lock_flags::timed | format::lock_flags::in_signal;
    if ((flags & judged_elsewhere) != 0 || !is_judged(process.objects[wanted].type)) return false;
    out.held_count = out.held_shared = out.guards_only = 0;
    for (std::uint32_t i = 0; i < self.held_count(); ++i) {
        const format::held_entry& entry = self.hold(i);
        if (entry.lead == 0) continue;
        const format::object_id held = format::hold_object(entry.lead);
        if (held == wanted || out.held_count == order_request::held_max) return false;
        const std::uint32_t bit = 1u << out.held_count;
        if ((format::hold_flags(entry.lead) & format::lock_flags::shared) != 0) out.held_shared |= bit;
        if (!is_judged(process.objects[held].type)) out.guards_only |= bit;
        out.held[out.held_count++] = held;
    }
    out.agent = self.id;
    out.wanted = wanted;
    out.wanted_shared = (flags & format::lock_flags::shared) != 0;
    return out.held_count != 0;
}

struct place_query {
    std::uintptr_t address;
    const char* path;
    std::uintptr_t offset;
};

int find_place(dl_phdr_info* info, std::size_t, void* data) noexcept {
    auto& query = *static_cast<place_query*>(data);
    for (std::size_t i = 0; i < info->dlpi_phnum; ++i) {
        const ElfW(Phdr)& header = info->dlpi_phdr[i];
        if (header.p_type != PT_LOAD || query.address - info->dlpi_addr - header.p_vaddr >= header.p_memsz) continue;
        query.path = info->dlpi_name;
        query.offset = query.address - info->dlpi_addr;
        return 1;
    }
    return 0;
}

/// `path+0x1234`, as addr2line understands it.
void put_place(message& out, std::uintptr_t address) noexcept {
    place_query query{address, nullptr, 0};
    iterate_modules(find_place, &query);
    if (query.path == nullptr) {
        out.put_hex(address);
        return;
    }
    const format::file_header& header = *process.log.header();
    if (query.path[0] == '\0')
        out.put(header.program, header.program_size);
    else
        out << query.path;
    out << "+";
    out.put_hex(query.offset);
}

/// By its name, else by the kernel's number: the report deals out numbers of its own and tells this one beside them.
void put_agent(message& out, const order_side& side) noexcept {
    if (side.name[0] != '\0')
        out.put(side.name, strnlen(side.name, sizeof side.name));
    else if (side.id == format::agent_id{1})
        out << "main";
    else if (side.thread != 0)
        (out << "tid ").put_number(side.thread);
    else
        out << "a task";
}

void put_lock(message& out, format::object_id lock) noexcept {
    (out << "lock ").put_hex(process.objects[lock].address);
}

void put_side(message& out, const order_cycle_side& side, bool now) noexcept {
    put_agent(out, *side.agent);
    out << (now ? " holds " : " held ");
    put_lock(out, side.kept);
    out << (now ? " and wants " : " and wanted ");
    put_lock(out, side.wanted);
    out << " at ";
    put_place(out, side.site - 1);  // the call, not what comes after
}

void describe(message& out, const order_cycle& cycle) noexcept {
    (out << "interlock: lock-order inversion, a potential deadlock (pid ")
        .put_number(static_cast<std::uint64_t>(process.log.header()->pid));
    out << "): ";
    put_side(out, cycle.sides[0], true);
    out << "\ninterlock: ";
    for (std::uint32_t i = 1; i < cycle.size; ++i) {
        if (i != 1) out << "; ";
        put_side(out, cycle.sides[i], false);
    }
    out << "\n";
    if (is_linked() && !process.settings.halt_on_error) out << "interlock: the full report follows at exit\n";
}

/// The report of the cycle that `wanted` closes, to be released by the caller; nullptr: it closes none that was not told.
message* look(agent& self, format::object_id wanted, std::uint8_t flags, std::uintptr_t site) noexcept {
    const spin_guard guard(state.latch);
    if (!order_check_on.load(std::memory_order_relaxed) || !describe(self, wanted, flags, state.request))
        return nullptr;
    state.request.site = site;
    has_requests.store(true, std::memory_order_relaxed);
    if (order_side* side = state.graph.side(self.id)) {
        std::memcpy(side->name, self.page->name, sizeof side->name);
        side->thread = self.page->thread;
    }
    const bool closes = state.graph.request(state.request, state.cycle);
    if (state.graph.is_exhausted()) {
        order_check_on.store(false, std::memory_order_relaxed);
        ended_untold.store(true, std::memory_order_relaxed);
    }
    if (!closes) return nullptr;
    hash_numbers::entry* told = state.told.insert(state.cycle.key());
    if (told == nullptr || told->first != 0) return nullptr;
    told->first = 1;
    if (!are_all_findings_wanted()) order_check_on.store(false, std::memory_order_relaxed);
    auto* report = process.memory.make<message>();
    if (report != nullptr) describe(*report, state.cycle);
    return report;
}

/// Who relies on the check while the program runs hears that it ended: the report has what it would have told.
void tell_end() noexcept {
    if (!are_findings_acted_on()) return;
    auto* last = process.memory.make<message>();
    if (last == nullptr) return;
    *last << "interlock: too many lock orders to check them while the program runs: the next inversion does not stop "
             "it, nor reach a callback; interlock analyze "
          << process.log.path() << " finds it\n";
    last->print();
    process.memory.release(last, sizeof *last);
}

void begin(bool on) noexcept {
    state.graph.reset();
    state.told = {};
    has_requests.store(false, std::memory_order_relaxed);
    ended_untold.store(false, std::memory_order_relaxed);
    order_check_on.store(on, std::memory_order_relaxed);
}

}  // namespace

void follow_order(format::agent_id agent, format::event_kind what, std::uint32_t object) noexcept {
    // Barriers, events and once flags remember who came, whatever he had done; all else orders only what was requested.
    const bool remembers = what == format::event_kind::once_begin || what == format::event_kind::once_done ||
                           what == format::event_kind::once_abort || what == format::event_kind::barrier_arrive ||
                           what == format::event_kind::barrier_drop || what == format::event_kind::barrier_complete ||
                           what == format::event_kind::event_set || what == format::event_kind::event_reset ||
                           what == format::event_kind::event_pass;
    if (!remembers && !has_requests.load(std::memory_order_relaxed)) return;
    const spin_guard guard(state.latch);
    if (!state.graph.is_exhausted()) state.graph.step(agent, what, object);  // else the next request ends the check
}

void check_order(agent& self, format::object_id wanted, std::uint8_t flags, std::uintptr_t site,
                 std::uint32_t dependency) noexcept {
    if (!order_check_on.load(std::memory_order_relaxed)) return;
    message* report = look(self, wanted, flags, site);
    if (ended_untold.load(std::memory_order_relaxed) && ended_untold.exchange(false, std::memory_order_relaxed))
        tell_end();
    if (report == nullptr) return;
    write(self, format::event_kind::alarm_order, 0, {}, format::number(wanted), dependency);
    announce("lock-order-cycle", *report, is_linked());
    process.memory.release(report, sizeof *report);
}

void resume_order_check(bool on) noexcept {
    const spin_guard guard(state.latch);
    if (order_check_on.load(std::memory_order_relaxed) != on) begin(on);
}

void begin_order_check(bool on) noexcept {
    state.latch.reset();
    begin(on);
}

}  // namespace interlock::recorder
