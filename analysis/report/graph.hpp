// The lock-order graph, drawn: one function a format.
#pragma once

#include <string>

#include "analysis/findings/lock_order.hpp"
#include "analysis/report/options.hpp"

namespace interlock::report {

std::string graph_as_dot(const findings::lock_order& graph, const options& how);
std::string graph_as_graphml(const findings::lock_order& graph, const options& how);
std::string graph_as_json(const findings::lock_order& graph, const options& how);

}  // namespace interlock::report
