// Findings to text that people and programs read. All formats of a report are reached from here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "analysis/findings/finding.hpp"
#include "analysis/findings/lock_order.hpp"
#include "analysis/report/options.hpp"

namespace interlock::report {

enum class format : std::uint8_t { text, json, sarif, html, github, markdown };
std::optional<format> format_named(std::string_view word) noexcept;
/// All of them, for messages.
inline constexpr std::string_view format_names = "text, json, sarif, html, github and markdown";

/// The whole report, arranged (arrange.hpp) and explained (explain.hpp). Valid UTF-8, newline at the end, nothing in it that
/// steers a terminal but the colours that were asked for. Reentrant; reads source files for quotes, never fails.
std::string render(format as, findings::report_data data, const options& how);

/// The findings alone as the text report shows them, to stand in another program's output.
std::string render_findings(findings::report_data data, const options& how);

enum class graph_format : std::uint8_t { dot, graphml, json };
std::optional<graph_format> graph_format_named(std::string_view word) noexcept;

/// The lock-order graph: locks are nodes, "held while wanted" are arcs. Arranged and escaped as above.
std::string render_graph(graph_format as, findings::lock_order graph, const options& how);

}  // namespace interlock::report
