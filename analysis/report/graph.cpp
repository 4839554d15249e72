// Graphs for Graphviz, for GraphML readers (Gephi, yEd, networkx) and for scripts. Arcs that lie on a cycle are red.
#include "analysis/report/graph.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analysis/findings/names.hpp"
#include "analysis/report/escape.hpp"
#include "analysis/report/naming.hpp"

namespace interlock::report {

using findings::lock_order;
using findings::order_edge;

namespace {

std::string label_of(const findings::lock& one) {
    if (!one.name.empty()) return one.name;
    if (!one.lock_class.empty()) return fmt::format("{} {}", one.lock_class, one.id);
    return fmt::format("{} {}", one.type.empty() ? "lock" : one.type, one.id);
}

std::string place_of(const order_edge& arc, const options& how) {
    return arc.wanted_stack.empty() ? std::string() : place_and_function(arc.wanted_stack[0], how);
}

std::string modes_of(const order_edge& arc) {
    return fmt::format("{} to {}", findings::name(arc.held_mode), findings::name(arc.wanted_mode));
}

}  // namespace

std::string graph_as_dot(const lock_order& graph, const options& how) {
    std::string out =
        "// held -> wanted; red: on a cycle; dashed: only ever tried; empty arrow: a shared mode\ndigraph lock_order "
        "{\n  node [shape=box];\n";
    for (const findings::lock& one : graph.locks)
        out += fmt::format("  {} [label=\"{}\", tooltip=\"{}\"];\n", one.id, dot_escaped(label_of(one)),
                           dot_escaped(one.type));
    for (const order_edge& arc : graph.edges) {
        const bool shared =
            arc.held_mode == findings::lock_mode::shared || arc.wanted_mode == findings::lock_mode::shared;
        out += fmt::format("  {} -> {} [label=\"{}\", tooltip=\"{}, seen {}\"{}{}{}];\n", arc.held, arc.wanted,
                           dot_escaped(place_of(arc, how)), modes_of(arc),
                           arc.occurrences == 1 ? "once" : fmt::format("{} times", arc.occurrences),
                           arc.in_cycle ? ", color=red" : "", arc.blocking ? "" : ", style=dashed",
                           shared ? ", arrowhead=empty" : "");
    }
    return out + "}\n";
}

std::string graph_as_graphml(const lock_order& graph, const options& how) {
    std::string out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n"
        "  <key id=\"name\" for=\"node\" attr.name=\"name\" attr.type=\"string\"/>\n"
        "  <key id=\"type\" for=\"node\" attr.name=\"type\" attr.type=\"string\"/>\n"
        "  <key id=\"place\" for=\"edge\" attr.name=\"place\" attr.type=\"string\"/>\n"
        "  <key id=\"held_mode\" for=\"edge\" attr.name=\"held_mode\" attr.type=\"string\"/>\n"
        "  <key id=\"wanted_mode\" for=\"edge\" attr.name=\"wanted_mode\" attr.type=\"string\"/>\n"
        "  <key id=\"blocking\" for=\"edge\" attr.name=\"blocking\" attr.type=\"boolean\"/>\n"
        "  <key id=\"in_cycle\" for=\"edge\" attr.name=\"in_cycle\" attr.type=\"boolean\"/>\n"
        "  <key id=\"occurrences\" for=\"edge\" attr.name=\"occurrences\" attr.type=\"long\"/>\n"
        "  <graph id=\"lock_order\" edgedefault=\"directed\">\n";
    for (const findings::lock& one : graph.locks)
        out += fmt::format("    <node id=\"l{}\"><data key=\"name\">{}</data><data key=\"type\">{}</data></node>\n",
                           one.id, xml_escaped(label_of(one)), xml_escaped(one.type));
    for (const order_edge& arc : graph.edges)
        out += fmt::format(
            "    <edge source=\"l{}\" target=\"l{}\"><data key=\"place\">{}</data><data "
            "key=\"held_mode\">{}</data><data "
            "key=\"wanted_mode\">{}</data><data key=\"blocking\">{}</data><data key=\"in_cycle\">{}</data><data "
            "key=\"occurrences\">{}</data></edge>\n",
            arc.held, arc.wanted, xml_escaped(place_of(arc, how)), findings::name(arc.held_mode),
            findings::name(arc.wanted_mode), arc.blocking, arc.in_cycle, arc.occurrences);
    return out + "  </graph>\n</graphml>\n";
}

std::string graph_as_json(const lock_order& graph, const options& how) {
    using json = nlohmann::ordered_json;
    json locks = json::array();
    for (const findings::lock& one : graph.locks) {
        json node = {{"id", one.id}, {"label", label_of(one)}, {"type", one.type}};
        if (!one.name.empty()) node["name"] = one.name;
        if (!one.lock_class.empty()) node["class"] = one.lock_class;
        if (one.log != 0) node["log"] = one.log;
        locks.push_back(std::move(node));
    }
    json edges = json::array();
    for (const order_edge& arc : graph.edges) {
        json edge = {{"held", arc.held},
                     {"wanted", arc.wanted},
                     {"held_mode", findings::name(arc.held_mode)},
                     {"wanted_mode", findings::name(arc.wanted_mode)},
                     {"blocking", arc.blocking},
                     {"in_cycle", arc.in_cycle},
                     {"occurrences", arc.occurrences}};
        if (!arc.threads.empty()) edge["threads"] = arc.threads;
        if (!arc.wanted_stack.empty()) edge["place"] = place_of(arc, how);
        edges.push_back(std::move(edge));
    }
    const json out = {{"format", "interlock-lock-order"},
                      {"version", 1},
                      {"tool", {{"name", "interlock"}, {"version", how.tool_version}}},
                      {"locks", std::move(locks)},
                      {"edges", std::move(edges)}};
    return out.dump(1, ' ', true, json::error_handler_t::replace) + '\n';
}

}  // namespace interlock::report
