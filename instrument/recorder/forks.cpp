#include "instrument/recorder/forks.hpp"

#include <cstring>

#include "instrument/recorder/declared.hpp"
#include "instrument/recorder/exit_report.hpp"
#include "instrument/recorder/holds.hpp"
#include "instrument/recorder/modules.hpp"
#include "instrument/recorder/semaphores.hpp"
#include "instrument/recorder/test_marks.hpp"
#include "instrument/recorder/threads.hpp"
#include "instrument/recorder/unwind_cache.hpp"
#include "instrument/recorder/writer.hpp"

namespace interlock::recorder {
namespace {

constexpr std::uint32_t inherited_max = 256;

struct inherited_hold {
    std::uint64_t address;
    format::object_type type;
    bool is_declared;  // an interlock_object lies at the address
    bool by_other;     // a thread that the fork leaves behind holds it
    format::held_entry entry;
};

/// Filled by the forking thread just before it forks; read by the child, which is a copy of that thread.
thread_local constinit inherited_hold* inherited = nullptr;
thread_local constinit std::uint32_t inherited_count = 0;

format::object_id born_again(agent& self, const inherited_hold& hold) noexcept {
    const call_point from{hold.entry.site, hold.entry.stack_pointer, 0};
    void* address = reinterpret_cast<void*>(hold.address);
    if (hold.is_declared) return identify(self, *static_cast<interlock_object*>(address), from);
    if (format::is_pthread_mutex(hold.type)) return identify(self, static_cast<pthread_mutex_t*>(address), from);
    if (format::is_pthread_rwlock(hold.type)) return identify(self, static_cast<pthread_rwlock_t*>(address), from);
    if (hold.type == format::object_type::semaphore) return adopt_semaphore(self, address, 1, from);
    return identify(self, address, hold.type, from);
}

/// Whether the child's copy of a lock that another thread held is locked: the thread may have released it just before the fork.
bool is_left_locked(const inherited_hold& hold) noexcept {
    const void* address = reinterpret_cast<const void*>(hold.address);
    if (hold.is_declared) {
        const pthread_mutex_t* const native = native_of(*reinterpret_cast<interlock_object*>(hold.address));
        return native != nullptr && native->__data.__lock != 0;
    }
    if (format::is_pthread_mutex(hold.type)) return static_cast<const pthread_mutex_t*>(address)->__data.__lock != 0;
    if (format::is_pthread_rwlock(hold.type))
        return static_cast<const pthread_rwlock_t*>(address)->__data.__cur_writer != 0;
    return false;
}

void inherit_holds(agent& self) noexcept {
    for (std::uint32_t i = 0; i < inherited_count; ++i) {
        const inherited_hold& hold = inherited[i];
        if (hold.by_other && !is_left_locked(hold)) continue;
        const format::object_id object = born_again(self, hold);
        if (object == format::object_id::none) continue;
        const call_point from{hold.entry.site, hold.entry.stack_pointer, 0};
        const site_entry site{};
        const std::uint8_t flags = format::hold_flags(hold.entry.lead);
        if (hold.by_other) {
            write(self, format::event_kind::left_locked, flags, intern_site(self, hold.entry.site),
                  format::number(object), 0);
            continue;
        }
        add_hold(self, object, flags, hold.address, from, site);
        process.objects[object].flags.fetch_or(object_flags::held_over_fork, std::memory_order_relaxed);
        write(self, format::event_kind::held, flags, {}, format::number(object), format::hold_depth(hold.entry.lead));
    }
}

/// Another thread's holds change meanwhile: what is kept of them is a hint, and the child looks at the locks themselves.
void keep(agent& holder, bool by_other) noexcept {
    const std::uint32_t count = holder.page->held_count;
    for (std::uint32_t i = 0; i < count && inherited_count < inherited_max; ++i) {
        if (by_other && i >= format::state_held_entries) return;
        const format::held_entry& entry = holder.hold(i);
        const std::uint64_t lead = __atomic_load_n(&entry.lead, __ATOMIC_RELAXED);
        if (!format::is_held(lead)) continue;
        if (inherited == nullptr)
            inherited = static_cast<inherited_hold*>(process.memory.allocate(inherited_max * sizeof(inherited_hold)));
        if (inherited == nullptr) return;
        const object_info& info = process.objects[format::hold_object(lead)];
        inherited_hold& kept = inherited[inherited_count++];
        const bool is_declared = (info.flags.load(std::memory_order_relaxed) & object_flags::declared) != 0;
        kept = {info.address, info.type, is_declared, by_other, entry};
        kept.entry.lead = lead;
    }
}

}  // namespace

void prepare_fork(agent& self) noexcept {
    inherited_count = 0;
    keep(self, false);
    const spin_guard guard(process.agents_latch);
    for (agent* other = process.agents; other != nullptr; other = other->next_agent)
        if (other != &self) keep(*other, true);
}

void note_fork(agent& self, int child) noexcept {
    write(self, format::event_kind::fork_parent, 0, {}, 0, static_cast<std::uint32_t>(child));
    next_segment(self, format::event_kind::fork_parent, 0);
}

bool start_in_child() noexcept {
    // Only the forking thread lives here, but a handler of it may come in between: the latch is taken over first.
    process.start_latch.reset();
    begin_commands();
    const std::uint64_t parent_start = process.log.header() == nullptr ? 0 : process.log.header()->start_ticks;
    const std::uint32_t parent_pid = process.log.header() == nullptr ? 0 : process.log.header()->pid;
    constexpr std::uint64_t kept_status =
        format::process_status::woken_from_outside | format::process_status::shares_objects;
    const std::uint64_t status =
        process.log.header() == nullptr ? 0 : format::sealed_value(process.log.header()->status) & kept_status;
    const bool was_recording = process.recording.load(std::memory_order_relaxed);
    process.recording.store(false, std::memory_order_relaxed);
    process.generation->store(1, std::memory_order_relaxed);  // the page is wiped again for the child's own children
    const std::uintptr_t stack_low = this_agent == nullptr ? 0 : this_agent->stack_low;
    const std::uintptr_t stack_top = this_agent == nullptr ? 0 : this_agent->stack_top;
    set_this_agent(nullptr);
    process.log.abandon();
    if (!was_recording) return false;

    free_unwind_caches_of_others();
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
    process.dependencies.store(0, std::memory_order_relaxed);
    process.modules.store(0, std::memory_order_relaxed);
    process.agents_latch.reset();
    process.agents = nullptr;
    process.free_pages = nullptr;
    process.free_page_count = process.free_page_capacity = 0;
    if (!open_log(parent_start)) return false;
    if (status != 0) process.log.add_status(status);
    process.recording.store(true, std::memory_order_relaxed);

    agent* self = make_agent(format::agent_id::none, format::stack_id::none, format::agent_type::main_thread);
    if (self == nullptr) return false;
    self->busy = 1;
    self->stack_low = stack_low;
    self->stack_top = stack_top;
    set_this_agent(self);
    note_thread_start(*self, format::agent_id::none);
    write(*self, format::event_kind::fork_child, 0, {}, 0, parent_pid);
    rewrite_modules(*self);
    begin_tests_in_child(*self);
    inherit_holds(*self);
    inherited = nullptr;
    inherited_count = 0;
    leave(*self);
    return true;
}

}  // namespace interlock::recorder
