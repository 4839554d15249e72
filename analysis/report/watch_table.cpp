#include "analysis/report/watch_table.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analysis/findings/names.hpp"
#include "analysis/report/arrange.hpp"
#include "analysis/report/escape.hpp"
#include "analysis/report/explain.hpp"
#include "analysis/report/naming.hpp"

namespace interlock::report {

using findings::plight;
using findings::present_thread;
using nlohmann::json;

namespace {

constexpr std::size_t cell_max = 34;
constexpr std::size_t holds_max = 3;

std::string name_of(const findings::lock& what) {
    findings::finding alone;
    alone.locks = {what};
    return shortened(printable(lock_name(alone, what.id)), cell_max);
}

std::string name_of(const findings::thread& who, const findings::finding& everybody) {
    return shortened(printable(thread_name(everybody, who.id)), cell_max);
}

std::string age_text(double seconds) {
    if (seconds < 10) return fmt::format("{:.1f} s", seconds);
    if (seconds < 600) return fmt::format("{:.0f} s", seconds);
    if (seconds < 36'000) return fmt::format("{:.0f} min", seconds / 60);
    return fmt::format("{:.0f} h", seconds / 3600);
}

std::string holds_text(const present_thread& of) {
    std::string out;
    for (std::size_t i = 0; i < of.holds.size() && i < holds_max; ++i) {
        const findings::present_hold& one = of.holds[of.holds.size() - 1 - i];
        out += (i == 0 ? "" : ", ") + name_of(one.what);
        if (one.mode == findings::lock_mode::shared) out += " (shared)";
    }
    if (of.holds.size() > holds_max) out += fmt::format(", and {} more", of.holds.size() - holds_max);
    return out;
}

std::string_view word_of(plight what) {
    switch (what) {
        case plight::none: return "";
        case plight::behind: return "behind";
        case plight::stuck: return "STUCK";
    }
    return "";
}

using cells = std::array<std::string, 6>;

cells cells_of(const present_thread& one, const findings::finding& everybody, const options& how) {
    cells made{name_of(one.who, everybody), std::string(word_of(one.plight)), holds_text(one), "", "", ""};
    if (!one.wants) return made;
    made[3] = name_of(one.wants->what) + (one.wants->mode == findings::lock_mode::shared ? " (shared)" : "") +
              (one.wants->timed ? " (timed)" : "");
    if (one.wants->age_s) made[4] = age_text(*one.wants->age_s);
    if (!one.wants->at.empty()) made[5] = shortened(printable(place_and_function(one.wants->at.front(), how)), 60);
    return made;
}

json json_of(const findings::stack& frames) {
    json out = json::array();
    for (const findings::frame& one : frames) {
        json made = {{"module", one.module}, {"offset", one.offset}};
        if (!one.function.empty()) made["function"] = one.function;
        if (!one.file.empty()) made["file"] = one.file;
        if (one.line != 0) made["line"] = one.line;
        out.push_back(std::move(made));
    }
    return out;
}

json json_of(const findings::lock& what) {
    json out = {{"id", what.id}, {"type", what.type}, {"name", printable(what.name)}};
    if (what.address != 0) out["address"] = fmt::format("{:#x}", what.address);
    return out;
}

json json_of(const present_thread& one) {
    json out = {{"id", one.who.id}, {"name", one.who.name}, {"task", one.task}};
    out["plight"] = one.plight == plight::none ? "none" : one.plight == plight::behind ? "behind" : "stuck";
    out["holds"] = json::array();
    for (const findings::present_hold& hold : one.holds)
        out["holds"].push_back(
            {{"lock", json_of(hold.what)}, {"mode", findings::name(hold.mode)}, {"since", json_of(hold.since)}});
    if (!one.wants) return out;
    json wants = {{"lock", json_of(one.wants->what)},
                  {"mode", findings::name(one.wants->mode)},
                  {"operation", one.wants->operation},
                  {"blocking", one.wants->timed ? "timed" : "forever"},
                  {"at", json_of(one.wants->at)}};
    if (one.wants->age_s) wants["age_s"] = *one.wants->age_s;
    out["wants"] = std::move(wants);
    return out;
}

}  // namespace

std::string watch_table(const findings::present& raw, const options& how) {
    findings::present now = arranged(raw);
    const std::string_view red = how.colour ? "\x1b[1;31m" : "";
    const std::string_view yellow = how.colour ? "\x1b[33m" : "";
    const std::string_view end = how.colour ? "\x1b[0m" : "";
    std::vector<const present_thread*> order;
    for (const present_thread& one : now.threads) order.push_back(&one);
    std::stable_sort(order.begin(), order.end(), [](const present_thread* a, const present_thread* b) {
        return std::pair(b->plight, b->wants.has_value()) < std::pair(a->plight, a->wants.has_value());
    });
    std::vector<cells> rows{{"thread", "", "holds", "wants", "for", "at"}};
    findings::finding everybody;
    for (const present_thread& one : now.threads) everybody.threads.push_back(one.who);
    for (const present_thread* one : order) rows.push_back(cells_of(*one, everybody, how));
    std::array<std::size_t, 6> width{};
    for (const cells& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) width[i] = std::max(width[i], width_of(row[i]));
    std::string out = fmt::format("{} (pid {}), {} thread{}\n", printable(now.program), now.pid, now.threads.size(),
                                  now.threads.size() == 1 ? "" : "s");
    for (std::size_t r = 0; r < rows.size(); ++r) {
        std::string line;
        for (std::size_t i = 0; i < rows[r].size(); ++i)
            if (width[i] != 0) line += rows[r][i] + std::string(width[i] - width_of(rows[r][i]) + 2, ' ');
        line.erase(line.find_last_not_of(' ') + 1);
        const plight what = r == 0 ? plight::none : order[r - 1]->plight;
        const std::string_view colour = what == plight::stuck ? red : what == plight::behind ? yellow : "";
        out += fmt::format("{}{}{}\n", colour, line, colour.empty() ? "" : end);
    }
    for (findings::finding& one : now.stuck) {
        explain(one);
        const std::string text = story(one);
        out +=
            fmt::format("{}{}: {}{}\n", red, title(one.kind), printable(text.empty() ? one.message + '.' : text), end);
    }
    return out;
}

std::string watch_json(const findings::present& raw, const options& how) {
    const findings::present now = arranged(raw);
    json out = {{"format", "interlock-watch"},
                {"version", 1},
                {"tool", {{"name", "interlock"}, {"version", how.tool_version}}},
                {"log", now.log},
                {"program", now.program},
                {"pid", now.pid},
                {"threads", json::array()},
                {"stuck", json::array()}};
    for (const present_thread& one : now.threads) out["threads"].push_back(json_of(one));
    for (const findings::finding& one : now.stuck) {
        json threads = json::array();
        for (const findings::thread& each : one.threads) threads.push_back(each.id);
        out["stuck"].push_back({{"id", one.id}, {"kind", findings::name(one.kind)}, {"threads", std::move(threads)}});
    }
    return out.dump(1, ' ', true, json::error_handler_t::replace) + '\n';
}

}  // namespace interlock::report
