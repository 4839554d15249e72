#include "analysis/report/difference.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analysis/findings/names.hpp"
#include "analysis/report/escape.hpp"

namespace interlock::report {

using findings::difference;
using findings::known_finding;
using json = nlohmann::ordered_json;

namespace {

using known = std::map<std::string, known_finding>;

void add_section(std::string& out, std::string_view title, const known& all, const difference& what) {
    for (const auto& [id, one] : all) {
        const auto before = what.verdict_before.find(id);
        const std::string changed =
            before == what.verdict_before.end() ? "" : fmt::format(", was {}", findings::name(before->second));
        out += fmt::format("{:<6} {} {} [{}{}] {}\n", title, id, findings::name(one.kind), findings::name(one.verdict),
                           changed, printable(one.text));
    }
}

void add_edges(std::string& out, std::string_view title, const std::set<std::string>& all) {
    for (const std::string& one : all) out += fmt::format("{:<6} edge {}\n", title, printable(one));
}

json of(const known& all, const difference& what) {
    json out = json::array();
    for (const auto& [id, one] : all) {
        json each = {{"id", id}, {"kind", findings::name(one.kind)}, {"verdict", findings::name(one.verdict)}};
        if (const auto before = what.verdict_before.find(id); before != what.verdict_before.end())
            each["verdict_before"] = findings::name(before->second);
        each["text"] = one.text;
        out.push_back(std::move(each));
    }
    return out;
}

}  // namespace

std::string difference_as_text(const difference& what) {
    std::string out;
    add_section(out, "new", what.fresh, what);
    add_section(out, "gone", what.gone, what);
    add_section(out, "still", what.still, what);
    add_edges(out, "new", what.fresh_edges);
    add_edges(out, "gone", what.gone_edges);
    out += fmt::format("interlock: {} new, {} gone, {} still there; ", what.fresh.size(), what.gone.size(),
                       what.still.size());
    out += what.has_edges ? fmt::format("edges of the lock-order graph: {} new, {} gone\n", what.fresh_edges.size(),
                                        what.gone_edges.size())
                          : std::string("a JSON report tells no lock-order graph, so edges were not compared\n");
    return out;
}

std::string difference_as_json(const difference& what) {
    json out = {{"format", "interlock-difference"},
                {"version", 1},
                {"new", of(what.fresh, what)},
                {"gone", of(what.gone, what)},
                {"still", of(what.still, what)},
                {"new_edges", nullptr},
                {"gone_edges", nullptr}};
    if (what.has_edges) {
        out["new_edges"] = what.fresh_edges;
        out["gone_edges"] = what.gone_edges;
    }
    return out.dump(1, ' ', true, json::error_handler_t::replace) + '\n';
}

}  // namespace interlock::report
