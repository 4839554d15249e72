// The JSON report, field by field. Optional fields that have nothing to say are left out.
#include "analysis/report/json.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analysis/findings/names.hpp"
#include "analysis/report/naming.hpp"

namespace interlock::report {

using json = nlohmann::ordered_json;

namespace {

json of(const findings::frame& one) {
    json out = json::object();
    if (!one.function.empty()) out["function"] = one.function;
    if (!one.file.empty()) out["file"] = one.file;
    if (one.line != 0) out["line"] = one.line;
    out["module"] = one.module;
    out["offset"] = one.offset;
    if (one.inlined) out["inlined"] = true;
    return out;
}

json of(const findings::stack& frames) {
    json out = json::array();
    for (const findings::frame& one : frames) out.push_back(of(one));
    return out;
}

json of(const findings::lock& one) {
    json out = {{"id", one.id}, {"type", one.type}};
    if (!one.name.empty()) out["name"] = one.name;
    if (!one.lock_class.empty()) out["class"] = one.lock_class;
    if (one.address != 0) out["address"] = fmt::format("{:#x}", one.address);
    if (!one.created_at.empty()) out["created_at"] = of(one.created_at);
    if (one.log != 0) out["log"] = one.log;
    return out;
}

json of(const findings::thread& one) {
    json out = {{"id", one.id}};
    if (!one.name.empty()) out["name"] = one.name;
    if (!one.created_at.empty()) out["created_at"] = of(one.created_at);
    if (one.log != 0) out["log"] = one.log;
    return out;
}

json of(const findings::edge& side) {
    json out = {{"thread", side.thread},
                {"held", side.held},
                {"wanted", side.wanted},
                {"held_mode", findings::name(side.held_mode)},
                {"wanted_mode", findings::name(side.wanted_mode)},
                {"blocking", side.timed ? "timed" : "forever"}};
    if (!side.guards.empty()) out["guards"] = side.guards;
    out["held_stack"] = of(side.held_stack);
    out["wanted_stack"] = of(side.wanted_stack);
    if (side.log != 0) out["log"] = side.log;
    if (side.approximate) out["approximate"] = true;
    return out;
}

json of(const findings::condition& one) { return {{"holds", findings::name(one.holds)}, {"because", one.because}}; }

json of(const findings::finding& what);
json of(const findings::log_summary& log);

template <typename Thing>
json all_of(const std::vector<Thing>& things) {
    json out = json::array();
    for (const Thing& one : things) out.push_back(of(one));
    return out;
}

json of(const findings::finding& what) {
    json out = {{"id", what.id},
                {"kind", findings::name(what.kind)},
                {"verdict", findings::name(what.verdict)},
                {"severity", findings::name(what.severity)},
                {"message", what.message}};
    if (!what.why.empty()) out["why"] = what.why;
    out["suppressed"] = what.suppressed;
    out["occurrences"] = what.occurrences;
    out["locks"] = all_of(what.locks);
    out["threads"] = all_of(what.threads);
    if (!what.edges.empty()) out["edges"] = all_of(what.edges);
    if (what.coffman)
        out["coffman"] = {{"mutual_exclusion", of(what.coffman->mutual_exclusion)},
                          {"hold_and_wait", of(what.coffman->hold_and_wait)},
                          {"no_preemption", of(what.coffman->no_preemption)},
                          {"circular_wait", of(what.coffman->circular_wait)}};
    if (!what.stack.empty()) out["stack"] = of(what.stack);
    if (!what.advice.empty()) out["advice"] = what.advice;
    if (what.also > 0) out["also"] = what.also;
    return out;
}

json of(const findings::log_summary& log) {
    return {{"path", log.path},         {"program", log.program},           {"pid", log.pid},
            {"events", log.events},     {"lost_events", log.lost_events},   {"threads", log.threads},
            {"locks", log.locks},       {"acquisitions", log.acquisitions}, {"dependencies", log.dependencies},
            {"complete", log.complete}, {"blind_spots", log.blind_spots}};
}

json summary_of(const findings::report_data& data) {
    std::uint64_t by_severity[3] = {};
    std::uint64_t suppressed = 0;
    for (const findings::finding& one : data.findings)
        ++(one.suppressed ? suppressed : by_severity[static_cast<std::size_t>(one.severity)]);
    return {{"errors", by_severity[2]},
            {"warnings", by_severity[1]},
            {"notes", by_severity[0]},
            {"suppressed", suppressed},
            {"harmless_cycles", data.harmless_cycles},
            {"harmless_mutual_exclusion", data.harmless_mutual_exclusion},
            {"harmless_hold_and_wait", data.harmless_hold_and_wait},
            {"cycles_not_listed", data.cycles_not_listed}};
}

}  // namespace

std::string json_report(const findings::report_data& data, const options& how) {
    const json out = {{"format", "interlock-report"},
                      {"version", 1},
                      {"tool", {{"name", "interlock"}, {"version", how.tool_version}}},
                      {"logs", all_of(data.logs)},
                      {"findings", all_of(data.findings)},
                      {"summary", summary_of(data)}};
    return out.dump(1, ' ', true, json::error_handler_t::replace) + '\n';
}

}  // namespace interlock::report
