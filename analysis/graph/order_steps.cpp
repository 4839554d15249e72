// One switch over the kinds that format::ends_segment() names, and those few that end none but matter to what does.
#include "analysis/graph/order_steps.hpp"

#include "instrument/format/vocabulary.hpp"

namespace interlock::graph {

using format::agent_id;
using format::event_kind;

namespace {

bool is_step(event_kind kind) noexcept {
    return format::ends_segment(kind) || kind == event_kind::agent_exit || kind == event_kind::event_reset ||
           kind == event_kind::once_begin || kind == event_kind::once_abort;
}

}  // namespace

void follow(segment_order& order, const trace::event& e) {
    if (!is_step(e.kind)) return;
    switch (e.kind) {
        case event_kind::agent_create:
        case event_kind::agent_exit:
        case event_kind::task_submit:
        case event_kind::task_finish:
            // An exit is published under the agent itself, the others under the agent they speak of.
            return order.publish(e.agent, e.kind, e.kind == event_kind::agent_exit ? number(e.agent) : e.object);
        case event_kind::agent_start: return order.observe(e.agent, e.kind, number(e.agent), event_kind::agent_create);
        case event_kind::agent_join: return order.observe(e.agent, e.kind, e.object, event_kind::agent_exit);
        case event_kind::task_start:
            order.observe(e.agent, e.kind, e.object, event_kind::task_submit);
            if (agent_id{e.object} != e.agent) {
                order.observe(agent_id{e.object}, e.kind, e.object, event_kind::task_submit);
            }
            return;
        case event_kind::task_wait: return order.observe(e.agent, e.kind, e.object, event_kind::task_finish);
        case event_kind::barrier_arrive:
        case event_kind::barrier_drop: return order.arrive(e.agent, e.object);
        case event_kind::barrier_complete: return order.pass(e.agent, e.object);
        case event_kind::latch_count_down: return order.publish(e.agent, e.kind, e.object);
        case event_kind::latch_pass: return order.observe(e.agent, e.kind, e.object, event_kind::latch_count_down);
        case event_kind::once_begin: return order.begin_initialiser(e.agent, e.object);
        case event_kind::once_done:
        case event_kind::once_abort: return order.end_initialiser(e.agent, e.object, e.kind == event_kind::once_done);
        case event_kind::once_pass: return order.pass_once(e.agent, e.object);
        case event_kind::future_set:
        case event_kind::future_abandon: return order.publish(e.agent, event_kind::once_done, e.object);
        // The value of a std::future is set as the work of a once flag, which is all that is seen of its setting.
        case event_kind::future_get: return order.observe(e.agent, e.kind, e.object, event_kind::once_done);
        case event_kind::event_set: return order.set(e.agent, e.object);
        case event_kind::event_reset: return order.reset(e.agent, e.object);
        case event_kind::event_pass: return order.pass_event(e.agent, e.object);
        case event_kind::test_begin: return order.enter_test(e.agent, e.object);
        case event_kind::test_end: return order.enter_test(e.agent, 0);
        default: return;  // reason: two hundred kinds that order nothing; is_step() is the list held to
    }
}

}  // namespace interlock::graph
