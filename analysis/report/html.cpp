// Every text of the program goes through `shown()`, every number through fmt; nothing else is put between tags.
#include "analysis/report/html.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "analysis/findings/function_name.hpp"
#include "analysis/findings/names.hpp"
#include "analysis/report/cycle_drawing.hpp"
#include "analysis/report/cycle_graph.hpp"
#include "analysis/report/escape.hpp"
#include "analysis/report/explain.hpp"
#include "analysis/report/html_style.hpp"
#include "analysis/report/naming.hpp"
#include "analysis/report/quote.hpp"
#include "analysis/report/rules.hpp"
#include "analysis/report/steps.hpp"
#include "analysis/report/tally.hpp"
#include "analysis/report/text.hpp"
#include "analysis/report/waits.hpp"

namespace interlock::report {

using findings::finding;
using findings::severity;

namespace {

constexpr std::size_t text_max = 400;   // characters of a name or sentence
constexpr std::size_t quote_max = 100;  // of a line of source
constexpr std::size_t steps_max = 100;  // of a finding
constexpr std::size_t frames_max = 60;  // of a stack
constexpr std::size_t behind_max = 50;  // threads stuck behind a deadlock
constexpr std::size_t drawings_max = 20;
constexpr std::size_t listed_arcs_max = 500;

/// Safe between tags and in quoted attributes.
std::string shown(std::string_view raw) { return xml_escaped(shortened(printable(raw), text_max)); }

std::string_view heading_of(severity how_bad) { return findings::name(how_bad); }

std::string badge(const finding& what) { return fmt::format("<b class=\"{0}\">{0}</b>", heading_of(what.severity)); }

class page {
public:
    page(const findings::report_data& data, const options& how) : data_(data), how_(how) {
        std::size_t told = 0;
        for (const finding& one : data.findings) numbers_.push_back(one.is_told() ? ++told : 0);
    }

    std::string write() {
        const tally all = tally_of(data_);
        out_ = fmt::format(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
            "base-uri 'none'; form-action 'none'\">\n<title>interlock: "
            "{0}</title>\n<style>{1}</style>\n</head>\n<body>\n"
            "<header>\n<h1>interlock: {0}</h1>\n",
            as_words(all), html_style);
        for (const findings::log_summary& log : data_.logs)
            if (!log.program.empty())
                out_ += fmt::format("<p class=\"faint\"><code>{}</code>, pid {}</p>\n", shown(log.program), log.pid);
        out_ += "</header>\n<main>\n";
        if (all.told() > 0) write_list();
        write_graphs();
        for (std::size_t i = 0; i < data_.findings.size(); ++i)
            if (data_.findings[i].is_told()) write_finding(i);
        write_closing();
        out_ += fmt::format("</main>\n<footer class=\"faint\">interlock {}</footer>\n</body>\n</html>\n",
                            shown(how_.tool_version));
        return std::move(out_);
    }

private:
    std::string where(const findings::stack& at) const {
        return at.empty() ? "a place that is not known" : shown(place_and_function(at[0], how_));
    }

    void write_list() {
        out_ +=
            "<section>\n<h2>Findings</h2>\n<div class=\"wide\"><table>\n<tr><th>severity</th><th>finding</th>"
            "<th>verdict</th><th>where</th><th>seen</th></tr>\n";
        for (std::size_t i = 0; i < data_.findings.size(); ++i) {
            const finding& one = data_.findings[i];
            if (!one.is_told()) continue;
            out_ += fmt::format(
                "<tr><td>{}</td><td class=\"keep\"><a href=\"#finding-{}\">{}</a></td><td class=\"keep\">{}</td>"
                "<td class=\"code\">{}</td><td>{}</td></tr>\n",
                badge(one), numbers_[i], title(one.kind), findings::name(one.verdict), where(main_stack(one)),
                one.occurrences);
        }
        out_ += "</table></div>\n</section>\n";
    }

    // -- the lock-order graph of the cycles ---------------------------------------------------------------------------------

    void write_graphs() {
        const std::vector<cycle_graph> graphs = cycle_graphs(data_);
        if (graphs.empty()) return;
        out_ +=
            "<section>\n<h2>Lock-order graph of the cycles</h2>\n<p class=\"faint\">An arrow goes from a lock that was "
            "held to the lock that was wanted meanwhile; beside it the thread.</p>\n";
        std::size_t drawn = 0;
        for (const cycle_graph& one : graphs) {
            if (drawn < drawings_max && is_drawable(one)) {
                out_ += "<figure>\n" + drawing_of(one, ++drawn) + "<figcaption>" + links_of(one) +
                        "</figcaption>\n</figure>\n";
                continue;
            }
            write_arcs(one);
        }
        out_ += "</section>\n";
    }

    std::string links_of(const std::set<std::size_t>& told_by) const {
        std::string out;
        for (const std::size_t index : told_by)
            out += fmt::format("{}<a href=\"#finding-{}\">finding {}</a>", out.empty() ? "" : ", ", numbers_[index],
                               numbers_[index]);
        return out;
    }

    std::string links_of(const cycle_graph& graph) const {
        std::set<std::size_t> all;
        for (const cycle_graph::arc& arc : graph.arcs) all.insert(arc.told_by.begin(), arc.told_by.end());
        return links_of(all);
    }

    void write_arcs(const cycle_graph& graph) {
        out_ += fmt::format(
            "<details open><summary>{}, {}</summary>\n<div class=\"wide\"><table>\n<tr><th>held</th>"
            "<th>wanted</th><th>by</th><th>told by</th></tr>\n",
            counted(graph.nodes.size(), "lock"), counted(graph.arcs.size(), "arc"));
        for (std::size_t i = 0; i < graph.arcs.size() && i < listed_arcs_max; ++i) {
            const cycle_graph::arc& arc = graph.arcs[i];
            std::string who;
            for (const std::string& name : arc.threads) who += (who.empty() ? "" : ", ") + name;
            out_ += fmt::format(
                "<tr><td class=\"code\">{}</td><td class=\"code\">{}</td><td class=\"code\">{}</td>"
                "<td>{}</td></tr>\n",
                shown(graph.nodes[arc.from].name), shown(graph.nodes[arc.to].name), shown(who), links_of(arc.told_by));
        }
        out_ += "</table></div>\n";
        if (graph.arcs.size() > listed_arcs_max)
            out_ +=
                fmt::format("<p>And {} more; the JSON report has them all.</p>\n", graph.arcs.size() - listed_arcs_max);
        out_ += "</details>\n";
    }

    // -- one finding --------------------------------------------------------------------------------------------------------

    void write_finding(std::size_t index) {
        const finding& what = data_.findings[index];
        out_ += fmt::format(
            "<article class=\"{0}\" id=\"finding-{1}\">\n<h2>{1}. {2} <span class=\"verdict\">{3}</span></h2>\n",
            heading_of(what.severity), numbers_[index], title(what.kind), findings::name(what.verdict));
        const std::string told = story(what);
        paragraph(told.empty() ? what.message + "." : told);
        write_steps(what);
        if (!what.why.empty()) paragraph(fmt::format("It is {}: {}.", findings::name(what.verdict), what.why));
        if (what.coffman) write_conditions(*what.coffman);
        if (!what.advice.empty())
            out_ += fmt::format("<p><b>{}:</b> {}</p>\n", what.coffman ? "Break it" : "Mend it", shown(what.advice));
        write_behind(what);
        write_facts(what);
        const rule& means = rule_of(what.kind);
        out_ += fmt::format("<details><summary>What {} means</summary>\n<p>{} {}</p>\n<p>{}</p>\n</details>\n",
                            title(what.kind), xml_escaped(means.summary), xml_escaped(means.meaning),
                            xml_escaped(means.remedy));
        out_ += "</article>\n";
    }

    void paragraph(std::string_view raw) { out_ += fmt::format("<p>{}</p>\n", shown(raw)); }

    void write_steps(const finding& what) {
        const std::vector<step> steps = steps_of(what);
        out_ += "<div class=\"wide\"><table>\n<tr><th>thread</th><th></th><th>what</th><th>where</th></tr>\n";
        for (std::size_t i = 0; i < steps.size() && i < steps_max; ++i) {
            const step& one = steps[i];
            out_ +=
                fmt::format(R"(<tr><td class="code keep">{}</td><td class="keep">{}</td><td class="code">{}</td><td>)",
                            one.is_request ? "" : shown(one.who), one.does, shown(one.what));
            write_place(*one.at);
            if (!one.while_holding.empty())
                out_ += fmt::format("<div>holding <code>{}</code></div>", shown(one.while_holding));
            if (!one.test.empty()) out_ += fmt::format("<div>{}</div>", shown(one.test));
            write_stack(*one.at, one.approximate);
            out_ += "</td></tr>\n";
        }
        out_ += "</table></div>\n";
        if (steps.size() > steps_max)
            out_ += fmt::format("<p>And {} more steps; the JSON report has them all.</p>\n", steps.size() - steps_max);
    }

    void write_place(const findings::stack& at) {
        out_ += "<code>" + where(at) + "</code>";
        if (!how_.quote_source || at.empty()) return;
        const std::string line = sources_.line(at[0].file, at[0].line);
        if (!line.empty())
            out_ += "<br><code class=\"faint\">" + xml_escaped(shortened(printable(line), quote_max)) + "</code>";
    }

    void write_stack(const findings::stack& at, bool approximate) {
        if (at.size() < 2) return;
        out_ += fmt::format("<details><summary>stack of {}{}</summary><ol class=\"mono\">", counted(at.size(), "frame"),
                            approximate ? ", approximate" : "");
        for (std::size_t i = 0; i < at.size() && i < frames_max; ++i)
            out_ += fmt::format("<li>{} <span class=\"faint\">{}{}</span></li>",
                                shown(findings::plain_function(at[i].function)), shown(place(at[i], how_)),
                                at[i].inlined ? ", inlined" : "");
        out_ += "</ol>";
        if (at.size() > frames_max) out_ += fmt::format("and {} more", at.size() - frames_max);
        out_ += "</details>";
    }

    void write_conditions(const findings::coffman_conditions& four) {
        out_ += "<div class=\"wide\"><table>\n<tr><th>condition</th><th>holds</th><th>because</th></tr>\n";
        const auto row = [&](std::string_view name, const findings::condition& one) {
            out_ += fmt::format("<tr><td class=\"keep\">{}</td><td>{}</td><td>{}</td></tr>\n", name,
                                findings::name(one.holds), shown(one.because));
        };
        row("mutual exclusion", four.mutual_exclusion);
        row("hold and wait", four.hold_and_wait);
        row("no preemption", four.no_preemption);
        row("circular wait", four.circular_wait);
        out_ += "</table></div>\n";
    }

    void write_behind(const finding& what) {
        if (what.behind.empty()) return;
        const finding named = all_named(what);
        out_ += "<p>Stuck behind it:</p>\n<ul>\n";
        for (std::size_t i = 0; i < what.behind.size() && i < behind_max; ++i) {
            const findings::bystander& one = what.behind[i];
            out_ += fmt::format("<li><code>{}</code> wants <code>{}</code>{} at <code>{}</code></li>\n",
                                shown(thread_name(named, one.who.id)), shown(lock_name(named, one.wanted.id)),
                                shown(held_by(what, named, one.wanted.id)), where(one.at));
        }
        out_ += "</ul>\n";
        if (what.behind.size() > behind_max)
            out_ += fmt::format("<p>And {} more threads.</p>\n", what.behind.size() - behind_max);
    }

    /// What tells this defect from others, and where its locks and threads come from.
    void write_facts(const finding& what) {
        out_ +=
            fmt::format("<details><summary>Locks, threads, id</summary>\n<ul>\n<li>id <code>{}</code>, seen {}</li>\n",
                        shown(what.id), counted(what.occurrences, "time"));
        if (what.also > 0) out_ += fmt::format("<li>{} told by it</li>\n", counted(what.also, "longer cycle"));
        for (std::size_t i = 0; i < what.locks.size() && i < steps_max; ++i) {
            const findings::lock& one = what.locks[i];
            out_ +=
                fmt::format("<li><code>{}</code>: {}{}{}{}</li>\n", shown(lock_name(what, one.id)), shown(one.type),
                            one.lock_class.empty() ? "" : " of class <code>" + shown(one.lock_class) + "</code>",
                            one.address == 0 ? "" : fmt::format(" at <code>{:#x}</code>", one.address),
                            one.created_at.empty() ? "" : ", first seen <code>" + where(one.created_at) + "</code>");
        }
        for (std::size_t i = 0; i < what.threads.size() && i < steps_max; ++i) {
            const findings::thread& one = what.threads[i];
            out_ +=
                fmt::format("<li><code>{}</code>: {}</li>\n", shown(thread_name(what, one.id)),
                            one.created_at.empty() ? "thread" : "created <code>" + where(one.created_at) + "</code>");
        }
        for (const findings::access& side : what.accesses) {
            if (!side.memory.empty())
                out_ += fmt::format("<li>memory <code>{:#x}</code>: {}</li>\n", side.address, shown(side.memory));
        }
        out_ += "</ul>\n</details>\n";
    }

    void write_closing() {
        options plain = how_;
        plain.colour = false;
        out_ += "<section>\n<h2>What was looked at</h2>\n<pre>" +
                escaped_lines(waits_text(data_, plain) + closing_text(data_)) + "</pre>\n</section>\n";
    }

    /// Text of several lines, each made safe.
    static std::string escaped_lines(std::string_view text) {
        std::string out;
        while (!text.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            out += xml_escaped(text.substr(0, end)) + '\n';
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        return out;
    }

    const findings::report_data& data_;
    const options& how_;
    std::vector<std::size_t> numbers_;  // from 1, of the findings that are told
    source_lines sources_;
    std::string out_;
};

}  // namespace

std::string html_report(const findings::report_data& data, const options& how) { return page(data, how).write(); }

}  // namespace interlock::report
