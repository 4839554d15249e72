// Arrows are quadratic Bezier curves, bent to their right so that A to B and B to A stay apart; their ends are clipped at the boxes.
#include "analysis/report/cycle_drawing.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <fmt/format.h>

#include "analysis/findings/names.hpp"
#include "analysis/report/escape.hpp"

namespace interlock::report {

namespace {

constexpr std::size_t nodes_max = 16;
constexpr std::size_t arcs_max = 40;
constexpr std::size_t label_max = 26;  // characters
constexpr std::size_t who_max = 30;
constexpr double letter = 7.6;  // width of a character of the page's monospace font, in units of the drawing
constexpr double box_height = 30;
constexpr double margin = 34;
constexpr double bend = 0.24;  // of an arrow's length
constexpr double gap = 5;      // between arrow and box
constexpr double loop_height = 64;

struct point {
    double x = 0;
    double y = 0;
};

struct box {
    point centre;
    double width = 0;
    std::string label;
};

point operator+(point a, point b) { return {a.x + b.x, a.y + b.y}; }
point operator-(point a, point b) { return {a.x - b.x, a.y - b.y}; }
point operator*(point a, double by) { return {a.x * by, a.y * by}; }

/// Where the line from a box's centre to `towards` leaves it.
point edge_of(const box& from, point towards) {
    const point way = towards - from.centre;
    const double across = way.x == 0 ? 1e9 : (from.width / 2 + gap) / std::abs(way.x);
    const double along = way.y == 0 ? 1e9 : (box_height / 2 + gap) / std::abs(way.y);
    return from.centre + way * std::min({across, along, 1.0});
}

std::string who_of(const cycle_graph::arc& arc) {
    std::string out = *arc.threads.begin();
    if (arc.threads.size() > 1) out += fmt::format(" and {} more", arc.threads.size() - 1);
    return shortened(printable(out), who_max);
}

std::vector<box> layout(const cycle_graph& graph) {
    std::vector<box> out;
    double widest = 0;
    for (const cycle_graph::node& one : graph.nodes) {
        std::string label = shortened(printable(one.name), label_max);
        const double width = static_cast<double>(width_of(label)) * letter + 22;
        widest = std::max(widest, width);
        out.push_back({{}, width, std::move(label)});
    }
    double longest = 0;
    for (const cycle_graph::arc& arc : graph.arcs)
        longest = std::max(longest, static_cast<double>(width_of(who_of(arc))) * letter);
    const auto count = static_cast<double>(out.size());
    // Between neighbours there is room for a label and the arrow's ends; an ellipse, since boxes and labels are wider than high.
    const double step = widest + longest + 60;
    const double radius_x = count == 1 ? 0 : step / (2 * std::sin(std::numbers::pi / count));
    const double radius_y = count <= 2 ? 0 : std::max(95.0, count * 26);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const double angle = std::numbers::pi + 2 * std::numbers::pi * static_cast<double>(i) / count;
        out[i].centre = {radius_x * std::cos(angle), radius_y * std::sin(angle)};
    }
    return out;
}

std::string text_at(point where, std::string_view kind, std::string_view words) {
    return fmt::format(R"(<text class="{}" x="{:.1f}" y="{:.1f}">{}</text>)", kind, where.x, where.y + 4,
                       xml_escaped(words));
}

/// The curve of an arc and where its label stands.
std::string arrow(const cycle_graph::arc& arc, const std::vector<box>& boxes, point& label) {
    const box& from = boxes[arc.from];
    const box& to = boxes[arc.to];
    if (arc.from == arc.to) {
        const point top = from.centre - point{0, box_height / 2 + gap};
        label = top - point{0, loop_height * 0.8};
        return fmt::format("M{:.1f} {:.1f}C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}", top.x - 18, top.y, top.x - 52,
                           top.y - loop_height, top.x + 52, top.y - loop_height, top.x + 18, top.y);
    }
    const point way = to.centre - from.centre;
    const double length = std::max(std::hypot(way.x, way.y), 1.0);
    const point aside = point{way.y, -way.x} * (1 / length);
    const point control = from.centre + way * 0.5 + aside * std::max(length * bend, 46.0);
    const point begin = edge_of(from, control);
    const point end = edge_of(to, control);
    label = (begin + control * 2 + end) * 0.25;
    return fmt::format("M{:.1f} {:.1f}Q{:.1f} {:.1f} {:.1f} {:.1f}", begin.x, begin.y, control.x, control.y, end.x,
                       end.y);
}

struct frame {
    double left = 0, top = 0, right = 0, bottom = 0;
    void reach(point where, double half_width, double half_height) {
        left = std::min(left, where.x - half_width);
        right = std::max(right, where.x + half_width);
        top = std::min(top, where.y - half_height);
        bottom = std::max(bottom, where.y + half_height);
    }
};

std::string marker(findings::severity how_bad, std::size_t number) {
    return fmt::format(
        "<marker id=\"tip-{1}-{0}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" "
        "orient=\"auto\"><path class=\"tip {0}\" d=\"M0 0L8 4L0 8z\"/></marker>",
        findings::name(how_bad), number);
}

}  // namespace

bool is_drawable(const cycle_graph& graph) noexcept {
    return graph.nodes.size() <= nodes_max && graph.arcs.size() <= arcs_max;
}

std::string drawing_of(const cycle_graph& graph, std::size_t number) {
    const std::vector<box> boxes = layout(graph);
    frame all;
    std::string curves;
    std::string labels;
    for (const cycle_graph::arc& arc : graph.arcs) {
        point label;
        const std::string_view severity = findings::name(arc.worst);
        curves += fmt::format(R"-(<path class="arc {0}" marker-end="url(#tip-{1}-{0})" d="{2}"/>)-", severity, number,
                              arrow(arc, boxes, label));
        const std::string who = who_of(arc);
        const double half = static_cast<double>(width_of(who)) * letter / 2 + 3;
        labels += fmt::format(R"(<rect class="behind" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="18"/>)",
                              label.x - half, label.y - 9, 2 * half);
        labels += text_at(label, "who", who);
        all.reach(label, half, 12);
    }
    std::string nodes;
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        const box& one = boxes[i];
        nodes += fmt::format(
            "<g class=\"lock\"><title>{}</title><rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
            "rx=\"6\"/>{}</g>",
            xml_escaped(graph.nodes[i].name), one.centre.x - one.width / 2, one.centre.y - box_height / 2, one.width,
            box_height, text_at(one.centre, "name", one.label));
        all.reach(one.centre, one.width / 2, box_height / 2);
    }
    const double width = all.right - all.left + 2 * margin;
    const double height = all.bottom - all.top + 2 * margin;
    return fmt::format(
        "<svg role=\"img\" aria-label=\"lock-order graph\" width=\"{:.0f}\" height=\"{:.0f}\" viewBox=\"{:.1f} {:.1f} "
        "{:.1f} {:.1f}\"><defs>{}{}{}</defs>{}{}{}</svg>\n",
        width, height, all.left - margin, all.top - margin, width, height, marker(findings::severity::error, number),
        marker(findings::severity::warning, number), marker(findings::severity::note, number), curves, labels, nodes);
}

}  // namespace interlock::report
