// Where a recorded call was made, as far as its site tells. Serves statistics and the timeline, whose events have no stacks.
#pragma once

#include "analysis/findings/user_frames.hpp"
#include "analysis/naming.hpp"

namespace interlock::analysis {

/// Empty: not known, or inside of a library. Unoptimised code calls pthread_mutex_lock from its own copy of std::mutex::lock, one place for
/// all of the program.
inline findings::stack user_place(naming& names, format::site_id site) {
    findings::stack made = names.stack({}, site);
    if (!made.empty() && findings::is_library_frame(made.front())) made.clear();
    return made;
}

/// The same, by the stack where the site is such a place and one was taken.
inline findings::stack user_place(naming& names, format::stack_id stack, format::site_id site) {
    findings::stack made = user_place(names, site);
    if (!made.empty() || stack == format::stack_id::none) return made;
    made = names.stack(stack, site);
    if (made.empty() || findings::is_library_frame(made.front())) return {};
    made.resize(1);
    return made;
}

}  // namespace interlock::analysis
