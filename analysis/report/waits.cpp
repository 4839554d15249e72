// What the process does not tell is said, never guessed.
#include "analysis/report/waits.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "analysis/findings/function_name.hpp"
#include "analysis/report/escape.hpp"
#include "analysis/report/naming.hpp"

namespace interlock::report {

using findings::holder;
using findings::waiting;

namespace {

constexpr std::size_t rows_max = 50;  // JSON has all
constexpr std::size_t callers_max = 4;
constexpr std::size_t name_max = 160;

std::string named(const std::string& name, std::uint64_t id) {
    return name.empty() ? fmt::format("thread {}", id) : fmt::format("{} ({})", name, id);
}

/// Whether a holder could be told at all.
bool has_owner(const std::string& type) { return type.find("mutex") != std::string::npos; }

std::string_view ownerless(const std::string& type) {
    if (type == "semaphore") return "it has no owner: who could post it is unknown";
    if (type == "condition") return "it has no owner: who could notify it is unknown";
    if (type == "barrier") return "it waits for more threads to arrive";
    if (type == "once" || type == "static-guard") return "it does not tell which thread initialises";
    return has_owner(type) ? "it does not tell its owner" : "what it is, and who could wake it, is unknown";
}

std::string who_has(const waiting& one) {
    switch (one.holder) {
        case holder::untold: return std::string(ownerless(one.wanted.type));
        case holder::nobody: return "free by now";
        case holder::thread:
            if (!has_owner(one.wanted.type)) return one.behind_finding ? "it is stuck" : "it has not ended";
            return fmt::format("held by {}{}", named(one.holder_name, one.holder_id),
                               one.behind_finding ? ", which is stuck" : "");
        case holder::itself: return "held by itself; the request gives up in time";
        case holder::readers:
            return fmt::format("held by {} reader{}, which it does not name", one.readers, one.readers == 1 ? "" : "s");
        case holder::gone: return fmt::format("held by {}, which is no thread of this process any more", one.holder_id);
        case holder::refusing:
            return "the kernel refused it, because its holder waits for this thread or has ended; it waits for ever";
        case holder::other_process: return fmt::format("held by {}, of another process", one.holder_id);
    }
    return {};
}

std::string what_of(const waiting& one) {
    std::string out = one.wanted.name.empty() ? one.wanted.type : one.wanted.name;
    if (one.wanted.name.empty())
        out += one.wanted.address == 0 ? ", which one is not known" : fmt::format(" at {:#x}", one.wanted.address);
    if (one.mode == findings::lock_mode::shared) out += " (shared)";
    if (one.timed) out += " (timed)";
    return out;
}

std::string callers_of(const findings::stack& frames, const options& how) {
    std::string out;
    for (std::size_t i = 1; i < frames.size() && i <= callers_max; ++i) {
        const std::string name = findings::plain_function(frames[i].function);
        out +=
            fmt::format("{}{}{}{}", i == 1 ? "called by " : ", ", name, name.empty() ? "" : " ", place(frames[i], how));
    }
    if (frames.size() > callers_max + 1) out += fmt::format(", and {} more", frames.size() - callers_max - 1);
    return out;
}

std::string row(const waiting& one, const options& how) {
    const auto shown = [](const std::string& raw) { return shortened(printable(raw), name_max); };
    std::string out = fmt::format("  {}  waits for {}: {}\n", shown(named(one.thread_name, one.thread)),
                                  shown(what_of(one)), shown(who_has(one)));
    if (!one.stack.empty()) out += fmt::format("      {}\n", shown(place_and_function(one.stack.front(), how)));
    const std::string callers = callers_of(one.stack, how);
    if (!callers.empty()) out += fmt::format("      {}\n", shortened(printable(callers), 2 * name_max));
    return out;
}

}  // namespace

std::string waits_text(const findings::report_data& data, const options& how) {
    std::vector<const waiting*> told;
    for (const waiting& one : data.waits)
        if (!one.in_finding) told.push_back(&one);
    if (told.empty()) return {};
    const auto rank = [](const waiting& one) {
        return one.behind_finding ? 0 : one.holder == holder::untold || one.holder == holder::nobody ? 2 : 1;
    };
    std::stable_sort(told.begin(), told.end(), [&](const waiting* a, const waiting* b) { return rank(*a) < rank(*b); });
    std::string out = data.findings.empty() ? "" : "\n";
    out += fmt::format("interlock: {} thread{} wait{} without a deadlock of {} own:\n", told.size(),
                       told.size() == 1 ? "" : "s", told.size() == 1 ? "s" : "", told.size() == 1 ? "its" : "their");
    for (std::size_t i = 0; i < told.size() && i < rows_max; ++i) out += row(*told[i], how);
    if (told.size() > rows_max)
        out += fmt::format("  ... and {} more; the JSON report has them all\n", told.size() - rows_max);
    return out;
}

}  // namespace interlock::report
