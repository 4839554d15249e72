// A small graph of locks as a drawing inside an HTML page.
#pragma once

#include <cstddef>
#include <string>

#include "analysis/report/cycle_graph.hpp"

namespace interlock::report {

/// Whether a drawing of it can still be read.
bool is_drawable(const cycle_graph& graph) noexcept;

/// An <svg> element: locks on a circle in the order of the cycle, an arrow from each lock that is held to the one wanted meanwhile.
/// Its looks are left to the page's style: classes `lock`, `arc` with the severity, `who`. All names are escaped.
/// `number` tells the drawings of one page apart.
std::string drawing_of(const cycle_graph& graph, std::size_t number);

}  // namespace interlock::report
