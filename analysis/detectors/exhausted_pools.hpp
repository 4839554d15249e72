// A pool whose workers all wait for tasks of that pool: what happened there is one finding, and the stall that comes of it is told by it.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "analysis/detectors/draft.hpp"
#include "analysis/trace/present.hpp"

namespace interlock::detectors {

/// `present` tells the pool's workers: the same thread made them, under the same name.
/// Marks those exhausted pools in `drafts` whose workers are among the stalled there as stuck, with these workers and, behind them, whoever else
/// waits for a future that nobody is left to set. The stalls that this tells are dropped.
void tell_stalls_by_pools(std::vector<draft>& drafts, std::span<const trace::agent_present> present,
                          const std::function<bool(graph::resource)>& is_future);

}  // namespace interlock::detectors
