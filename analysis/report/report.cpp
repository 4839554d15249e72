// From data to a format: arrange, explain, write.
#include "analysis/report/report.hpp"

#include "analysis/report/arrange.hpp"
#include "analysis/report/explain.hpp"
#include "analysis/report/github.hpp"
#include "analysis/report/graph.hpp"
#include "analysis/report/html.hpp"
#include "analysis/report/json.hpp"
#include "analysis/report/markdown.hpp"
#include "analysis/report/sarif.hpp"
#include "analysis/report/text.hpp"

namespace interlock::report {

std::optional<format> format_named(std::string_view word) noexcept {
    if (word == "text") return format::text;
    if (word == "json") return format::json;
    if (word == "sarif") return format::sarif;
    if (word == "html") return format::html;
    if (word == "github") return format::github;
    if (word == "markdown") return format::markdown;
    return std::nullopt;
}

std::string render(format as, findings::report_data data, const options& how) {
    data = arranged(std::move(data));
    for (findings::finding& one : data.findings) explain(one);
    switch (as) {
        case format::text: return text_report(data, how);
        case format::json: return json_report(data, how);
        case format::sarif: return sarif_report(data, how);
        case format::html: return html_report(data, how);
        case format::github: return github_report(data, how);
        case format::markdown: return markdown_report(data, how);
    }
    return {};
}

std::string render_findings(findings::report_data data, const options& how) {
    data = arranged(std::move(data));
    std::string out;
    source_lines sources;
    for (findings::finding& one : data.findings) {
        explain(one);
        out += finding_text(one, data, how, sources);
    }
    return out;
}

std::optional<graph_format> graph_format_named(std::string_view word) noexcept {
    if (word == "dot") return graph_format::dot;
    if (word == "graphml") return graph_format::graphml;
    if (word == "json") return graph_format::json;
    return std::nullopt;
}

std::string render_graph(graph_format as, findings::lock_order graph, const options& how) {
    graph = arranged(std::move(graph));
    switch (as) {
        case graph_format::dot: return graph_as_dot(graph, how);
        case graph_format::graphml: return graph_as_graphml(graph, how);
        case graph_format::json: return graph_as_json(graph, how);
    }
    return {};
}

}  // namespace interlock::report
