// Events to steps of order: which record publishes an agent's past and which learns from it. Feeds segment_order.
#pragma once

#include "analysis/graph/segment_order.hpp"
#include "analysis/trace/event.hpp"

namespace interlock::graph {

/// Applies `e` if it is a step that orders agents. The contract's list: start, join, a barrier's phase, a latch, an event, future
/// set to get, what a once flag's initialiser did to whoever passes it, task submit to start or finish to wait. Locks, semaphores, conditions and queues are left out: the order in
/// which they let agents pass was one of many.
void follow(segment_order& order, const trace::event& e);

}  // namespace interlock::graph
