// The held path of a dependency is a node in a tree: parent path, then one more lock. Nodes are interned by agent, so a dependency
// costs two slots however much is held. A node is defined again in each chunk that refers to it (up to `redefine_depth`), so
// that a chunk stands alone when earlier ones are lost.
//
// Stacks (D6): the request's is unwound here, exactly. A hold's is composed: its site, the callers that frame pointers gave at
// acquisition, then the frames of the request's stack that are older than the hold. Where the two parts join (a return address
// in common, or both in one function) and at least two callers were followed, that is exact; else it says `approximate`.
#include "instrument/recorder/dependencies.hpp"

#include <cstring>
#include <span>

#include "instrument/recorder/modules.hpp"
#include "instrument/recorder/order_check.hpp"
#include "instrument/recorder/process.hpp"
#include "instrument/recorder/scopes.hpp"
#include "instrument/recorder/writer.hpp"

namespace interlock::recorder {
namespace {

constexpr std::uint32_t redefine_depth = 64;

using request_stack = std::span<const frame>;

bool is_in_function(const frame& f, std::uint64_t return_address) noexcept {
    return f.function != 0 && return_address - 1 >= f.function && return_address - 1 < f.function_end;
}

format::stack_id compose_stack(agent& self, const format::held_entry& entry, request_stack request,
                               bool& approximate) noexcept {
    std::uint64_t addresses[5 + stack_frames_max];
    std::size_t count = 0;
    addresses[count++] = entry.site;
    for (const std::uint64_t caller : entry.callers)
        if (caller != 0) addresses[count++] = caller;
    const std::size_t followed = count - 1;

    std::size_t join = 0;
    while (join < request.size() && request[join].frame_end <= entry.stack_pointer) ++join;
    bool joined = false;
    for (std::size_t known = count; known-- != 0 && !joined;) {
        for (std::size_t j = join; j < request.size() && !joined; ++j) {
            if (request[j].address != addresses[known] && !is_in_function(request[j], addresses[known])) continue;
            count = known + 1;
            join = j + 1;
            joined = true;
        }
    }
    approximate = !joined || followed < 2;
    for (std::size_t j = join; j < request.size(); ++j) addresses[count++] = request[j].address;
    if (count > stack_frames_max) count = stack_frames_max;
    return intern_stack(self, {addresses, count});
}

bool grow_path(agent& self) noexcept {
    if (self.held_count() <= self.path_capacity) return true;
    const std::uint32_t capacity = self.held_count() * 2;
    auto* nodes = static_cast<std::uint32_t*>(process.memory.allocate(capacity * sizeof(std::uint32_t)));
    if (nodes == nullptr) return false;
    if (self.path_capacity != 0) {
        std::memcpy(nodes, self.path_nodes, self.path_capacity * sizeof(std::uint32_t));
        process.memory.release(self.path_nodes, self.path_capacity * sizeof(std::uint32_t));
    }
    self.path_nodes = nodes;
    self.path_capacity = capacity;
    return true;
}

/// Defines one node, if this chunk has not seen it. Returns its id, 0: no memory.
std::uint32_t define_node(agent& self, std::uint64_t hash, std::uint32_t parent, const format::held_entry& entry,
                          request_stack request) noexcept {
    hash_numbers::entry* node = self.paths.insert(hash);
    if (node == nullptr) return 0;
    if (node->first == 0) {
        bool approximate = false;
        node->third = format::number(compose_stack(self, entry, request, approximate));
        node->fourth = approximate;
        node->first = ++self.held_sets;
        node->second = ~0u;
    }
    if (node->second != self.chunk_index) {
        const format::held_set_payload payload{format::hold_object(entry.lead), format::hold_flags(entry.lead),
                                               format::stack_id{node->third}, node->fourth != 0};
        write_wide(self, format::event_kind::held_set, 0, {}, node->first, parent, format::encode(payload));
        node->second = self.chunk_index;
    }
    return node->first;
}

/// The node of the whole held path, its ancestors defined.
std::uint32_t define_path(agent& self, request_stack request) noexcept {
    if (!grow_path(self) || hash_path(self) == 0) return 0;
    const std::uint32_t live = self.held_count() - self.gaps;
    std::uint32_t i = live <= redefine_depth ? 0 : self.path_valid;
    std::uint32_t parent = i == 0 ? 0 : self.path_nodes[i - 1];
    for (; i < self.held_count(); ++i) {
        const format::held_entry& entry = self.hold(i);
        if (entry.lead != 0) {
            parent = define_node(self, self.path_hashes[i + 1], parent, entry, request);
            if (parent == 0) return 0;
        }
        self.path_nodes[i] = parent;
    }
    self.path_valid = self.held_count();
    return parent;
}

struct request_definition {
    format::stack_id stack;
    std::uint32_t held;  // held_set_id, 0: no room
};

/// Defines what a dependency record refers to: the request's stack, which is `stack`, and the held path.
request_definition define_request(agent& self, format::stack_id stack, request_stack request) noexcept {
    // Room for all definitions at once, as a rule: they and the dependency belong into one chunk.
    const std::uint32_t live = self.held_count() - self.gaps;
    const std::size_t room =
        2 * (live < redefine_depth ? live : redefine_depth) + format::stack_slots(stack_frames_max) + 3;
    if (static_cast<std::size_t>(self.end - self.next) < room) reserve_in_new_chunk(self, 0);
    const std::uint32_t held = define_path(self, request);
    if (held == 0) note_loss(self, format::loss_reason::out_of_memory, 1);
    return {stack, held};
}

__attribute__((noinline)) request_definition unwind_request(agent& self, const call_point& from) noexcept {
    frame frames[stack_frames_max];
    const std::size_t count = unwind_known(self, from, frames);
    std::uint64_t addresses[stack_frames_max];
    for (std::size_t i = 0; i < count; ++i) addresses[i] = frames[i].address;
    const format::stack_id stack = intern_stack(self, {addresses, count});
    return define_request(self, stack, {frames, count});
}

request_definition define_request_at(agent& self, const call_point& from) noexcept {
    if (has_room_to_unwind(self, from.stack_pointer)) return unwind_request(self, from);
    return define_request(self, capture_stack(self, from), {});
}

/// Which of the process's requests came first is asked of these numbers alone, where nothing orders their agents. A request that another one of the
/// program comes after has the smaller number, since it is drawn before the request is made.
std::uint32_t draw_nth() noexcept { return process.dependencies.fetch_add(1, std::memory_order_relaxed) + 1; }

void set_told(const agent& self, hash_numbers::entry& seen) noexcept {
    const std::uint64_t before = seen.second == self.segment ? seen.third | std::uint64_t{seen.fourth} << 32 : 0;
    const std::uint64_t with_open = before | self.open_signals;
    seen.second = self.segment;
    seen.third = static_cast<std::uint32_t>(with_open);
    seen.fourth = static_cast<std::uint32_t>(with_open >> 32);
}

/// Once in a segment for each open signal, like all that is bare.
void tell_held_open(agent& self, const format::held_entry& entry) noexcept {
    constexpr std::uintptr_t not_bare = 1;  // and no handler
    const format::object_id lock = format::hold_object(entry.lead);
    // Of a handler that was left with it, it is held outside now.
    constexpr std::uint8_t kept_flags = bare_flags & ~format::lock_flags::in_signal;
    const std::uint8_t flags = format::hold_flags(entry.lead) & kept_flags;
    hash_numbers::entry* seen = self.seen.insert(path_hash(0, lock, flags, not_bare));
    if (seen == nullptr) return note_loss(self, format::loss_reason::out_of_memory, 1);
    if (is_told(self, *seen)) return;
    seen->first = 1;
    set_told(self, *seen);
    write(self, format::event_kind::held_open, flags, intern_site(self, entry.site), format::number(lock), 0);
}

/// What the inlined way looks for. It knows no attributes of a request but its mode.
std::uint64_t inline_key(const agent& self, format::object_id lock, std::uint8_t flags) noexcept {
    if ((flags & ~format::lock_flags::shared) != 0) return interlock_no_key;
    const std::uint64_t mode = (flags & format::lock_flags::shared) != 0 ? std::uint64_t{interlock_shared_key} : 0;
    return format::number(lock) | std::uint64_t{self.life} << 32 | mode;
}

}  // namespace

void tell_again(agent& self, bool by_other_handler) noexcept {
    self.forget_told();
    if (by_other_handler)
        for (std::uint32_t i = 0; i < self.seen.capacity; ++i)
            self.seen.entries[i].third = self.seen.entries[i].fourth = 0;
    for (std::uint32_t i = 0; i < self.held_count(); ++i)
        if (format::is_held(self.hold(i).lead)) tell_held_open(self, self.hold(i));
}

void log_dependency(agent& self, std::uint64_t key, format::object_id wanted, std::uint8_t flags,
                    const call_point& from, const site_entry& site) noexcept {
    hash_numbers::entry* seen = self.seen.insert(key);
    if (seen == nullptr) {
        note_loss(self, format::loss_reason::out_of_memory, 1);
        return;
    }
    if (seen->first != 0) {
        set_told(self, *seen);
        write(self, format::event_kind::dependency_again, flags, site.id, seen->first, draw_nth());
        check_order(self, wanted, flags, from.site, seen->first);
        return;
    }
    const request_definition defined = define_request_at(self, from);
    if (defined.held == 0) return;
    seen->first = ++self.dependencies;
    set_told(self, *seen);
    const format::dependency_payload payload{format::dependency_id{seen->first}, defined.stack, draw_nth()};
    write_wide(self, format::event_kind::dependency, flags, site.id, format::number(wanted), defined.held,
               format::encode(payload));
    check_order(self, wanted, flags, from.site, seen->first);
    // Wanted once more by its holder: said at both levels, since this may be the agent's last word.
    if ((flags & (format::lock_flags::attempt | format::lock_flags::reentrant)) == 0 &&
        find_hold(self, wanted) != none_held)
        write(self, format::event_kind::request, flags, site.id, format::number(wanted), 0);
}

void tell_bare(agent& self, format::object_id lock, std::uint8_t flags, const call_point& from,
               const site_entry& site) noexcept {
    const std::uint64_t lead = format::hold_word(lock, flags, 1);
    interlock_told& told = bare_entry_of(self, lock, flags);
    if (told.lead == lead && self.signal_depth == 0) return;
    told = {inline_key(self, lock, flags), lead};
    flags &= bare_flags;
    hash_numbers::entry* seen = self.seen.insert(path_hash(0, lock, flags, innermost_handler(self)));
    if (seen == nullptr) {
        note_loss(self, format::loss_reason::out_of_memory, 1);
        return;
    }
    if (is_told(self, *seen)) return;
    seen->first = 1;
    set_told(self, *seen);
    if (site.caller_depth != 0)
        write(self, format::event_kind::acquire_stack, flags, site.id, format::number(lock),
              format::number(capture_stack(self, from)));
    if (self.full) return;
    write(self, format::event_kind::acquire_bare, flags, site.id, format::number(lock), 0);
}

void log_join_dependency(agent& self, format::agent_id joined, std::uint8_t flags, const call_point& from,
                         const site_entry& site) noexcept {
    const request_definition defined = define_request_at(self, from);
    if (defined.held == 0) return;
    const format::dependency_payload payload{format::dependency_id{++self.dependencies}, defined.stack, draw_nth()};
    write_wide(self, format::event_kind::join_dependency, flags, site.id, format::number(joined), defined.held,
               format::encode(payload));
}

}  // namespace interlock::recorder
