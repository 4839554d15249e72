#include "instrument/recorder/semaphores.hpp"

#include <cerrno>

#include "instrument/recorder/observer.hpp"
#include "instrument/recorder/waits.hpp"

namespace interlock::recorder {
namespace {

using format::event_kind;

void tell_initial_value(agent& self, format::object_id semaphore, std::uint32_t value,
                        const call_point& from) noexcept {
    write(self, event_kind::semaphore_value, 0, find_site(self, from).id, format::number(semaphore), value);
}

void write_step(agent& self, event_kind kind, std::uint8_t flags, format::object_id semaphore,
                const call_point& from) noexcept {
    if (self.full)
        write(self, kind, flags, find_site(self, from).id, format::number(semaphore), draw(process.objects[semaphore]));
}

void hold_semaphore(agent& self, format::object_id semaphore, std::uint8_t flags, const call_point& from,
                    const site_entry& site) noexcept {
    const std::uint32_t index = self.held_count() == 0 ? none_held : find_hold(self, semaphore);
    if (index != none_held) return deepen_hold(self, index);
    note_bare(self, semaphore, flags, from, site);
    add_hold(self, semaphore, flags, process.objects[semaphore].address, from, site);
}

/// Posted by who does not hold it: no lock from here on, for anybody. Said once.
void end_lockhood(agent& self, format::object_id semaphore, const call_point& from) noexcept {
    object_info& info = process.objects[semaphore];
    if ((info.flags.fetch_or(object_flags::no_lock, std::memory_order_relaxed) & object_flags::no_lock) != 0) return;
    const format::agent_id holder = find_holder(semaphore, &self).holder;
    const format::stack_id stack = capture_stack(self, from);
    write_wide(self, event_kind::release_by_non_holder,
               with_context(self, static_cast<std::uint8_t>(format::lock_flags::succeeded)), find_site(self, from).id,
               format::number(semaphore), format::number(holder),
               format::encode(format::held_payload{info.address, {}, stack}));
    process.generation->fetch_add(1, std::memory_order_relaxed);  // its holders drop it
}

}  // namespace

format::object_id begin_semaphore(agent& self, const volatile void* address, std::uint32_t value,
                                  const call_point& from) noexcept {
    const format::object_id id = begin_life(self, address, format::object_type::semaphore, from);
    if (id == format::object_id::none) return id;
    process.objects[id].initial_value = value;
    tell_initial_value(self, id, value, from);
    return id;
}

format::object_id adopt_semaphore(agent& self, const volatile void* address, std::uint32_t value,
                                  const call_point& from) noexcept {
    if (const format::object_id id = known_aside(self, address); id != format::object_id::none) return id;
    bool born = false;
    const format::object_id id = identify(self, address, format::object_type::semaphore, from, value, born);
    if (born) tell_initial_value(self, id, value, from);
    return id;
}

bool is_lock(format::object_id semaphore) noexcept {
    const object_info& info = process.objects[semaphore];
    return info.initial_value == 1 && (info.flags.load(std::memory_order_relaxed) & object_flags::no_lock) == 0;
}

void request_semaphore(agent& self, format::object_id semaphore, std::uint8_t flags, const call_point& from) noexcept {
    flags = with_context(self, flags);
    const site_entry& site = find_site(self, from);
    const bool lock = is_lock(semaphore);
    if (lock) note_dependency(self, semaphore, flags, from, site);
    if ((flags & format::lock_flags::attempt) != 0) return;
    const bool blocks = (flags & format::lock_flags::contended) != 0;
    if (blocks)
        set_blocking_want(self, semaphore, flags, event_kind::semaphore_request, from);
    else
        set_want(self, semaphore, flags, event_kind::semaphore_request, from);
    if (blocks && (lock || self.full))
        write(self, event_kind::semaphore_request, flags, site.id, format::number(semaphore),
              stack_after_try(self, semaphore, from));
    notify_observer(observation::requested, self, semaphore, flags);
}

void semaphore_acquired(agent& self, format::object_id semaphore, std::uint8_t flags, const call_point& from) noexcept {
    flags = with_context(self, flags);
    if (self.page->want != 0) clear_want(self);
    if (is_lock(semaphore)) hold_semaphore(self, semaphore, flags, from, find_site(self, from));
    write_step(self, event_kind::semaphore_acquire, flags, semaphore, from);
    notify_observer(observation::signalled, self, semaphore, flags);
}

void semaphore_granted(agent& self, format::object_id semaphore, std::uint8_t flags, const call_point& from) noexcept {
    flags = with_context(self, flags);
    const bool lock = is_lock(semaphore);
    const site_entry& site = find_site(self, from);
    if (lock) note_dependency(self, semaphore, flags, from, site);
    notify_observer(observation::requested, self, semaphore, flags);
    if (lock) hold_semaphore(self, semaphore, flags, from, site);
    write_step(self, event_kind::semaphore_acquire, flags, semaphore, from);
    notify_observer(observation::signalled, self, semaphore, flags);
}

void semaphore_not_acquired(agent& self, format::object_id semaphore, std::uint8_t flags, int error,
                            const call_point& from) noexcept {
    flags = with_context(self, flags);
    if (self.page->want != 0) clear_want(self);
    if (!self.full || (error != EAGAIN && error != ETIMEDOUT)) return;
    const format::site_id site = find_site(self, from).id;
    const std::uint32_t id = format::number(semaphore);
    if (error == EAGAIN)
        write(self, event_kind::semaphore_try_failed, flags, site, id, stack_of_failed_try(self, semaphore, from));
    else
        write(self, event_kind::semaphore_timed_out, flags, site, id, 0);
}

void semaphore_posting(agent& self, format::object_id semaphore, const call_point& from) noexcept {
    notify_observer(observation::signalling, self, semaphore, 0);
    if (is_lock(semaphore)) {
        const std::uint32_t index = find_hold(self, semaphore);
        if (index != none_held)
            lift_hold(self, index);
        else
            end_lockhood(self, semaphore, from);
    }
    write_step(self, event_kind::semaphore_post, with_context(self, 0), semaphore, from);
}

}  // namespace interlock::recorder
