#include "instrument/recorder/locks.hpp"

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "instrument/recorder/declared.hpp"
#include "instrument/recorder/observer.hpp"

namespace interlock::recorder {
namespace {

bool is_reentrant(format::object_type type, std::uint8_t hold_flags, std::uint8_t flags) noexcept {
    switch (type) {
        case format::object_type::recursive_mutex:
        case format::object_type::omp_nest_lock:
        case format::object_type::user_lock: return true;
        case format::object_type::shared_mutex:
        case format::object_type::shared_mutex_writer_priority:
        case format::object_type::shared_mutex_fair: return (hold_flags & flags & format::lock_flags::shared) != 0;
        default: return false;
    }
}

/// An agent that has the lock gets it again at once, however busy it looks, unless a queued writer comes first.
std::uint8_t again_flags(format::object_type type, std::uint8_t flags) noexcept {
    flags |= format::lock_flags::reentrant;
    return format::queues_readers(type) ? flags : static_cast<std::uint8_t>(flags & ~format::lock_flags::contended);
}

/// A blocking request of the exclusive mode by an agent that has the shared one can never be granted.
void note_upgrade(agent& self, format::object_id object, std::uint8_t hold_flags, std::uint8_t flags,
                  const site_entry& site) noexcept {
    using namespace format::lock_flags;
    if ((hold_flags & shared) == 0 || (flags & (shared | attempt)) != 0) return;
    write(self, format::event_kind::upgrade_request, flags, site.id, format::number(object), 0);
}

}  // namespace

bool holds(const agent& self, format::object_id object) noexcept {
    return self.held_count() != 0 && find_hold(self, object) != none_held;
}

/// What the record of a request says besides: a stack after a failed try, and where waits are timed and the site alone says little, being one
/// place of a library for all of the program.
std::uint32_t stack_of_request(agent& self, format::object_id object, const call_point& from,
                               const site_entry& site) noexcept {
    const std::uint32_t after_try = stack_after_try(self, object, from);
    if (after_try != 0 || !self.full || site.caller_depth == 0) return after_try;
    return format::number(capture_stack(self, from));
}

void request(agent& self, format::object_id object, std::uint8_t flags, const call_point& from) noexcept {
    flags = with_context(self, flags);
    const site_entry& site = find_site(self, from);
    bool again = false;
    std::uint8_t waits = flags;
    if (self.held_count() != 0) {
        const std::uint32_t index = find_hold(self, object);
        if (index != none_held) {
            again = true;
            note_upgrade(self, object, format::hold_flags(self.hold(index).lead), flags, site);
            if (is_reentrant(process.objects[object].type, format::hold_flags(self.hold(index).lead), flags))
                flags = again_flags(process.objects[object].type, flags);
        }
        const bool may_wait =
            (flags & format::lock_flags::reentrant) == 0 || format::queues_readers(process.objects[object].type);
        if (may_wait) note_dependency(self, object, flags, from, site);
        if (!may_wait) waits = flags;
    }
    if ((flags & format::lock_flags::attempt) == 0) {
        set_want(self, object, waits, format::event_kind::request, from, site);
        if ((flags & format::lock_flags::contended) != 0 || (again && (flags & format::lock_flags::reentrant) == 0))
            write(self, format::event_kind::request, flags, site.id, format::number(object),
                  stack_of_request(self, object, from, site));
    }
    notify_observer(observation::requested, self, object, flags);
}

void acquired(agent& self, format::object_id object, std::uint8_t flags, std::uint32_t sequence,
              const call_point& from) noexcept {
    flags = with_context(self, flags);
    const site_entry& site = find_site(self, from);
    std::uint32_t index = none_held;
    if (self.held_count() != 0) index = find_hold(self, object);
    if (index != none_held) {
        flags = again_flags(process.objects[object].type, flags);
        deepen_hold(self, index);
    } else {
        note_bare(self, object, flags, from, site);
        add_hold(self, object, flags, process.objects[object].address, from, site);
    }
    if (self.page->want != 0) clear_want(self);
    if (self.full) write(self, format::event_kind::acquire, flags, site.id, format::number(object), sequence);
    notify_observer(observation::acquired, self, object, flags, from.site);
}

void granted(agent& self, format::object_id object, std::uint8_t flags, std::uint32_t sequence, std::uint64_t address,
             const call_point& from) noexcept {
    flags = with_context(self, flags);
    const site_entry& site = find_site(self, from);
    const std::uint32_t index = self.held_count() == 0 ? none_held : find_hold_at(self, address);
    if (index != none_held && format::hold_object(self.hold(index).lead) == object) {
        const format::object_type type = process.objects[object].type;
        const bool reentrant = is_reentrant(type, format::hold_flags(self.hold(index).lead), flags);
        if (reentrant) flags |= format::lock_flags::reentrant;
        if (!reentrant || format::queues_readers(type)) note_dependency(self, object, flags, from, site);
        notify_observer(observation::requested, self, object, flags);
        flags |= format::lock_flags::reentrant;
        deepen_hold(self, index);
    } else {
        note_dependency(self, object, flags, from, site);
        notify_observer(observation::requested, self, object, flags);
        note_bare(self, object, flags, from, site);
        add_hold(self, object, flags, address, from, site);
    }
    if (self.full) write(self, format::event_kind::acquire, flags, site.id, format::number(object), sequence);
    notify_observer(observation::acquired, self, object, flags, from.site);
}

void note_upgrade_dependency(agent& self, format::object_id object, const call_point& from,
                             const site_entry& site) noexcept {
    const std::uint32_t index = find_hold(self, object);
    if (index == none_held) return;
    const format::held_entry share = self.hold(index);
    remove_hold(self, index);
    note_dependency(self, object, with_context(self, 0), from, site);
    restore_hold(self, share);
}

void not_acquired(agent& self, format::object_id object, std::uint8_t flags, int error,
                  const call_point& from) noexcept {
    flags = with_context(self, flags);
    if (self.page->want != 0) clear_want(self);
    const format::site_id site = find_site(self, from).id;
    const std::uint32_t id = format::number(object);
    switch (error) {
        case EBUSY:
            if (self.full)
                write(self, format::event_kind::try_failed, flags, site, id, stack_of_failed_try(self, object, from));
            break;
        case ETIMEDOUT:
            if (self.full) write(self, format::event_kind::timed_out, flags, site, id, 0);
            break;
        default:
            // Upgrades are logged at level full alone and without their stacks, since most are granted; this one is told of.
            if (const std::uint32_t own = find_hold(self, object);
                own != none_held && (format::hold_flags(self.hold(own).lead) & format::lock_flags::shared) != 0)
                write(self, format::event_kind::upgrade_request, flags, site, id,
                      format::number(capture_stack(self, from)));
            write(self, format::event_kind::refused, flags, site, id, static_cast<std::uint32_t>(error));
            break;
    }
    notify_observer(observation::not_acquired, self, object, flags);
}

bool releasing(agent& self, format::object_id object, std::uint8_t flags, std::uint32_t sequence,
               const call_point& from) noexcept {
    const std::uint32_t index = find_hold(self, object);
    if (index == none_held) {  // handed over: what this thread did before is seen by the next holder all the same
        notify_observer(observation::releasing, self, object, flags, from.site);
        return false;
    }
    release_hold(self, index, flags, sequence, from);
    return true;
}

void release_hold(agent& self, std::uint32_t index, std::uint8_t flags, std::uint32_t sequence,
                  const call_point& from) noexcept {
    const format::object_id object = format::hold_object(self.hold(index).lead);
    flags = static_cast<std::uint8_t>(flags | (format::hold_flags(self.hold(index).lead) & format::lock_flags::shared));
    notify_observer(observation::releasing, self, object, flags, from.site);
    if (lift_hold(self, index) != 0) flags |= format::lock_flags::reentrant;
    if (self.full)
        write(self, format::event_kind::release, with_context(self, flags), find_site(self, from).id,
              format::number(object), sequence);
}

namespace {

format::stack_id intern_trail(agent& self, const found_hold& of) noexcept {
    const auto* const end = std::find(std::begin(of.trail), std::end(of.trail), 0u);
    return intern_stack(self, {std::begin(of.trail), end});
}

/// Said, and the holds are over: what is left of the lock guards nothing that its holder does later.
void note_while_held(agent& self, format::event_kind kind, format::object_id object, const call_point& from) noexcept {
    if (object == format::object_id::none) return;
    const found_hold held = holds(self, object) ? found_hold{self.id} : find_holder(object, &self);
    if (held.holder == format::agent_id::none) return;
    const format::stack_id acquired_at = intern_trail(self, held);
    object_info& info = process.objects[object];
    // A child may make anew what its parent held for the fork (pthread_atfork): it is the only user.
    const bool inherited = held.holder == self.id && kind == format::event_kind::reinit_while_held &&
                           (info.flags.load(std::memory_order_relaxed) & object_flags::held_over_fork) != 0;
    write_wide(self, kind, inherited ? format::lock_flags::over_fork : std::uint8_t{0}, find_site(self, from).id,
               format::number(object), format::number(held.holder),
               format::encode(format::held_payload{info.address, acquired_at, capture_stack(self, from)}));
    info.flags.fetch_or(object_flags::ended_while_held, std::memory_order_relaxed);
    constexpr int readers_max = 1024;
    for (int i = 0; i < readers_max && end_hold(object, nullptr).holder != format::agent_id::none; ++i) continue;
}

}  // namespace

void about_to_init(agent& self, format::object_id object, const call_point& from) noexcept {
    note_while_held(self, format::event_kind::reinit_while_held, object, from);
}

void about_to_destroy(agent& self, format::object_id object, const call_point& from) noexcept {
    note_while_held(self, format::event_kind::destroy_while_held, object, from);
}

namespace {

/// Once a process: the flag holds the life of the one that told.
void tell_unseen_acquisition(agent& self, const call_point& from) noexcept {
    static constinit std::atomic<std::uint32_t> told{0};
    const std::uint32_t now = life.load(std::memory_order_relaxed);
    if (told.exchange(now, std::memory_order_relaxed) == now) return;
    write(self, format::event_kind::blind_spot, static_cast<std::uint8_t>(format::blind_spot::unseen_acquisition),
          find_site(self, from).id, 0, 0);
}

}  // namespace

foreign_release releasing_of_other(agent& self, format::object_id object, bool cannot_fail) noexcept {
    const found_hold held = cannot_fail ? end_hold(object, &self) : find_holder(object, &self);
    return {object, held.holder, intern_trail(self, held), cannot_fail};
}

void released_by_other(agent& self, const foreign_release& of, std::uint8_t flags, bool success,
                       const call_point& from) noexcept {
    object_info& info = process.objects[of.lock];
    const std::uint8_t said =
        of.holder == format::agent_id::none ? object_flags::unlocked_free : object_flags::released_by_other;
    if (success && !of.ended) end_hold(of.lock, &self);
    if (of.acquired_unseen) return tell_unseen_acquisition(self, from);
    if ((info.flags.load(std::memory_order_relaxed) & object_flags::ended_while_held) != 0) return;
    if ((info.flags.fetch_or(said, std::memory_order_relaxed) & said) != 0 && !self.full) return;
    if (success) flags |= format::lock_flags::succeeded;
    const format::stack_id stack = capture_stack(self, from);
    write_wide(self, format::event_kind::release_by_non_holder, flags, find_site(self, from).id,
               format::number(of.lock), format::number(of.holder),
               format::encode(format::held_payload{info.address, of.acquired_at, stack}));
}

}  // namespace interlock::recorder
