// A thread that blocks while it holds a spin lock: whoever wants that lock burns a processor until the holder has slept. Told where the thread
// did block or was about to: its lock looked busy, or it waited for what only others do.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <utility>

#include "analysis/detectors/draft.hpp"
#include "analysis/detectors/held_now.hpp"
#include "analysis/trace/event.hpp"

namespace interlock::detectors {

/// Thread-bound.
class spinlock_held_blocking {
public:
    using type_of_object = std::function<format::object_type(format::object_id)>;

    /// A request on top of something held, which a dependency record precedes: it has the stack.
    void see_dependency(format::agent_id agent, format::object_id wanted, format::stack_id stack) {
        stacks_.insert_or_assign(std::pair(agent, wanted), stack);
    }

    /// Precondition: `held` is the state before `e`. The draft, for the first time that this agent does so with this lock.
    std::optional<draft> see(const trace::event& e, const held_now& held, const type_of_object& type_of);

private:
    std::set<std::pair<format::agent_id, format::object_id>> told_;
    std::map<std::pair<format::agent_id, format::object_id>, format::stack_id> stacks_;
};

}  // namespace interlock::detectors
