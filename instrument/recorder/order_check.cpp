// The simple model is Goodlock (Havelund 2000; Bensalem and Havelund 2005): an edge for every lock held when another is wanted, and a
// cycle of edges by distinct agents, without a common guard, that nothing orders, is a possible deadlock. A new edge can only close
// cycles through itself, so the search starts there.
//
// The code differs in being silent wherever it cannot be sure within its bounds (eight locks held, six sides, a few thousand steps): the
// analysis at exit looks at everything. An edge x older than an edge y is taken for unordered if the agent of x has met no
// ordering event since x, so that others know of x by its join alone, and that of y met its last one before that join, if any; or if the
// agent of y met its last one before x.
#include "instrument/recorder/order_check.hpp"

#include <cstring>

#include "instrument/recorder/holds.hpp"
#include "instrument/recorder/message.hpp"
#include "instrument/recorder/modules.hpp"
#include "instrument/recorder/process.hpp"
#include "instrument/recorder/writer.hpp"

namespace interlock::recorder {

constinit std::atomic<bool> order_check_on{false};
constinit std::atomic<std::uint64_t> order_clock{1};

namespace {

constexpr std::uint32_t held_max = 8;
constexpr std::uint32_t sides_max = 6;
constexpr std::uint32_t requests_max = 1u << 16;
constexpr std::uint32_t steps_max = 4096;

/// One dependency: an agent that holds some locks wants another.
struct request_node {
    order_side* side;
    std::uint64_t made_at;     // order_clock when it was made
    std::uint64_t stepped_at;  // its agent's last ordering event before
    std::uintptr_t site;
    format::object_id wanted;
    std::uint8_t held_count;
    std::uint8_t held_shared;  // bit i: held[i] is held shared
    bool wanted_shared;
    format::object_id held[held_max];
};

/// A request in the list of those that hold a certain lock.
struct list_node {
    request_node* request;
    list_node* next;
    std::uint32_t held_index;
};

struct order_graph {
    spin_latch latch;      // guards the rest
    hash_numbers holders;  // lock -> list of the requests made while it was held (a pointer in two halves)
    hash_numbers known;    // requests that are in the graph already
    hash_numbers sides;    // agent -> order_side
    std::uint32_t requests = 0;
};
constinit order_graph graph;

std::uint64_t mixed(std::uint64_t value) noexcept {
    value = (value + 1) * 0x9E37'79B9'7F4A'7C15;
    value = (value ^ value >> 29) * 0xD6E8'FEB8'6659'FD93;
    return value == 0 ? 1 : value;
}

template <typename T>
T* pointer_in(const hash_numbers::entry& entry) noexcept {
    return reinterpret_cast<T*>(std::uintptr_t{entry.second} << 32 | entry.first);
}
void put_pointer(hash_numbers::entry& entry, const void* pointer) noexcept {
    const auto value = reinterpret_cast<std::uintptr_t>(pointer);
    entry.first = static_cast<std::uint32_t>(value);
    entry.second = static_cast<std::uint32_t>(value >> 32);
}

/// Fills `out` from what the agent holds. False: not a request that this check can judge.
bool describe(const agent& self, format::object_id wanted, std::uint8_t flags, request_node& out) noexcept {
    constexpr std::uint8_t judged_elsewhere =
        format::lock_flags::attempt | format::lock_flags::timed | format::lock_flags::in_signal;
    if ((flags & judged_elsewhere) != 0 || self.held_count() - self.gaps > held_max ||
        !format::is_pthread_lock(process.objects[wanted].type))
        return false;
    for (std::uint32_t i = 0; i < self.held_count(); ++i) {
        const format::held_entry& entry = self.hold(i);
        if (entry.lead == 0) continue;
        const format::object_id held = format::hold_object(entry.lead);
        if (held == wanted || out.held_count == held_max) return false;
        if ((format::hold_flags(entry.lead) & format::lock_flags::shared) != 0)
            out.held_shared = static_cast<std::uint8_t>(out.held_shared | 1u << out.held_count);
        out.held[out.held_count++] = held;
    }
    out.wanted = wanted;
    out.wanted_shared = (flags & format::lock_flags::shared) != 0;
    return out.held_count != 0;
}

std::uint64_t key_of(const request_node& request, format::agent_id agent) noexcept {
    std::uint64_t key = mixed(format::number(agent) | std::uint64_t{format::number(request.wanted)} << 32);
    for (std::uint32_t i = 0; i < request.held_count; ++i)
        key = mixed(key ^ format::number(request.held[i]) ^ std::uint64_t{request.held_shared >> i & 1u} << 32);
    return mixed(key ^ static_cast<std::uint64_t>(request.wanted_shared));
}

order_side* side_of(agent& self) noexcept {
    if (self.side == nullptr) {
        hash_numbers::entry* entry = graph.sides.insert(mixed(format::number(self.id)));
        auto* made = process.memory.make<order_side>();
        if (entry == nullptr || made == nullptr) return nullptr;
        made->id = self.id;
        made->joined_at.store(~std::uint64_t{0}, std::memory_order_relaxed);  // the arena does not construct
        made->stepped_at.store(self.stepped_at, std::memory_order_relaxed);
        put_pointer(*entry, made);
        self.side = made;
    }
    std::memcpy(self.side->name, self.page->name, sizeof self.side->name);
    return self.side;
}

bool is_shared(const request_node& request, std::uint32_t index) noexcept {
    return (request.held_shared >> index & 1u) != 0;
}

/// Some lock that both hold, in modes that exclude each other.
bool has_guard(const request_node& a, const request_node& b) noexcept {
    for (std::uint32_t i = 0; i < a.held_count; ++i)
        for (std::uint32_t j = 0; j < b.held_count; ++j)
            if (a.held[i] == b.held[j] && !(is_shared(a, i) && is_shared(b, j))) return true;
    return false;
}

bool is_maybe_ordered(const request_node& a, const request_node& b) noexcept {
    const request_node& older = a.made_at <= b.made_at ? a : b;
    const request_node& newer = a.made_at <= b.made_at ? b : a;
    if (newer.stepped_at <= older.made_at) return false;
    const order_side& side = *older.side;
    return side.stepped_at.load(std::memory_order_relaxed) > older.made_at ||
           newer.stepped_at > side.joined_at.load(std::memory_order_relaxed);
}

class cycle_search {
public:
    explicit cycle_search(const request_node& first) noexcept { path_[size_++] = &first; }

    /// Shortest first, by depth.
    bool find() noexcept {
        for (limit_ = 2; limit_ <= sides_max; ++limit_)
            if (extend()) return true;
        return false;
    }
    std::uint32_t size() const noexcept { return size_; }
    const request_node& operator[](std::uint32_t i) const noexcept { return *path_[i]; }

private:
    bool fits(const request_node& next) const noexcept {
        for (std::uint32_t i = 0; i < size_; ++i) {
            const request_node& side = *path_[i];
            if (side.side == next.side || side.wanted == next.wanted || has_guard(side, next) ||
                is_maybe_ordered(side, next))
                return false;
        }
        return true;
    }
    bool closes(const request_node& last) const noexcept {
        const request_node& first = *path_[0];
        for (std::uint32_t i = 0; i < first.held_count; ++i)
            if (first.held[i] == last.wanted) return !(is_shared(first, i) && last.wanted_shared);
        return false;
    }
    // NOLINTNEXTLINE(misc-no-recursion): no deeper than sides_max
    bool extend() noexcept {
        const request_node& last = *path_[size_ - 1];
        const hash_numbers::entry* entry = graph.holders.find(mixed(format::number(last.wanted)));
        if (entry == nullptr) return false;
        for (const list_node* at = pointer_in<list_node>(*entry); at != nullptr; at = at->next) {
            if (++steps_ > steps_max) return false;
            const request_node& next = *at->request;
            if ((last.wanted_shared && is_shared(next, at->held_index)) || !fits(next)) continue;
            path_[size_++] = &next;
            if (size_ == limit_ ? closes(next) : extend()) return true;
            --size_;
        }
        return false;
    }

    const request_node* path_[sides_max] = {};
    std::uint32_t size_ = 0;
    std::uint32_t limit_ = 0;
    std::uint32_t steps_ = 0;
};

/// The request into the graph; nullptr: it was there, or there is no room.
request_node* add(agent& self, const request_node& described) noexcept {
    hash_numbers::entry* known = graph.known.insert(key_of(described, self.id));
    if (known == nullptr || known->first != 0 || graph.requests == requests_max) return nullptr;
    known->first = 1;
    auto* made = process.memory.make<request_node>();
    order_side* side = side_of(self);
    if (made == nullptr || side == nullptr) return nullptr;
    *made = described;
    made->side = side;
    made->made_at = order_clock.load(std::memory_order_relaxed);
    made->stepped_at = self.stepped_at;
    ++graph.requests;
    for (std::uint32_t i = 0; i < made->held_count; ++i) {
        hash_numbers::entry* holders = graph.holders.insert(mixed(format::number(made->held[i])));
        auto* node = process.memory.make<list_node>();
        if (holders == nullptr || node == nullptr) break;
        *node = {made, pointer_in<list_node>(*holders), i};
        put_pointer(*holders, node);
    }
    return made;
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

void put_agent(message& out, const order_side& side) noexcept {
    if (side.name[0] != '\0')
        out.put(side.name, strnlen(side.name, sizeof side.name));
    else if (side.id == format::agent_id{1})
        out << "the main thread";
    else
        (out << "thread ").put_number(format::number(side.id));
}

void put_lock(message& out, format::object_id lock) noexcept {
    (out << "lock ").put_number(format::number(lock));
    (out << " (").put_hex(process.objects[lock].address);
    out << ")";
}

/// Which of its locks `side` keeps from the one before it in the cycle, and what it wants.
void put_side(message& out, const request_node& side, format::object_id kept, bool now) noexcept {
    put_agent(out, *side.side);
    out << (now ? " holds " : " held ");
    put_lock(out, kept);
    out << (now ? " and wants " : " and wanted ");
    put_lock(out, side.wanted);
    out << " at ";
    put_place(out, side.site - 1);  // the call, not what comes after
}

void tell(const cycle_search& cycle) noexcept {
    static constinit message out;  // not on the stack, which may be a small one; once a process, under the latch
    out.clear();
    (out << "interlock: lock-order inversion, a potential deadlock (pid ")
        .put_number(static_cast<std::uint64_t>(process.log.header()->pid));
    out << "): ";
    put_side(out, cycle[0], cycle[cycle.size() - 1].wanted, true);
    out << "\ninterlock: ";
    for (std::uint32_t i = 1; i < cycle.size(); ++i) {
        if (i != 1) out << "; ";
        put_side(out, cycle[i], cycle[i - 1].wanted, false);
    }
    out << "\ninterlock: the full report follows at exit\n";
    out.print();
}

}  // namespace

void note_joined_in_order(format::agent_id gone) noexcept {
    if (!order_check_on.load(std::memory_order_relaxed)) return;
    const spin_guard guard(graph.latch);
    if (const hash_numbers::entry* entry = graph.sides.find(mixed(format::number(gone))))
        if (auto* side = pointer_in<order_side>(*entry))
            side->joined_at.store(order_clock.fetch_add(1, std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

void check_order(agent& self, format::object_id wanted, std::uint8_t flags, std::uintptr_t site,
                 std::uint32_t dependency) noexcept {
    if (!order_check_on.load(std::memory_order_relaxed)) return;
    request_node described{};
    described.site = site;
    if (!describe(self, wanted, flags, described)) return;
    {
        const spin_guard guard(graph.latch);
        if (!order_check_on.load(std::memory_order_relaxed)) return;  // another was first
        const request_node* made = add(self, described);
        if (made == nullptr) return;
        cycle_search cycle(*made);
        if (!cycle.find()) return;
        order_check_on.store(false, std::memory_order_relaxed);
        tell(cycle);
    }
    write(self, format::event_kind::alarm_order, 0, {}, format::number(wanted), dependency);
}

void begin_order_check(bool on) noexcept {
    graph.latch.reset();
    graph.holders = {};
    graph.known = {};
    graph.sides = {};
    graph.requests = 0;
    order_check_on.store(on, std::memory_order_relaxed);
}

}  // namespace interlock::recorder
