// The JSON report, field by field. Optional fields that have nothing to say are left out.
#include "analysis/report/json.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analysis/findings/names.hpp"
#include "analysis/report/tally.hpp"

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
    if (side.signals) out["signals"] = true;
    if (!side.test.empty()) out["test"] = side.test;
    if (!side.thread_test.empty()) out["thread_test"] = side.thread_test;
    return out;
}

json of(const findings::bystander& one) {
    return {{"thread", of(one.who)}, {"wanted", of(one.wanted)}, {"stack", of(one.at)}};
}

json of(const findings::stuck_wait& one) {
    return {{"thread", one.thread}, {"wanted", one.wanted}, {"stack", of(one.at)}};
}

json of(const findings::wanted_hold& one) {
    return {{"thread", of(one.who)}, {"lock", of(one.held)}, {"mode", findings::name(one.mode)}, {"stack", of(one.at)}};
}

json of(const findings::access& one) {
    json out = {{"thread", one.thread},
                {"does", findings::name(one.does)},
                {"size", one.size},
                {"address", fmt::format("{:#x}", one.address)}};
    if (!one.memory.empty()) out["memory"] = one.memory;
    out["stack"] = of(one.stack);
    out["locks_held"] = one.locks_held;
    return out;
}

json of(const findings::condition& one) { return {{"holds", findings::name(one.holds)}, {"because", one.because}}; }

json of(const findings::finding& what);
json of(const findings::log_summary& log);
json of(const findings::waiting& one);

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
    if (!what.suppressed_by.empty()) out["suppressed_by"] = what.suppressed_by;
    if (what.known) out["known"] = true;
    out["occurrences"] = what.occurrences;
    out["locks"] = all_of(what.locks);
    out["threads"] = all_of(what.threads);
    if (!what.edges.empty()) out["edges"] = all_of(what.edges);
    if (what.coffman)
        out["coffman"] = {{"mutual_exclusion", of(what.coffman->mutual_exclusion)},
                          {"hold_and_wait", of(what.coffman->hold_and_wait)},
                          {"no_preemption", of(what.coffman->no_preemption)},
                          {"circular_wait", of(what.coffman->circular_wait)}};
    if (!what.accesses.empty()) out["accesses"] = all_of(what.accesses);
    if (!what.stack.empty()) out["stack"] = of(what.stack);
    if (!what.wrapper.empty()) out["wrapper"] = of(what.wrapper);
    if (!what.held_stack.empty()) out["holder"] = {{"thread", what.holder}, {"stack", of(what.held_stack)}};
    if (!what.advice.empty()) out["advice"] = what.advice;
    if (what.also > 0) out["also"] = what.also;
    if (!what.waits.empty()) out["waits"] = all_of(what.waits);
    if (!what.behind.empty()) out["behind"] = all_of(what.behind);
    if (!what.holds.empty()) out["holds"] = all_of(what.holds);
    return out;
}

std::string_view word_of(findings::holder who) {
    switch (who) {
        case findings::holder::untold: return "untold";
        case findings::holder::nobody: return "nobody";
        case findings::holder::thread: return "thread";
        case findings::holder::itself: return "itself";
        case findings::holder::readers: return "readers";
        case findings::holder::gone: return "gone";
        case findings::holder::other_process: return "other-process";
        case findings::holder::refusing: return "refusing";
    }
    return {};
}

json of(const findings::waiting& one) {
    json out = {{"thread", one.thread}};
    if (!one.thread_name.empty()) out["name"] = one.thread_name;
    out["wanted"] = of(one.wanted);
    out["wanted"].erase("id");  // no lock of a finding
    out["mode"] = findings::name(one.mode);
    out["blocking"] = one.timed ? "timed" : "forever";
    out["holder"] = word_of(one.holder);
    if (one.holder_id != 0) out["holder_thread"] = one.holder_id;
    if (!one.holder_name.empty()) out["holder_name"] = one.holder_name;
    if (one.readers > 0) out["readers"] = one.readers;
    out["in_finding"] = one.in_finding;
    out["behind_finding"] = one.behind_finding;
    if (!one.function.empty()) out["function"] = one.function;
    out["stack"] = of(one.stack);
    return out;
}

json of(const findings::log_summary& log) {
    // The contract's one list for all that the report could not see.
    std::vector<std::string> unseen = log.gaps;
    unseen.insert(unseen.end(), log.blind_spots.begin(), log.blind_spots.end());
    json out = {{"path", log.path},
                {"program", log.program},
                {"pid", log.pid},
                {"events", log.events},
                {"lost_events", log.lost_events},
                {"threads", log.threads},
                {"locks", log.locks},
                {"acquisitions", log.acquisitions},
                {"dependencies", log.dependencies},
                {"complete", log.complete},
                {"blind_spots", unseen}};
    if (log.acquisitions_unknown) out.erase("acquisitions");
    if (log.is_moment) out["waiting"] = log.waiting;
    return out;
}

json summary_of(const findings::report_data& data) {
    const tally all = tally_of(data);
    return {{"errors", all.of(findings::severity::error)},
            {"warnings", all.of(findings::severity::warning)},
            {"notes", all.of(findings::severity::note)},
            {"suppressed", all.suppressed},
            {"known", all.known},
            {"harmless_cycles", data.harmless_cycles},
            {"harmless_mutual_exclusion", data.harmless_mutual_exclusion},
            {"harmless_hold_and_wait", data.harmless_hold_and_wait},
            {"cycles_not_listed", data.cycles_not_listed}};
}

}  // namespace

std::string json_report(const findings::report_data& data, const options& how) {
    json out = {{"format", "interlock-report"},
                {"version", 1},
                {"tool", {{"name", "interlock"}, {"version", how.tool_version}}},
                {"logs", all_of(data.logs)},
                {"findings", all_of(data.findings)},
                {"summary", summary_of(data)}};
    if (std::any_of(data.logs.begin(), data.logs.end(), [](const auto& log) { return log.is_moment; }))
        out["waits"] = all_of(data.waits);
    return out.dump(1, ' ', true, json::error_handler_t::replace) + '\n';
}

}  // namespace interlock::report
