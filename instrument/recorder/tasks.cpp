// Notes of work that is no thread, and of what primitives see of their own misuse.
#include "instrument/recorder/tasks.hpp"

#include "instrument/recorder/declared.hpp"
#include "instrument/recorder/holds.hpp"
#include "instrument/recorder/interning.hpp"
#include "instrument/recorder/observer.hpp"
#include "instrument/recorder/open_signals.hpp"
#include "instrument/recorder/threads.hpp"
#include "instrument/recorder/writer.hpp"

namespace interlock::recorder {

using format::event_kind;

interlock_task submit_task(agent& self, format::object_id to, const call_point& from) noexcept {
    const std::uint32_t id = process.agents_born.fetch_add(1, std::memory_order_relaxed) + 1;
    process.log.count_agent();
    const format::stack_id stack = capture_stack(self, from);
    write(self, event_kind::task_submit, 0, find_site(self, from).id, id, format::number(to));
    next_segment(self, event_kind::task_submit, id);
    return {id, format::number(stack)};
}

void tell_task_step(agent& self, event_kind step, const interlock_task& task, const call_point& from) noexcept {
    write(self, step, 0, find_site(self, from).id, task.id, 0);
    next_segment(self, step, task.id);
}

interlock_agent create_agent(agent& self, const char* name, const call_point& from) noexcept {
    const format::stack_id stack = capture_stack(self, from);
    agent* const born = make_agent(self.id, stack, format::agent_type::task);
    if (born == nullptr) return {};
    born->page->state = format::agent_state::parked;
    write(self, event_kind::agent_create, 0, find_site(self, from).id, format::number(born->id), format::number(stack));
    next_segment(self, event_kind::agent_create, format::number(born->id));
    notify_observer(observation::agent_creating, self, format::number(born->id), 0);
    if (name != nullptr) named(self, born->id, name);
    return {born, format::number(born->id), life.load(std::memory_order_relaxed)};
}

void switch_agent(agent& self, agent& to, const call_point& from) noexcept {
    const bool fresh = to.chunk == nullptr && to.chunk_index == 0;
    write(self, event_kind::agent_switch, 0, find_site(self, from).id, format::number(to.id), 0);
    to.thread = self.thread;
    to.handle = self.handle;
    if (!to.has_own_stack) {
        to.stack_low = self.stack_low;
        to.stack_top = self.stack_top;
    }
    to.page->thread = static_cast<std::uint32_t>(to.thread);
    to.page->state = format::agent_state::running;
    self.page->thread = 0;
    // Who waits for a lock goes on waiting for it, on no thread.
    if (self.page->want == 0) self.page->state = format::agent_state::parked;
    self.page->moves = self.page->moves + 1;
    set_this_agent(&to);
    hand_on_open_signals(self, to);
    if (!fresh) return;
    to.busy = self.busy;
    write(to, event_kind::agent_start, static_cast<std::uint8_t>(format::agent_type::task), {},
          format::number(to.page->creator), static_cast<std::uint32_t>(to.thread));
    step_in_order(to.id, event_kind::agent_start, 0);
    notify_observer(observation::agent_started, to, format::number(to.id), 0);
    to.busy = interlock_agent_idle;
}

void end_agent(agent& ended) noexcept { finish_agent(ended); }

void follow_agent(agent& self, format::agent_id ended, const call_point& from) noexcept {
    if (self.page->want != 0) clear_want(self);
    write(self, event_kind::agent_join, 0, find_site(self, from).id, format::number(ended), 0);
    next_segment(self, event_kind::agent_join, format::number(ended));
    notify_observer(observation::agent_joined, self, format::number(ended), 0);
}

void suspend_agent(agent& self, const call_point& from) noexcept {
    for (std::uint32_t i = 0; i < self.held_count(); ++i) {
        const std::uint64_t lead = self.hold(i).lead;
        if (lead == 0 || !format::is_bound_to_thread(process.objects[format::hold_object(lead)].type)) continue;
        tell_misuse(self, event_kind::suspend_holding, format::hold_flags(lead), format::hold_object(lead), 0,
                    format::stack_id::none, from);
    }
}

void tell_misuse(agent& self, event_kind kind, std::uint8_t flags, format::object_id object, std::uint32_t number,
                 format::stack_id stack, const call_point& from) noexcept {
    if (stack == format::stack_id::none) stack = capture_stack(self, from);
    write_wide(self, kind, flags, find_site(self, from).id, format::number(object), number,
               format::encode(format::access_payload{process.objects[object].address, 0, stack}));
}

}  // namespace interlock::recorder
