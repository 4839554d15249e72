#include "instrument/recorder/interning.hpp"

#include <algorithm>
#include <iterator>

#include "instrument/recorder/modules.hpp"
#include "instrument/recorder/own_mappings.hpp"
#include "instrument/recorder/process.hpp"
#include "instrument/recorder/writer.hpp"

namespace interlock::recorder {

constinit std::atomic<std::uint64_t> site_epoch{0};

namespace {

constexpr std::uint32_t callers_max = 4;

std::uint64_t mixed(std::uint64_t value) noexcept {
    value ^= value >> 32;
    value *= 0x9E37'79B9'7F4A'7C15;
    return value ^ value >> 29;
}

}  // namespace

bool key_table::create(std::uint32_t largest_capacity) noexcept {
    for (std::uint32_t capacity = largest_capacity; capacity >= 1024; capacity /= 4) {
        keys_ = static_cast<std::atomic<std::uint64_t>*>(map_shared_with_children(capacity * sizeof(std::uint64_t)));
        if (keys_ == nullptr) continue;
        capacity_ = capacity;
        return true;
    }
    return false;
}

std::uint32_t key_table::intern(std::uint64_t key, bool& fresh) noexcept {
    fresh = false;
    if (capacity_ == 0) return 0;
    const std::uint32_t mask = capacity_ - 1;
    // slot 0 stays free, so that an id is never 0
    for (auto at = static_cast<std::uint32_t>(mixed(key)) & mask;; at = (at + 1) & mask) {
        if (at == 0) continue;
        std::uint64_t seen = keys_[at].load(std::memory_order_relaxed);
        if (seen == key) return at;
        if (seen != 0) continue;
        if (used_.load(std::memory_order_relaxed) >= capacity_ / 4 * 3) return 0;
        // relaxed: the id itself is all that is shared, its definition travels in the log
        if (keys_[at].compare_exchange_strong(seen, key, std::memory_order_relaxed)) {
            used_.fetch_add(1, std::memory_order_relaxed);
            fresh = true;
            return at;
        }
        if (seen == key) return at;
    }
}

void key_table::reset() noexcept {
    if (keys_ != nullptr) unmap(keys_, capacity_ * sizeof(std::uint64_t));
    keys_ = nullptr;
    capacity_ = 0;
    used_.store(0, std::memory_order_relaxed);
}

bool create_intern_tables() noexcept {
    site_table& sites = process.sites;
    if (!sites.keys.create(format::site_limit) || !process.stacks.keys.create(1u << 20)) return false;
    sites.caller_depths = static_cast<std::atomic<std::uint8_t>*>(map_shared_with_children(sites.keys.capacity()));
    return sites.caller_depths != nullptr;
}

format::site_id intern_site(agent& self, std::uintptr_t address) noexcept {
    bool fresh = false;
    const std::uint64_t key = site_key(address);
    const format::site_id id{process.sites.keys.intern(key, fresh)};
    if (fresh) write_operand(self, format::event_kind::site, 0, id, key);
    return id;
}

void follow_callers(const agent& self, const call_point& from, std::uint32_t depth, std::uint64_t (&out)[4]) noexcept {
    std::uintptr_t pointer = from.frame_pointer;
    std::uintptr_t above = from.stack_pointer;
    std::fill(std::begin(out), std::end(out), 0);
    if (above < self.stack_low || above >= self.stack_top) return;
    for (std::uint32_t i = 0; i < depth; ++i) {
        if (pointer < above || pointer + 16 > self.stack_top || pointer % 8 != 0) return;
        const auto* frame_record = reinterpret_cast<const std::uintptr_t*>(pointer);
        out[i] = frame_record[1];
        above = pointer + 16;
        pointer = frame_record[0];
    }
}

namespace {

/// How many callers frame pointers give rightly: the unwinder has the last word.
__attribute__((noinline)) std::uint32_t learn_caller_depth(agent& self, const call_point& from) noexcept {
    frame frames[stack_frames_max];
    const std::size_t count = unwind_known(self, from, frames);
    std::uint64_t callers[callers_max];
    follow_callers(self, from, callers_max, callers);
    std::uint32_t depth = 0;
    while (depth < callers_max && depth + 1 < count && callers[depth] == frames[depth + 1].address) ++depth;
    return depth;
}

__attribute__((noinline)) format::stack_id unwind_stack(agent& self, const call_point& from) noexcept {
    std::uint64_t addresses[stack_frames_max];
    learn_module(self, from.site);
    for (;;) {
        const std::size_t count = unwind_addresses(from, addresses);
        if (count == stack_frames_max || !learn_module(self, addresses[count - 1]))
            return intern_stack(self, {addresses, count});
    }
}

}  // namespace

const site_entry& learn_site(agent& self, const call_point& from, site_entry& entry) noexcept {
    learn_module(self, from.site);  // first: where one library took another's place it begins a new epoch
    const std::uint64_t key = site_key(from.site);
    bool fresh = false;
    const format::site_id id{process.sites.keys.intern(key, fresh)};
    entry = {key, id, 0};
    if (id == format::site_id::none) return entry;
    std::atomic<std::uint8_t>& shared_depth = process.sites.caller_depths[format::number(id)];
    const std::uint8_t known = shared_depth.load(std::memory_order_relaxed);
    if (known != 0) {
        entry.caller_depth = known - 1u;
        return entry;
    }
    if (fresh) write_operand(self, format::event_kind::site, 0, id, key);
    if (!has_unwinder()) {  // before main: learnt at a later sight
        entry.key = 0;
        return entry;
    }
    if (!has_room_to_unwind(self, from.stack_pointer)) return entry;
    const std::uint32_t depth = learn_caller_depth(self, from);
    shared_depth.store(static_cast<std::uint8_t>(depth + 1), std::memory_order_relaxed);
    entry.caller_depth = depth;
    return entry;
}

format::stack_id intern_stack(agent& self, std::span<const std::uint64_t> frames) noexcept {
    if (frames.empty()) return format::stack_id::none;
    const std::uint16_t epoch = process.load_epoch.load(std::memory_order_relaxed);
    std::uint64_t hash = mixed(0x5151'0000 + epoch);  // mixed: epochs and addresses differ in the same low bits
    for (const std::uint64_t address : frames) hash = mixed(hash ^ address) * 0xD6E8'FEB8'6659'FD93 + 1;
    if (hash == 0) hash = 1;
    bool fresh = false;
    const format::stack_id id{process.stacks.keys.intern(hash, fresh)};
    if (id == format::stack_id::none) {
        process.log.add_loss(format::loss_reason::table_full, 0);
        return id;
    }
    if (!fresh) return id;
    const std::size_t slots = format::stack_slots(frames.size());
    format::slot* at = reserve(self, 1 + slots);
    if (at == nullptr) return format::stack_id::none;
    for (std::size_t i = 0; i < slots; ++i) commit(at[1 + i], format::encode_stack_slot(frames, i));
    commit(*at, format::encode(format::event_kind::stack, 0, {}, 0, format::number(id),
                               static_cast<std::uint32_t>(frames.size()) | std::uint32_t{epoch} << 16));
    return id;
}

format::stack_id capture_stack(agent& self, const call_point& from) noexcept {
    if (has_room_to_unwind(self, from.stack_pointer)) return unwind_stack(self, from);
    const std::uint64_t site = from.site;
    return intern_stack(self, {&site, 1});
}

format::string_id define_string(agent& self, const char* text, std::size_t size) noexcept {
    if (size == 0) return format::string_id::none;
    constexpr std::size_t string_size_max = 1024;
    if (size > string_size_max) size = string_size_max;
    const std::size_t slots = format::string_slots(size);
    format::slot* at = reserve(self, 1 + slots);
    if (at == nullptr) return format::string_id::none;
    const std::uint32_t id = process.strings.fetch_add(1, std::memory_order_relaxed) + 1;
    for (std::size_t i = 0; i < slots; ++i) commit(at[1 + i], format::encode_string_slot({text, size}, i));
    commit(*at, format::encode(format::event_kind::string, 0, {}, 0, id, static_cast<std::uint32_t>(size)));
    return format::string_id{id};
}

}  // namespace interlock::recorder
