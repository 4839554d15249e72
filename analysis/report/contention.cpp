#include "analysis/report/contention.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <tuple>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analysis/report/escape.hpp"
#include "analysis/report/naming.hpp"
#include "analysis/report/tally.hpp"

namespace interlock::report {

using json = nlohmann::ordered_json;
using findings::contention_row;
using findings::durations;

namespace {

constexpr std::size_t name_max = 60;
constexpr std::size_t place_max = 120;

constexpr std::array<std::pair<std::string_view, contention_column>, 12> columns = {{
    {"name", contention_column::name},
    {"acquisitions", contention_column::acquisitions},
    {"contended", contention_column::contended},
    {"share", contention_column::share},
    {"wait", contention_column::wait},
    {"wait-p50", contention_column::wait_p50},
    {"wait-p99", contention_column::wait_p99},
    {"wait-max", contention_column::wait_max},
    {"hold", contention_column::hold},
    {"hold-p50", contention_column::hold_p50},
    {"hold-p99", contention_column::hold_p99},
    {"hold-max", contention_column::hold_max},
}};

double share_of(const contention_row& row) {
    return row.acquisitions == 0 ? 0 : static_cast<double>(row.contended) / static_cast<double>(row.acquisitions);
}

/// `accounts`, `mutex 3`, `mutex first seen bank.cpp:30 in transfer`. Raw.
std::string label_of(const contention_row& row, const options& how) {
    const findings::lock& one = row.lock;
    if (!one.name.empty()) return one.name;
    if (one.id == 0 && !one.lock_class.empty()) return one.lock_class;
    const std::string type = one.type.empty() ? "lock" : one.type;
    if (one.id != 0) return fmt::format("{} {}", type, one.id);
    return one.created_at.empty() ? type
                                  : fmt::format("{} first seen {}", type, place_and_function(one.created_at[0], how));
}

double key_of(const contention_row& row, contention_column by) {
    const auto number = [](std::uint64_t value) { return static_cast<double>(value); };
    switch (by) {
        case contention_column::name: return 0;
        case contention_column::acquisitions: return number(row.acquisitions);
        case contention_column::contended: return number(row.contended);
        case contention_column::share: return share_of(row);
        case contention_column::wait: return number(row.waits.total_ns);
        case contention_column::wait_p50: return number(row.waits.p50_ns);
        case contention_column::wait_p99: return number(row.waits.p99_ns);
        case contention_column::wait_max: return number(row.waits.max_ns);
        case contention_column::hold: return number(row.holds.total_ns);
        case contention_column::hold_p50: return number(row.holds.p50_ns);
        case contention_column::hold_p99: return number(row.holds.p99_ns);
        case contention_column::hold_max: return number(row.holds.max_ns);
    }
    return 0;
}

struct table {
    std::vector<contention_row> rows;
    std::size_t left_out = 0;
};

table sorted(std::vector<contention_row> rows, const contention_view& view, const options& how) {
    struct keyed {
        double key;
        std::string label;
        std::size_t at;
    };
    std::vector<keyed> order;
    for (std::size_t i = 0; i < rows.size(); ++i)
        order.push_back({key_of(rows[i], view.sort), label_of(rows[i], how), i});
    const bool by_name = view.sort == contention_column::name;
    std::stable_sort(order.begin(), order.end(), [&](const keyed& a, const keyed& b) {
        const std::uint64_t more_a = by_name ? 0 : rows[a.at].acquisitions;
        const std::uint64_t more_b = by_name ? 0 : rows[b.at].acquisitions;
        return std::tie(b.key, more_b, a.label) < std::tie(a.key, more_a, b.label);
    });
    table out;
    const std::size_t shown = view.top == 0 ? order.size() : std::min(view.top, order.size());
    out.left_out = order.size() - shown;
    for (std::size_t i = 0; i < shown; ++i) out.rows.push_back(std::move(rows[order[i].at]));
    return out;
}

// -- text -------------------------------------------------------------------------------------------------------------------

/// `980 ns`, `12.3 us`, `4.56 s`: three digits.
std::string duration(std::uint64_t ns) {
    constexpr std::array<std::string_view, 4> units = {"ns", "us", "ms", "s"};
    auto value = static_cast<double>(ns);
    std::size_t unit = 0;
    while (value >= 999.5 && unit + 1 < units.size()) value /= 1000, ++unit;
    const int digits = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    return fmt::format("{:.{}f} {}", value, digits, units[unit]);
}

using cells = std::vector<std::string>;

void add_durations(cells& into, const durations& all) {
    for (const std::uint64_t ns : {all.total_ns, all.p50_ns, all.p99_ns, all.max_ns})
        into.push_back(all.count == 0 ? "-" : duration(ns));
}

/// First column to the left, numbers to the right.
std::string aligned(const std::vector<cells>& rows) {
    std::vector<std::size_t> widths(rows[0].size());
    for (const cells& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
    std::string out;
    for (const cells& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string gap(widths[i] - width_of(row[i]), ' ');
            out += i == 0 ? row[i] + gap : "  " + gap + row[i];
        }
        out.erase(out.find_last_not_of(' ') + 1);
        out += '\n';
    }
    return out;
}

std::string name_of(const findings::thread& one) {
    return one.name.empty() ? fmt::format("thread {}", one.id) : one.name;
}

std::string place_of(const findings::stack& at, const options& how) {
    return at.empty() ? "a place that is not known" : place_and_function(at[0], how);
}

std::string worst_line(const contention_row& row, const options& how) {
    const findings::waiting_pair& pair = *row.worst;
    const std::string waited = pair.waited_at.empty() ? "" : " at " + place_of(pair.waited_at, how);
    const std::string held = pair.acquired_at.empty() ? "" : ", who acquired it at " + place_of(pair.acquired_at, how);
    const auto safe = [](const std::string& raw) { return shortened(printable(raw), place_max); };
    return fmt::format("  {}: {}{} of waiting{} for {}{}; longest {}\n",
                       shortened(printable(label_of(row, how)), name_max), pair.at_most ? "at most " : "",
                       duration(pair.wait_ns), safe(waited + " by " + name_of(pair.waiter)), safe(name_of(pair.holder)),
                       safe(held), duration(pair.longest_ns));
}

std::string table_text(const table& shown, bool classes, const findings::contention& data, const options& how) {
    std::vector<cells> rows;
    cells head = {classes ? "lock class" : "lock"};
    if (classes) head.emplace_back("locks");
    for (const char* name : {"acquired", "contended", "share"}) head.emplace_back(name);
    if (data.timed)
        for (const char* name : {"wait", "p50", "p99", "max", "hold", "p50", "p99", "max"}) head.emplace_back(name);
    rows.push_back(std::move(head));
    const std::string_view least = data.at_least ? ">=" : "";
    for (const contention_row& one : shown.rows) {
        cells row = {shortened(printable(label_of(one, how)), name_max)};
        if (classes) row.push_back(fmt::format("{}", one.locks));
        row.push_back(fmt::format("{}{}", least, one.acquisitions));
        row.push_back(fmt::format("{}{}", least, one.contended));
        row.push_back(one.acquisitions == 0 ? "-" : fmt::format("{:.1f}%", 100 * share_of(one)));
        if (data.timed) {
            add_durations(row, one.waits);
            add_durations(row, one.holds);
        }
        rows.push_back(std::move(row));
    }
    std::string out = aligned(rows);
    if (shown.left_out > 0) out += fmt::format("... and {}\n", counted(shown.left_out, "more row"));
    return out;
}

std::string as_text(const findings::contention& data, const table& locks, const table& classes,
                    const contention_view& view, const options& how) {
    std::string out;
    if (view.locks) out += table_text(locks, false, data, how);
    if (view.classes) out += (view.locks ? "\n" : "") + table_text(classes, true, data, how);
    std::string worst;
    for (const contention_row& one : view.locks ? locks.rows : classes.rows)
        if (one.worst) worst += worst_line(one, how);
    if (!worst.empty()) out += "\nwho waited for whom:\n" + worst;
    if (!data.limits.empty()) out += '\n';
    for (const std::string& limit : data.limits) out += "interlock: " + printable(limit) + '\n';
    return out;
}

// -- JSON and CSV -------------------------------------------------------------------------------------------------------------

json of(const durations& all) {
    return {{"count", all.count},
            {"total_ns", all.total_ns},
            {"p50_ns", all.p50_ns},
            {"p99_ns", all.p99_ns},
            {"max_ns", all.max_ns}};
}

json of(const findings::thread& one) {
    json out = {{"id", one.id}};
    if (!one.name.empty()) out["name"] = one.name;
    return out;
}

json row_json(const contention_row& row, bool is_class, bool timed, const options& how) {
    json out = {{"label", label_of(row, how)}, {"type", row.lock.type}};
    if (is_class) {
        out["locks"] = row.locks;
    } else {
        out["id"] = row.lock.id;
        out["log"] = row.lock.log;
        if (!row.lock.name.empty()) out["name"] = row.lock.name;
    }
    if (!row.lock.lock_class.empty()) out["class"] = row.lock.lock_class;
    if (!row.lock.created_at.empty()) out["first_seen"] = place_and_function(row.lock.created_at[0], how);
    out["acquisitions"] = row.acquisitions;
    out["contended"] = row.contended;
    out["contended_share"] = share_of(row);
    if (!timed) return out;
    out["gave_up"] = row.gave_up;
    out["wait"] = of(row.waits);
    out["hold"] = of(row.holds);
    if (row.worst) {
        const findings::waiting_pair& pair = *row.worst;
        out["worst_pair"] = {{"waits", pair.waits},     {"wait_ns", pair.wait_ns},   {"longest_ns", pair.longest_ns},
                             {"at_most", pair.at_most}, {"waiter", of(pair.waiter)}, {"holder", of(pair.holder)}};
        if (!pair.waited_at.empty()) out["worst_pair"]["waited_at"] = place_of(pair.waited_at, how);
        if (!pair.acquired_at.empty()) out["worst_pair"]["acquired_at"] = place_of(pair.acquired_at, how);
    }
    return out;
}

std::string as_json(const findings::contention& data, const table& locks, const table& classes,
                    const contention_view& view, const options& how) {
    const auto rows = [&](const table& all, bool is_class) {
        json out = json::array();
        for (const contention_row& one : all.rows) out.push_back(row_json(one, is_class, data.timed, how));
        return out;
    };
    json out = {{"format", "interlock-contention"},
                {"version", 1},
                {"tool", {{"name", "interlock"}, {"version", how.tool_version}}},
                {"timed", data.timed},
                {"at_least", data.at_least}};
    json logs = json::array();
    for (const findings::log_summary& log : data.logs)
        logs.push_back({{"path", log.path}, {"program", log.program}, {"pid", log.pid}, {"complete", log.complete}});
    out["logs"] = std::move(logs);
    if (view.locks) out["locks"] = rows(locks, false);
    if (view.classes) out["classes"] = rows(classes, true);
    out["limits"] = data.limits;
    return out.dump(1, ' ', true, json::error_handler_t::replace) + '\n';
}

/// Quoted where a comma, a quote or a space at its ends would be read otherwise. What a spreadsheet would take for a formula begins
/// with an apostrophe.
std::string csv_text(std::string_view raw) {
    std::string text = printable(raw);
    if (!text.empty() && std::string_view("=+-@").find(text[0]) != std::string_view::npos) text.insert(0, "'");
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

std::string csv_row(const contention_row& row, bool is_class, const options& how) {
    std::string out =
        fmt::format("{},{},{},{},{},{},{:.6f},{}", is_class ? "class" : "lock", csv_text(label_of(row, how)),
                    csv_text(row.lock.type), row.locks, row.acquisitions, row.contended, share_of(row), row.gave_up);
    for (const durations* all : {&row.waits, &row.holds})
        out += fmt::format(",{},{},{},{}", all->total_ns, all->p50_ns, all->p99_ns, all->max_ns);
    if (row.worst)
        out += fmt::format(",{},{},{},{},{}\r\n", row.worst->wait_ns, csv_text(name_of(row.worst->waiter)),
                           csv_text(place_of(row.worst->waited_at, how)), csv_text(name_of(row.worst->holder)),
                           csv_text(place_of(row.worst->acquired_at, how)));
    else
        out += ",,,,,\r\n";
    return out;
}

std::string as_csv(const table& locks, const table& classes, const contention_view& view, const options& how) {
    std::string out =
        "kind,name,type,locks,acquisitions,contended,contended_share,gave_up,wait_ns,wait_p50_ns,wait_p99_ns,wait_max_"
        "ns,hold_ns,hold_p50_ns,hold_p99_ns,hold_max_ns,worst_wait_ns,worst_waiter,worst_waited_at,worst_holder,"
        "worst_acquired_at\r\n";
    if (view.locks)
        for (const contention_row& one : locks.rows) out += csv_row(one, false, how);
    if (view.classes)
        for (const contention_row& one : classes.rows) out += csv_row(one, true, how);
    return out;
}

}  // namespace

std::optional<contention_column> contention_column_named(std::string_view word) noexcept {
    for (const auto& [name, column] : columns)
        if (name == word) return column;
    return std::nullopt;
}

std::optional<contention_format> contention_format_named(std::string_view word) noexcept {
    if (word == "text") return contention_format::text;
    if (word == "json") return contention_format::json;
    if (word == "csv") return contention_format::csv;
    return std::nullopt;
}

std::string render_contention(contention_format as, findings::contention data, const contention_view& view,
                              const options& how) {
    const table locks = sorted(std::move(data.locks), view, how);
    const table classes = sorted(std::move(data.classes), view, how);
    switch (as) {
        case contention_format::text: return as_text(data, locks, classes, view, how);
        case contention_format::json: return as_json(data, locks, classes, view, how);
        case contention_format::csv: return as_csv(locks, classes, view, how);
    }
    return {};
}

}  // namespace interlock::report
