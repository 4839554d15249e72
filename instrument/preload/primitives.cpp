// The door for interlock's own primitives (interlock/recorder.hpp): what they tell, as operations of the recorder.
#include <cerrno>

#include "instrument/format/vocabulary.hpp"
#include "instrument/preload/once_steps.hpp"
#include "instrument/recorder/declared.hpp"
#include "instrument/recorder/fast_path.hpp"
#include "instrument/recorder/semaphores.hpp"

namespace interlock::preload {
namespace {

using format::event_kind;

static_assert(interlock_ticket_lock == static_cast<int>(format::object_type::ticket_lock) &&
              interlock_shared_mutex_fair == static_cast<int>(format::object_type::shared_mutex_fair) &&
              interlock_event_loop == static_cast<int>(format::object_type::event_loop) &&
              interlock_timed_mutex == static_cast<int>(format::object_type::timed_mutex));
static_assert(interlock_shared == format::lock_flags::shared && interlock_timed == format::lock_flags::timed &&
              interlock_attempt == format::lock_flags::attempt && interlock_contended == format::lock_flags::contended);
static_assert(interlock_barrier_arrive == static_cast<int>(event_kind::barrier_arrive) &&
              interlock_latch_pass == static_cast<int>(event_kind::latch_pass) &&
              interlock_event_pass == static_cast<int>(event_kind::event_pass) &&
              interlock_future_abandon == static_cast<int>(event_kind::future_abandon) &&
              interlock_queue_shutdown == static_cast<int>(event_kind::queue_shutdown));

/// Queues hand items on without bounding segments: told at level full alone.
bool is_told_at_order(event_kind step) noexcept {
    return step < event_kind::queue_put || step > event_kind::queue_shutdown;
}

void tell_step(agent& self, object_id id, event_kind step, std::uint8_t flags, const call_point& from) noexcept {
    if (!self.full && !is_told_at_order(step)) return;
    const format::kind_traits& kind = format::traits_of_kinds[static_cast<std::uint8_t>(step)];
    recorder::write(self, step, flags, recorder::find_site(self, from).id, format::number(id),
                    kind.numbered ? recorder::draw(recorder::process.objects[id]) : 0);
    if (kind.ends_segment)
        recorder::next_segment(self, step, format::number(id));
    else if (step == event_kind::event_reset)
        recorder::step_in_order(self.id, step, format::number(id));
}

/// Is the step an effect of others, or has it one on them?
recorder::observation observation_of(event_kind step) noexcept {
    switch (step) {
        case event_kind::barrier_complete:
        case event_kind::latch_pass:
        case event_kind::event_pass:
        case event_kind::future_get:
        case event_kind::queue_get:
        case event_kind::queue_join: return recorder::observation::signalled;
        default: return recorder::observation::signalling;
    }
}

/// The hold of what was acquired without waiting, the shortest way. The agent, of common_agent(), is busy. False: nothing was noted.
bool granted_at_once(agent& self, interlock_object& object, std::uint8_t flags, const call_point& from) noexcept {
    const object_id id = recorder::known(object);
    const recorder::site_entry* site = recorder::known_site(self, from.site);
    recorder::tick_gap gap;
    if (id == object_id::none || site == nullptr || (self.full && !recorder::may_write_at_once(self, gap)))
        return false;
    // A reader that has it already: one hold, twice as deep.
    if ((flags & interlock_shared) != 0 && recorder::holds(self, id)) return false;
    const std::uint64_t address = recorder::process.objects[id].address;
    const bool entered = recorder::may_have_frame(from.stack_pointer, from.frame_pointer) && site->caller_depth != 0
                             ? recorder::granted_from(self, id, flags, address, from, site->caller_depth)
                             : recorder::granted_on_top(self, id, flags, address, from.site, from.stack_pointer);
    if (entered && self.full)
        recorder::write_at_once(self, gap, event_kind::acquire, flags, site->id, format::number(id),
                                recorder::draw_of(self, object, id));
    return entered;
}

/// The release of the last hold, the shortest way. The agent, of common_agent(), is busy. False: nothing was noted.
bool released_at_once(agent& self, const interlock_object& object) noexcept {
    const object_id id = recorder::known(object);
    if (id == object_id::none || self.full) return false;
    format::held_entry* last = recorder::last_hold_of(self, recorder::process.objects[id].address);
    if (last == nullptr || format::hold_object(last->lead) != id) return false;
    recorder::release_last(self, *last);
    return true;
}

/// note(), with the object's id; nothing where there is none.
template <typename What>
__attribute__((always_inline)) inline bool note_of(interlock_object* object, const call_point& from,
                                                   What what) noexcept {
    bool done = false;
    note(from, [&](agent& self) {
        const object_id id = recorder::identify(self, *object, from);
        if (id == object_id::none) return;
        what(self, id);
        done = true;
    });
    return done;
}

}  // namespace

INTERLOCK_HOOK void interlock_v1_create(interlock_object* object) {
    const call_point from = here();
    note(from, [&](agent& self) { recorder::begin_life(self, *object, from); });
}

INTERLOCK_HOOK void interlock_v1_destroy(interlock_object* object, bool busy) {
    const call_point from = here();
    if (recorder::known(*object) == object_id::none) return;
    note(from, [&](agent& self) { recorder::end_life(self, *object, busy, from); });
}

INTERLOCK_HOOK void interlock_v1_describe(interlock_object* object) {
    const call_point from = here();
    note_of(object, from, [&](agent& self, object_id id) { recorder::describe(self, *object, id, from); });
}

// Each may tell of a place that is not its caller. The steps are inlined into both hooks, since the call point is the hook's own.
namespace {

__attribute__((always_inline)) inline bool note_request(interlock_object* object, std::uint8_t flags,
                                                        const call_point& from) noexcept {
    return note_of(object, from, [&](agent& self, object_id id) { recorder::request(self, id, flags, from); });
}

__attribute__((always_inline)) inline void note_acquired(interlock_object* object, std::uint8_t flags,
                                                         const call_point& from) noexcept {
    note_of(object, from, [&](agent& self, object_id id) {
        recorder::acquired(self, id, flags, recorder::draw_of(self, *object, id), from);
    });
}

__attribute__((always_inline)) inline void note_granted(interlock_object* object, std::uint8_t flags,
                                                        const call_point& from) noexcept {
    if (agent* self = recorder::common_agent()) {
        recorder::mark_busy(*self, from.stack_pointer);
        const bool noted = granted_at_once(*self, *object, flags, from);
        recorder::leave(*self);
        if (noted) return;
    }
    note_of(object, from, [&](agent& self, object_id id) {
        recorder::granted(self, id, flags, recorder::draw_of(self, *object, id), recorder::process.objects[id].address,
                          from);
    });
}

__attribute__((always_inline)) inline void note_not_acquired(interlock_object* object, std::uint8_t flags, int error,
                                                             const call_point& from) noexcept {
    note_of(object, from, [&](agent& self, object_id id) { recorder::not_acquired(self, id, flags, error, from); });
}

__attribute__((always_inline)) inline bool note_release(interlock_object* object, std::uint8_t flags, bool cannot_fail,
                                                        interlock_foreign_release* other,
                                                        const call_point& from) noexcept {
    if (agent* self = recorder::common_agent()) {
        recorder::mark_busy(*self, from.stack_pointer);
        const bool noted = released_at_once(*self, *object);
        recorder::leave(*self);
        if (noted) return false;
    }
    bool foreign = false;
    note_of(object, from, [&](agent& self, object_id id) {
        const std::uint32_t sequence = recorder::holds(self, id) ? recorder::draw_of(self, *object, id) : 0;
        if (recorder::releasing(self, id, flags, sequence, from)) return;
        const recorder::foreign_release found = recorder::releasing_of_other(self, id, cannot_fail);
        *other = {format::number(found.lock), format::number(found.holder), format::number(found.acquired_at),
                  found.ended};
        foreign = true;
    });
    return foreign;
}

__attribute__((always_inline)) inline void note_released_by_other(const interlock_foreign_release* other,
                                                                  std::uint8_t flags, bool success,
                                                                  const call_point& from) noexcept {
    const recorder::foreign_release found{object_id{other->lock}, format::agent_id{other->holder},
                                          format::stack_id{other->acquired_at}, other->ended};
    note(from, [&](agent& self) { recorder::released_by_other(self, found, flags, success, from); });
}

/// A hold of a place that is inlined, which the way there does not know of if it is the first.
call_point at(const interlock_place& from) noexcept {
    agent* const self = recorder::this_agent;
    if (self != nullptr && self->held_count() == 0) self->first_key = interlock_no_key;
    return {from.site, from.stack_pointer, from.frame_pointer, from.return_address};
}

}  // namespace

INTERLOCK_HOOK bool interlock_v1_request(interlock_object* object, std::uint8_t flags) {
    return note_request(object, flags, here());
}
INTERLOCK_HOOK bool interlock_v1_request_at(interlock_object* object, std::uint8_t flags, const interlock_place* from) {
    return note_request(object, flags, at(*from));
}

INTERLOCK_HOOK void interlock_v1_acquired(interlock_object* object, std::uint8_t flags) {
    note_acquired(object, flags, here());
}
INTERLOCK_HOOK void interlock_v1_acquired_at(interlock_object* object, std::uint8_t flags,
                                             const interlock_place* from) {
    note_acquired(object, flags, at(*from));
}

INTERLOCK_HOOK void interlock_v1_granted(interlock_object* object, std::uint8_t flags) {
    note_granted(object, flags, here());
}
INTERLOCK_HOOK void interlock_v1_granted_at(interlock_object* object, std::uint8_t flags, const interlock_place* from) {
    note_granted(object, flags, at(*from));
}

INTERLOCK_HOOK void interlock_v1_not_acquired(interlock_object* object, std::uint8_t flags, int error) {
    note_not_acquired(object, flags, error, here());
}
INTERLOCK_HOOK void interlock_v1_not_acquired_at(interlock_object* object, std::uint8_t flags, int error,
                                                 const interlock_place* from) {
    note_not_acquired(object, flags, error, at(*from));
}

INTERLOCK_HOOK bool interlock_v1_release(interlock_object* object, std::uint8_t flags, bool cannot_fail,
                                         interlock_foreign_release* other) {
    return note_release(object, flags, cannot_fail, other, here());
}
INTERLOCK_HOOK bool interlock_v1_release_at(interlock_object* object, std::uint8_t flags, bool cannot_fail,
                                            interlock_foreign_release* other, const interlock_place* from) {
    return note_release(object, flags, cannot_fail, other, at(*from));
}

INTERLOCK_HOOK void interlock_v1_released_by_other(const interlock_foreign_release* other, std::uint8_t flags,
                                                   bool success) {
    note_released_by_other(other, flags, success, here());
}
INTERLOCK_HOOK void interlock_v1_released_by_other_at(const interlock_foreign_release* other, std::uint8_t flags,
                                                      bool success, const interlock_place* from) {
    note_released_by_other(other, flags, success, at(*from));
}

INTERLOCK_HOOK bool interlock_v1_upgrade_request(interlock_object* object) {
    const call_point from = here();
    return note_of(object, from, [&](agent& self, object_id id) {
        const recorder::site_entry& site = recorder::find_site(self, from);
        recorder::note_upgrade_dependency(self, id, from, site);
        if (self.full) recorder::write(self, event_kind::upgrade_request, 0, site.id, format::number(id), 0);
        recorder::set_want(self, id, interlock_contended, event_kind::upgrade_request, from, site);
    });
}

INTERLOCK_HOOK void interlock_v1_upgraded(interlock_object* object) {
    const call_point from = here();
    note_of(object, from, [&](agent& self, object_id id) {
        recorder::releasing(self, id, interlock_shared, recorder::draw_of(self, *object, id), from);
        recorder::acquired(self, id, 0, recorder::draw_of(self, *object, id), from);
    });
}

INTERLOCK_HOOK void interlock_v1_overrun(interlock_object* object, std::uint64_t nanoseconds) {
    const call_point from = here();
    note_of(object, from, [&](agent& self, object_id id) {
        const std::uint64_t us = nanoseconds / 1000;
        const format::access_payload place{recorder::process.objects[id].address, 0,
                                           recorder::capture_stack(self, from)};
        recorder::write_wide(self, event_kind::overrun, 0, recorder::find_site(self, from).id, format::number(id),
                             us < UINT32_MAX ? static_cast<std::uint32_t>(us) : UINT32_MAX, format::encode(place));
    });
}

INTERLOCK_HOOK void interlock_v1_step(interlock_object* object, std::uint8_t step, std::uint8_t flags) {
    const call_point from = here();
    const event_kind kind{step};
    note_of(object, from, [&](agent& self, object_id id) {
        if (observation_of(kind) == recorder::observation::signalling)
            recorder::notify_observer(recorder::observation::signalling, self, id, flags);
        tell_step(self, id, kind, flags, from);
        if (observation_of(kind) == recorder::observation::signalled)
            recorder::notify_observer(recorder::observation::signalled, self, id, flags);
    });
}

INTERLOCK_HOOK void interlock_v1_wait(interlock_object* object, std::uint8_t step, std::uint8_t flags) {
    const call_point from = here();
    const event_kind kind{step};
    note_of(object, from, [&](agent& self, object_id id) {
        // A wait for a barrier's other parties is told by the arrival already.
        if (!format::traits_of_kinds[step].numbered) tell_step(self, id, kind, flags, from);
        recorder::set_want(self, id, static_cast<std::uint8_t>(flags | interlock_contended), kind, from,
                           recorder::find_site(self, from));
    });
}

INTERLOCK_HOOK void interlock_v1_end_wait(interlock_object* object) {
    const call_point from = here();
    note_of(object, from, [&](agent& self, object_id) { recorder::clear_want(self); });
}

INTERLOCK_HOOK void interlock_v1_once_request(interlock_object* object, bool running) {
    const call_point from = here();
    note_of(object, from, [&](agent& self, object_id id) { request_once(self, id, running, from); });
}

INTERLOCK_HOOK void interlock_v1_once_begun(interlock_object* object) {
    const call_point from = here();
    note_of(object, from, [&](agent& self, object_id id) { once_begun(self, id, from); });
}

INTERLOCK_HOOK void interlock_v1_once_done(interlock_object* object) {
    const call_point from = here();
    note_of(object, from, [&](agent& self, object_id id) { once_done(self, id, from); });
}

INTERLOCK_HOOK void interlock_v1_once_aborted(interlock_object* object) {
    const call_point from = here();
    note_of(object, from, [&](agent& self, object_id id) { once_aborted(self, id, from); });
}

INTERLOCK_HOOK void interlock_v1_once_passed(interlock_object* object) {
    const call_point from = here();
    note_of(object, from, [&](agent& self, object_id id) { once_passed(self, id, from); });
}

INTERLOCK_HOOK bool interlock_v1_semaphore_request(interlock_object* object, std::uint8_t flags) {
    const call_point from = here();
    return note_of(object, from,
                   [&](agent& self, object_id id) { recorder::request_semaphore(self, id, flags, from); });
}

INTERLOCK_HOOK void interlock_v1_semaphore_acquired(interlock_object* object, std::uint8_t flags) {
    const call_point from = here();
    note_of(object, from, [&](agent& self, object_id id) { recorder::semaphore_acquired(self, id, flags, from); });
}

INTERLOCK_HOOK void interlock_v1_semaphore_not_acquired(interlock_object* object, std::uint8_t flags, int error) {
    const call_point from = here();
    note_of(object, from,
            [&](agent& self, object_id id) { recorder::semaphore_not_acquired(self, id, flags, error, from); });
}

INTERLOCK_HOOK void interlock_v1_semaphore_post(interlock_object* object) {
    const call_point from = here();
    note_of(object, from, [&](agent& self, object_id id) { recorder::semaphore_posting(self, id, from); });
}

}  // namespace interlock::preload
