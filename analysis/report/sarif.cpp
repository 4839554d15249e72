// One run with one result for each finding. A cycle is one code flow with a thread flow for each side, and the execution order
// of its steps is the schedule that ends in the deadlock: first every hold, then every request.
#include "analysis/report/sarif.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analysis/findings/function_name.hpp"
#include "analysis/findings/names.hpp"
#include "analysis/report/escape.hpp"
#include "analysis/report/explain.hpp"
#include "analysis/report/naming.hpp"
#include "analysis/report/quote.hpp"
#include "analysis/report/rules.hpp"
#include "analysis/report/steps.hpp"
#include "analysis/report/uri.hpp"

namespace interlock::report {

using json = nlohmann::ordered_json;
using findings::finding;
using findings::frame;
using findings::severity;

namespace {

constexpr std::string_view schema =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
constexpr std::string_view root_name = "%SRCROOT%";
// Code scanning refuses a file with more than 25,000 results, or a result with more than 1,000 locations or 10,000 steps in flows
// (docs.github.com, "SARIF results exceed one or more limits"). A side has two steps.
constexpr std::size_t results_max = 25'000;  // worst first; the rest is counted
constexpr std::size_t sides_max = 200;       // a longer cycle is cut, and says so
constexpr std::size_t flow_frames_max = 20;  // callers shown on the way to a step
static_assert(2 * sides_max + 1 <= 1'000 && 2 * sides_max * flow_frames_max <= 10'000);
constexpr std::size_t message_sides_max = 8;

/// Plain text of a message: printable, and nothing in it is a link of SARIF's (3.11.6) but those we make.
std::string plain(std::string_view raw) {
    std::string out = printable(raw);
    for (std::size_t at = out.find("]("); at != std::string::npos; at = out.find("](", at)) out.insert(at + 1, " ");
    return out;
}

json text(std::string words) { return {{"text", std::move(words)}}; }

/// "A sentence", "a sentence." to "A sentence."
std::string sentence(std::string words) {
    if (words.empty()) return words;
    if (words[0] >= 'a' && words[0] <= 'z') words[0] = static_cast<char>(words[0] - 'a' + 'A');
    if (!words.ends_with('.')) words += '.';
    return words;
}

std::string_view level_of(severity how_bad) { return findings::name(how_bad); }

class sarif_writer {
public:
    sarif_writer(const findings::report_data& data, const options& how) : data_(data), how_(how) {}

    json write() {
        json results = json::array();
        for (const finding& one : data_.findings) {
            if (results.size() == results_max) break;
            results.push_back(result_of(one));
        }
        json run = {{"tool",
                     {{"driver",
                       {{"name", "interlock"},
                        {"version", how_.tool_version},
                        {"semanticVersion", how_.tool_version},
                        {"rules", std::move(rules_)}}}}},
                    {"automationDetails", {{"id", "interlock/"}}},
                    {"columnKind", "unicodeCodePoints"}};
        if (const std::string root = root_uri(how_); !root.empty())
            run["originalUriBaseIds"] = {{root_name, {{"uri", root}}}};
        run["invocations"] = json::array({invocation()});
        run["results"] = std::move(results);
        return {{"$schema", schema}, {"version", "2.1.0"}, {"runs", json::array({std::move(run)})}};
    }

private:
    // -- places -----------------------------------------------------------------------------------------------------------

    json artifact(const std::string& path) const {
        const source_uri uri = uri_of(path, how_);
        json out = {{"uri", uri.text}};
        if (uri.relative_to_root && !root_uri(how_).empty()) out["uriBaseId"] = root_name;
        return out;
    }

    json region(const frame& where) {
        const columns found = sources_.extent(where.file, where.line);
        return {{"startLine", where.line},
                {"startColumn", found.begin == 0 ? 1 : found.begin},
                {"endLine", where.line},
                {"endColumn", found.end == 0 ? 2 : found.end}};
    }

    json physical(const frame& where) {
        if (!where.file.empty() && where.line != 0)
            return {{"artifactLocation", artifact(where.file)}, {"region", region(where)}};
        // Services refuse a result without a region: it is the file's first character, and the address says where.
        json out = {{"artifactLocation", artifact(where.file.empty() ? where.module : where.file)},
                    {"region", {{"startLine", 1}, {"startColumn", 1}, {"endLine", 1}, {"endColumn", 2}}}};
        if (where.file.empty()) out["address"] = {{"relativeAddress", where.offset}, {"kind", "instruction"}};
        return out;
    }

    json location(const findings::stack& at) { return location(at.empty() ? unknown() : at[0]); }

    json location(const frame& where) {
        json out = {{"physicalLocation", physical(where)}};
        if (!where.function.empty())
            out["logicalLocations"] = json::array({{{"name", findings::plain_function(where.function)},
                                                    {"fullyQualifiedName", where.function},
                                                    {"kind", "function"}}});
        return out;
    }

    /// A place that is not known lies in the program.
    frame unknown() const {
        frame out;
        if (!data_.logs.empty()) out.module = data_.logs[0].program;
        return out;
    }

    static std::string words_of(const step& one) {
        std::string out = plain(one.who);
        for (const std::string& word : {one.does, one.what})
            if (!word.empty()) out += (out.empty() ? "" : " ") + plain(word);
        if (!one.while_holding.empty()) out += " holding " + plain(one.while_holding);
        if (!one.test.empty()) out += ", " + plain(one.test);
        if (one.approximate) out += " (approximate)";
        return out.empty() ? "here" : out;
    }

    // -- one finding --------------------------------------------------------------------------------------------------------

    json result_of(const finding& what) {
        const std::size_t index = rule_index(what.kind);
        std::vector<step> steps = steps_of(what);
        std::erase_if(steps, [](const step& one) { return one.side >= sides_max; });
        json out = {
            {"ruleId", findings::name(what.kind)},
            {"ruleIndex", index},
            {"kind", "fail"},
            {"level", level_of(what.severity)},
            {"message", text(message_of(what, steps))},
            {"locations", json::array({location(main_stack(what))})},
            {"relatedLocations", related(steps)},
            {"codeFlows", json::array({flow_of(what, steps)})},
            {"stacks", stacks_of(steps)},
            // GitHub tells alerts apart by the first one alone, which else is a hash of the line.
            {"partialFingerprints", {{"primaryLocationLineHash", what.id + ":1"}, {"interlockFindingId/v1", what.id}}},
            {"occurrenceCount", what.occurrences}};
        if (what.suppressed) {
            json by = {{"kind", what.suppressed_in_source ? "inSource" : "external"}, {"status", "accepted"}};
            if (!what.suppressed_by.empty()) by["justification"] = printable(what.suppressed_by);
            out["suppressions"] = json::array({std::move(by)});
        }
        if (data_.has_baseline) out["baselineState"] = what.known ? "unchanged" : "new";
        out["properties"] = properties_of(what);
        return out;
    }

    std::size_t rule_index(findings::kind kind) {
        const auto [at, is_new] = rule_at_.try_emplace(kind, rules_.size());
        if (!is_new) return at->second;
        const rule& one = rule_of(kind);
        json tags = {"concurrency", "correctness"};
        if (one.weakness != 0) tags.push_back(fmt::format("external/cwe/cwe-{}", one.weakness));
        rules_.push_back({{"id", findings::name(kind)},
                          {"name", one.name},
                          {"shortDescription", text(std::string(one.summary))},
                          {"fullDescription", text(fmt::format("{} {}", one.summary, one.meaning))},
                          {"help",
                           {{"text", fmt::format("{}\n\n{}", one.meaning, one.remedy)},
                            {"markdown", fmt::format("{}\n\n**What to do:** {}", one.meaning, one.remedy)}}},
                          {"defaultConfiguration", {{"level", "warning"}}},
                          {"properties", {{"tags", std::move(tags)}, {"precision", "high"}}}});
        return at->second;
    }

    /// The first sentence is the title where room is short. Links go to the related locations, which are numbered from 1.
    static std::string message_of(const finding& what, const std::vector<step>& steps) {
        std::string out = sentence(plain(what.message));
        std::size_t id = 0;
        for (const step& one : steps) {
            ++id;
            if (one.does.empty() || one.side >= message_sides_max) continue;
            out += one.is_request ? " and" : (id == 1 ? " " : "; ") + plain(one.who);
            out += fmt::format(" [{}]({}) {}", one.does, id, plain(one.what));
        }
        if (id > 0 && !steps[0].does.empty()) out += what.edges.size() > message_sides_max ? "; and so on." : ".";
        if (const std::string told = story(what); !told.empty()) out += ' ' + plain(told);
        if (!what.why.empty())
            out += fmt::format(" It is {}: {}", findings::name(what.verdict), plain(what.why)) +
                   (what.why.ends_with('.') ? "" : ".");
        if (!what.advice.empty())
            out += fmt::format(" {}{}", what.coffman ? "Break it: " : "Mend it: ", plain(what.advice));
        return out;
    }

    json related(const std::vector<step>& steps) {
        json out = json::array();
        for (const step& one : steps) {
            json place = location(*one.at);
            place["id"] = out.size() + 1;
            place["message"] = text(words_of(one));
            out.push_back(std::move(place));
        }
        return out;
    }

    json flow_of(const finding& what, const std::vector<step>& steps) {
        json threads = json::array();
        for (std::size_t i = 0; i < steps.size();) {
            const std::size_t side = steps[i].side;
            json locations = json::array();
            const findings::stack* before = nullptr;
            std::string who = plain(steps[i].who);
            for (; i < steps.size() && steps[i].side == side; ++i) {
                add_callers(*steps[i].at, before, locations);
                locations.push_back(flow_step(steps[i], what));
                before = steps[i].at;
            }
            json thread = {{"id", fmt::format("{}", side + 1)}};
            if (!who.empty()) thread["message"] = text(std::move(who));
            thread["locations"] = std::move(locations);
            threads.push_back(std::move(thread));
        }
        return {{"threadFlows", std::move(threads)}};
    }

    /// The calls on the way to a step, outermost first, but for those that led to the step before as well.
    void add_callers(const findings::stack& at, const findings::stack* before, json& into) {
        const auto same = [](const frame& a, const frame& b) { return a.module == b.module && a.offset == b.offset; };
        std::size_t common = 0;
        while (before != nullptr && common + 1 < std::min(at.size(), before->size()) &&
               same(at[at.size() - 1 - common], (*before)[before->size() - 1 - common]))
            ++common;
        const std::size_t first = std::min(at.size() - std::min(common, at.size()), flow_frames_max);
        for (std::size_t i = first; i-- > 1;) {
            json place = location(at[i]);
            place["message"] = text("calls " + plain(findings::plain_function(at[i - 1].function)));
            into.push_back({{"location", std::move(place)},
                            {"nestingLevel", nesting(at, i)},
                            {"kinds", json::array({"call", "function"})},
                            {"importance", "unimportant"}});
        }
    }

    json flow_step(const step& one, const finding& what) {
        const std::size_t sides = what.edges.size();
        json place = location(*one.at);
        place["message"] = text(words_of(one));
        json out = {{"location", std::move(place)},
                    {"nestingLevel", nesting(*one.at, 0)},
                    {"kinds", kinds_of(what)},
                    {"importance", "essential"}};
        if (one.side < sides) out["executionOrder"] = one.side + 1 + (one.is_request ? sides : 0);
        return out;
    }

    static json kinds_of(const finding& what) {
        if (!what.edges.empty()) return json::array({"acquire", "lock"});
        return what.accesses.empty() ? json::array({"lock"}) : json::array({"memory"});
    }

    /// From 1, for the outermost frame.
    static std::size_t nesting(const findings::stack& at, std::size_t index) {
        return at.empty() ? 1 : std::min(at.size(), flow_frames_max) - index;
    }

    json stacks_of(const std::vector<step>& steps) {
        json out = json::array();
        for (const step& one : steps) {
            json frames = json::array();
            for (const frame& each : *one.at) {
                json place = {{"location", location(each)}};
                if (!each.module.empty()) place["module"] = printable(each.module);
                frames.push_back(std::move(place));
            }
            if (!frames.empty()) out.push_back({{"message", text(words_of(one))}, {"frames", std::move(frames)}});
        }
        return out;
    }

    static json properties_of(const finding& what) {
        json out = {{"verdict", findings::name(what.verdict)}};
        if (what.coffman) {
            const auto condition = [&](const char* name, const findings::condition& one) {
                out[name] = fmt::format("{}: {}", findings::name(one.holds), printable(one.because));
            };
            condition("mutual exclusion", what.coffman->mutual_exclusion);
            condition("hold and wait", what.coffman->hold_and_wait);
            condition("no preemption", what.coffman->no_preemption);
            condition("circular wait", what.coffman->circular_wait);
        }
        if (what.edges.size() > sides_max)
            out["sides left out"] = fmt::format("{}; the JSON report has them all", what.edges.size() - sides_max);
        return out;
    }

    // -- the run ------------------------------------------------------------------------------------------------------------

    json invocation() const {
        json told = json::array();
        const auto tell = [&](const findings::log_summary& log, std::string_view level, const std::string& words) {
            told.push_back(
                {{"level", level},
                 {"message", text(plain(fmt::format("{}: {}", log.path.empty() ? log.program : log.path, words)))}});
        };
        for (const findings::log_summary& log : data_.logs) {
            if (log.lost_events > 0) tell(log, "warning", fmt::format("{} events lost", log.lost_events));
            for (const std::string& gap : log.gaps) tell(log, "warning", "incomplete: " + gap);
            for (const std::string& spot : log.blind_spots) tell(log, "note", "not seen: " + spot);
        }
        if (data_.findings.size() > results_max)
            told.push_back({{"level", "warning"},
                            {"message", text(fmt::format(
                                            "{} findings are left out, the least severe; the JSON report has them all",
                                            data_.findings.size() - results_max))}});
        json out = {{"executionSuccessful", true}};
        if (how_.working_directory.starts_with('/'))
            out["workingDirectory"] = {{"uri", "file://" + uri_path(how_.working_directory)}};
        if (!told.empty()) out["toolExecutionNotifications"] = std::move(told);
        return out;
    }

    const findings::report_data& data_;
    const options& how_;
    source_lines sources_;
    json rules_ = json::array();
    std::map<findings::kind, std::size_t> rule_at_;
};

}  // namespace

std::string sarif_report(const findings::report_data& data, const options& how) {
    return sarif_writer(data, how).write().dump(1, ' ', true, json::error_handler_t::replace) + '\n';
}

}  // namespace interlock::report
