#include "instrument/recorder/forks.hpp"

#include <cstring>

#include "instrument/recorder/holds.hpp"
#include "instrument/recorder/modules.hpp"
#include "instrument/recorder/semaphores.hpp"
#include "instrument/recorder/threads.hpp"
#include "instrument/recorder/writer.hpp"

namespace interlock::recorder {
namespace {

constexpr std::uint32_t inherited_max = 256;

struct inherited_hold {
    std::uint64_t address;
    format::object_type type;
    format::held_entry entry;
};

/// Filled by the forking thread just before it forks; read by the child, which is a copy of that thread.
thread_local constinit inherited_hold* inherited = nullptr;
thread_local constinit std::uint32_t inherited_count = 0;

format::object_id born_again(agent& self, const inherited_hold& hold) noexcept {
    const call_point from{hold.entry.site, hold.entry.stack_pointer, 0};
    void* address = reinterpret_cast<void*>(hold.address);
    switch (hold.type) {
        case format::object_type::mutex:
        case format::object_type::recursive_mutex:
        case format::object_type::error_checking_mutex:
        case format::object_type::adaptive_mutex: return identify(self, static_cast<pthread_mutex_t*>(address), from);
        case format::object_type::shared_mutex:
        case format::object_type::shared_mutex_writer_priority:
            return identify(self, static_cast<pthread_rwlock_t*>(address), from);
        case format::object_type::semaphore: return adopt_semaphore(self, address, 1, from);
        default: return identify(self, address, hold.type, from);
    }
}

void inherit_holds(agent& self) noexcept {
    for (std::uint32_t i = 0; i < inherited_count; ++i) {
        const inherited_hold& hold = inherited[i];
        const format::object_id object = born_again(self, hold);
        if (object == format::object_id::none) continue;
        const call_point from{hold.entry.site, hold.entry.stack_pointer, 0};
        const site_entry site{};
        const std::uint8_t flags = format::hold_flags(hold.entry.lead);
        add_hold(self, object, flags, from, site);
        write(self, format::event_kind::held, flags, {}, format::number(object), format::hold_depth(hold.entry.lead));
    }
}

}  // namespace

void prepare_fork(agent& self) noexcept {
    inherited_count = 0;
    const std::uint32_t live = self.held_count() - self.gaps;
    if (live == 0) return;
    if (inherited == nullptr)
        inherited = static_cast<inherited_hold*>(process.memory.allocate(inherited_max * sizeof(inherited_hold)));
    if (inherited == nullptr) return;
    for (std::uint32_t i = 0; i < self.held_count() && inherited_count < inherited_max; ++i) {
        const format::held_entry& entry = self.hold(i);
        if (entry.lead == 0) continue;
        const object_info& info = process.objects[format::hold_object(entry.lead)];
        inherited[inherited_count++] = {info.address, info.type, entry};
    }
}

void note_fork(agent& self, int child) noexcept {
    write(self, format::event_kind::fork_parent, 0, {}, 0, static_cast<std::uint32_t>(child));
    next_segment(self);
}

bool start_in_child() noexcept {
    // Only the forking thread lives here, but a handler of it may come in between: the latch is taken over first.
    process.start_latch.reset();
    const std::uint64_t parent_start = process.log.header() == nullptr ? 0 : process.log.header()->start_ticks;
    const std::uint32_t parent_pid = process.log.header() == nullptr ? 0 : process.log.header()->pid;
    const bool was_recording = process.recording.load(std::memory_order_relaxed);
    process.recording.store(false, std::memory_order_relaxed);
    process.generation->store(1, std::memory_order_relaxed);  // the page is wiped again for the child's own children
    const std::uintptr_t stack_low = this_agent == nullptr ? 0 : this_agent->stack_low;
    const std::uintptr_t stack_top = this_agent == nullptr ? 0 : this_agent->stack_top;
    this_agent = nullptr;
    process.log.abandon();
    if (!was_recording) return false;

    process.memory.reset();
    process.objects.reset();
    process.addresses.reset();
    process.threads.reset();
    process.sites.keys.reset();
    process.stacks.keys.reset();
    process.load_epoch.store(0, std::memory_order_relaxed);
    site_epoch.store(0, std::memory_order_relaxed);
    process.strings.store(0, std::memory_order_relaxed);
    process.agents_born.store(0, std::memory_order_relaxed);
    process.modules.store(0, std::memory_order_relaxed);
    process.agents_latch.reset();
    process.agents = nullptr;
    process.free_pages = nullptr;
    process.free_page_count = process.free_page_capacity = 0;
    if (!open_log(parent_start)) return false;
    process.recording.store(true, std::memory_order_relaxed);

    agent* self = make_agent(format::agent_id::none, format::stack_id::none, format::agent_type::main_thread);
    if (self == nullptr) return false;
    self->busy = 1;
    self->stack_low = stack_low;
    self->stack_top = stack_top;
    this_agent = self;
    note_thread_start(*self, format::agent_id::none);
    write(*self, format::event_kind::fork_child, 0, {}, 0, parent_pid);
    rewrite_modules(*self);
    inherit_holds(*self);
    inherited = nullptr;
    inherited_count = 0;
    leave(*self);
    return true;
}

}  // namespace interlock::recorder
