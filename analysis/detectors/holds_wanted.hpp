// What stuck threads hold besides what their cycle is made of: who waits with one lock for a signal, and keeps another from whoever would
// give it, is the bug, though no cycle of locks shows it.
#pragma once

#include <functional>
#include <span>

#include "analysis/detectors/draft.hpp"
#include "analysis/trace/present.hpp"

namespace interlock::detectors {

/// Enters in each stuck one of `drafts` the holds of its agents, and of those behind them, that another of these agents waits for; not
/// those that its sides tell. `is_lock` may be empty: all are. Cost: linear in the agents' holds, times the logarithm of their number.
void tell_wanted_holds(std::span<draft> drafts, std::span<const trace::agent_present> present,
                       const std::function<bool(graph::resource)>& is_lock);

}  // namespace interlock::detectors
