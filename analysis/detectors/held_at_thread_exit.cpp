// From `held_at_exit` records: `sequence` is the stack of the acquisition, or 0.
#include "analysis/detectors/misuse.hpp"

namespace interlock::detectors {

std::optional<draft> held_at_thread_exit(const trace::event& e, format::object_type type) {
    // The permit of a semaphore may be posted by anybody, at any time.
    if (e.kind != format::event_kind::held_at_exit || type == format::object_type::semaphore) return std::nullopt;
    draft made = observed(findings::kind::held_at_thread_exit, e);
    made.holder = e.agent;
    made.stack = format::stack_id{e.sequence};
    return made;
}

}  // namespace interlock::detectors
