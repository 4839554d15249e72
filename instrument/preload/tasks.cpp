// The door for primitives that run work: pools, event loops, coroutines; and what primitives see of their own misuse.
#include "instrument/recorder/tasks.hpp"

#include <cstring>

#include "instrument/preload/hook.hpp"
#include "instrument/recorder/declared.hpp"
#include "instrument/recorder/holds.hpp"
#include "instrument/recorder/threads.hpp"
#include "instrument/recorder/writer.hpp"

namespace interlock::preload {
namespace {

using format::event_kind;

static_assert(interlock_task_start == static_cast<int>(event_kind::task_start) &&
              interlock_task_finish == static_cast<int>(event_kind::task_finish) &&
              interlock_broken_promise == static_cast<int>(event_kind::broken_promise) &&
              interlock_pool_exhausted == static_cast<int>(event_kind::pool_exhausted) &&
              interlock_handler_overran == static_cast<int>(event_kind::handler_overran));

/// The agent behind the handle; nullptr: it is of another life of the process, or was never made.
agent* agent_behind(const interlock_agent* of) noexcept {
    return of->life != 0 && of->life == recorder::life.load(std::memory_order_relaxed) ? static_cast<agent*>(of->handle)
                                                                                       : nullptr;
}

}  // namespace

INTERLOCK_HOOK void interlock_v1_task_submit(interlock_object* to, interlock_task* made) {
    const call_point from = here();
    *made = {};
    note(from, [&](agent& self) {
        const object_id id = recorder::identify(self, *to, from);
        if (id != object_id::none) *made = recorder::submit_task(self, id, from);
    });
}

INTERLOCK_HOOK void interlock_v1_task_step(const interlock_task* task, std::uint8_t step) {
    const call_point from = here();
    if (task->id == 0) return;
    note(from, [&](agent& self) { recorder::tell_task_step(self, event_kind{step}, *task, from); });
}

INTERLOCK_HOOK void interlock_v1_misuse(interlock_object* object, std::uint8_t kind, std::uint8_t flags,
                                        std::uint32_t number, std::uint32_t stack) {
    const call_point from = here();
    note(from, [&](agent& self) {
        const object_id id = recorder::identify(self, *object, from);
        if (id != object_id::none)
            recorder::tell_misuse(self, event_kind{kind}, flags, id, number, format::stack_id{stack}, from);
    });
}

INTERLOCK_HOOK void interlock_v1_name_thread(const char* name) {
    const call_point from = here();
    note(from, [&](agent& self) { recorder::named(self, self.id, name); });
}

INTERLOCK_HOOK void interlock_v1_agent_create(interlock_agent* made, const char* name) {
    const call_point from = here();
    *made = {};
    note(from, [&](agent& self) { *made = recorder::create_agent(self, name, from); });
}

INTERLOCK_HOOK void interlock_v1_agent_stack(const interlock_agent* of, const void* low, std::size_t size) {
    if (agent* const known = agent_behind(of); known != nullptr) {
        known->stack_low = reinterpret_cast<std::uintptr_t>(low);
        known->stack_top = known->stack_low + size;
        known->has_own_stack = true;
    }
}

INTERLOCK_HOOK void interlock_v1_agent_switch(const interlock_agent* to, interlock_agent* left) {
    const call_point from = here();
    *left = {};
    agent* const next = agent_behind(to);
    if (next == nullptr) return;
    note(from, [&](agent& self) {
        *left = {&self, format::number(self.id), to->life};
        recorder::switch_agent(self, *next, from);
    });
}

INTERLOCK_HOOK void interlock_v1_agent_suspend() {
    const call_point from = here();
    note(from, [&](agent& self) { recorder::suspend_agent(self, from); });
}

INTERLOCK_HOOK void interlock_v1_agent_end(const interlock_agent* ended) {
    const call_point from = here();
    agent* const gone = agent_behind(ended);
    if (gone == nullptr) return;
    note(from, [&](agent&) { recorder::end_agent(*gone); });
}

INTERLOCK_HOOK void interlock_v1_agent_request_end(const interlock_agent* awaited) {
    const call_point from = here();
    if (awaited->id == 0 || awaited->life != recorder::life.load(std::memory_order_relaxed)) return;
    note(from, [&](agent& self) { recorder::request_join(self, format::agent_id{awaited->id}, 0, from); });
}

INTERLOCK_HOOK void interlock_v1_agent_withdraw_request() {
    const call_point from = here();
    note(from, [&](agent& self) { recorder::clear_want(self); });
}

INTERLOCK_HOOK void interlock_v1_agent_follow(const interlock_agent* ended) {
    const call_point from = here();
    if (ended->id == 0 || ended->life != recorder::life.load(std::memory_order_relaxed)) return;
    note(from, [&](agent& self) { recorder::follow_agent(self, format::agent_id{ended->id}, from); });
}

INTERLOCK_HOOK void interlock_v1_atomic(interlock_object* variable, std::uint8_t operation, std::uint8_t order,
                                        std::uint8_t size) {
    const call_point from = here();
    note(from, [&](agent& self) {
        if (!self.full) return;
        const object_id id = recorder::identify(self, *variable, from);
        if (id != object_id::none)
            recorder::write(self, event_kind{operation}, static_cast<std::uint8_t>((order & 7) | size << 4),
                            recorder::find_site(self, from).id, format::number(id), 0);
    });
}

INTERLOCK_HOOK void interlock_v1_fence(std::uint8_t order) {
    const call_point from = here();
    note(from, [&](agent& self) {
        if (self.full) recorder::write(self, event_kind::fence, order, recorder::find_site(self, from).id, 0, 0);
    });
}

}  // namespace interlock::preload
