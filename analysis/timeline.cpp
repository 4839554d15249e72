#include "analysis/timeline.hpp"

#include <map>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>

#include "analysis/activity.hpp"
#include "analysis/naming.hpp"
#include "analysis/report/naming.hpp"
#include "analysis/user_place.hpp"

namespace interlock::analysis {

using format::event_kind;
using report::track_id;

namespace {

/// Log, agent and lane in one number: 12, 32 and 20 bits. Lane 0 is the agent's own track, agent 0 the process.
track_id track_of(std::size_t log, format::agent_id agent, std::uint32_t lane = 0) {
    constexpr std::uint32_t lanes_max = (1U << 20) - 1;
    return track_id{(std::uint64_t{log + 1} << 52) | std::uint64_t{number(agent)} << 20 | std::min(lane, lanes_max)};
}

/// The same for a wait's end and for the hold that it became.
std::uint64_t flow_of(std::size_t log, format::agent_id agent, std::uint32_t object, std::uint64_t granted) {
    std::uint64_t hash = granted * 0x9E37'79B9'7F4A'7C15 ^ (std::uint64_t{number(agent)} << 32 | object);
    hash = (hash ^ hash >> 29) * 0xBF58'476D'1CE4'E5B9 + log;
    return (hash ^ hash >> 32) | 1;  // 0 is none
}

std::string_view verb_of(waiting_for what) {
    switch (what) {
        case waiting_for::condition: return "waits on ";
        case waiting_for::end_of_agent: return "joins ";
        case waiting_for::lock:
        case waiting_for::semaphore:
        case waiting_for::barrier:
        case waiting_for::latch:
        case waiting_for::once:
        case waiting_for::event:
        case waiting_for::future:
        case waiting_for::queue: return "waits for ";
    }
    return "";
}

/// Draws one log.
class drawer {
public:
    drawer(const trace::trace& log, symbols::symboliser& symbols, std::size_t index, report::perfetto_writer& to,
           const report::options& how)
        : log_{log},
          names_{log, symbols, index},
          index_{index},
          to_{to},
          how_{how},
          passed_{{{}, [this](const hold_span& one) { draw(one); }, [this](const wait_span& one) { draw(one); }}} {}

    void take(std::span<const trace::event> events) {
        if (!std::exchange(begun_, true)) begin();
        for (const trace::event& e : events) {
            if (e.kind == event_kind::agent_start) {
                live_.insert(e.agent);
                to_.begin(ns_at(e.ticks), {track_of(index_, e.agent), thread_name(e.agent), "life", {}, 0, 0});
            }
            passed_.take(e);
            if (e.kind == event_kind::agent_exit && live_.erase(e.agent) != 0)
                to_.end(ns_at(e.ticks), track_of(index_, e.agent));
        }
    }
    void end() {
        if (!std::exchange(begun_, true)) begin();
        passed_.finish();
    }

private:
    /// All names are known before the first event is handed on.
    void begin() {
        passed_.raise_limit(log_.file().size() / sizeof(format::slot));
        const std::uint64_t pid = log_.file().header().pid;
        const track_id process = track_of(index_, {});
        to_.process(process, pid, log_.file().program());
        for (const format::agent_id agent : log_.names().agents()) {
            const std::uint32_t thread = log_.names().agent(agent).thread;
            if (thread != 0)
                to_.thread(track_of(index_, agent), process, pid, thread, thread_name(agent));
            else
                to_.child(track_of(index_, agent), process, thread_name(agent));
        }
    }

    std::uint64_t ns_at(std::uint64_t ticks) const {
        const format::file_header& header = log_.file().header();
        const std::uint64_t since = ticks > header.start_ticks ? ticks - header.start_ticks : 0;
        return header.start_monotonic_ns + static_cast<std::uint64_t>(log_.time().ns_of(since));
    }

    const std::string& thread_name(format::agent_id agent) {
        const auto [at, is_new] = threads_.try_emplace(number(agent));
        if (is_new) {
            at->second = names_.thread(agent).name;
            if (at->second.empty()) at->second = "thread " + std::to_string(number(agent));
        }
        return at->second;
    }

    const std::string& object_name(std::uint32_t object) {
        const auto [at, is_new] = objects_.try_emplace(object);
        if (is_new) {
            const findings::lock one = names_.lock(graph::lock_of(format::object_id{object}));
            at->second = one.name.empty() ? one.type + ' ' + std::to_string(object) : one.name;
        }
        return at->second;
    }

    const std::string& place_of(format::site_id site, format::stack_id stack = {}) {
        const auto [at, is_new] = places_.try_emplace({site, stack});
        if (is_new && site != format::site_id::none) {
            const findings::stack frames = user_place(names_, stack, site);
            if (!frames.empty()) at->second = report::place_and_function(frames[0], how_);
        }
        return at->second;
    }

    void draw(const hold_span& one) {
        if (one.begin == 0) return;  // it began where events are missing
        const track_id track = track_of(index_, one.agent, one.lane + 1);
        if (lanes_.insert(static_cast<std::uint64_t>(track)).second)
            to_.child(track, track_of(index_, one.agent), "holds");
        const bool shared = (one.flags & format::lock_flags::shared) != 0;
        const std::string name = object_name(number(one.object)) + (shared ? " (shared)" : "");
        const bool flows = one.waited && one.freed_by.agent != format::agent_id::none;
        to_.begin(ns_at(one.begin), {track, name, "hold", place_of(one.site),
                                     flows ? flow_of(index_, one.agent, number(one.object), one.begin) : 0, 0});
        if (one.end != 0) to_.end(ns_at(one.end), track);
    }

    void draw(const wait_span& one) {
        const track_id track = track_of(index_, one.agent);
        const std::string subject =
            one.what == waiting_for::end_of_agent ? thread_name(format::agent_id{one.object}) : object_name(one.object);
        const std::string name = std::string(verb_of(one.what)) + subject;
        to_.begin(ns_at(one.begin), {track, name, "wait", place_of(one.site, one.stack), 0, 0});
        if (one.end == 0) return;
        to_.end(ns_at(one.end), track);
        if (one.freed_by.agent == format::agent_id::none) return;
        const std::uint64_t flow = flow_of(index_, one.agent, one.object, one.end);
        const std::string freed = (one.what == waiting_for::end_of_agent ? "ends, " : subject + " to ") +
                                  (one.what == waiting_for::end_of_agent ? "joined by " : "") + thread_name(one.agent);
        to_.instant(ns_at(one.freed_by.ticks), {track_of(index_, one.freed_by.agent), freed, "wake", {}, 0, flow});
        // A lock's flow ends at the hold; nothing is held after the other waits.
        if (one.what != waiting_for::lock) to_.instant(ns_at(one.end), {track, "goes on", "wake", {}, flow, 0});
    }

    const trace::trace& log_;
    naming names_;
    std::size_t index_;
    report::perfetto_writer& to_;
    const report::options& how_;
    activity passed_;
    bool begun_ = false;
    std::set<format::agent_id> live_;
    std::set<std::uint64_t> lanes_;
    std::unordered_map<std::uint32_t, std::string> threads_;
    std::unordered_map<std::uint32_t, std::string> objects_;
    std::map<std::pair<format::site_id, format::stack_id>, std::string> places_;
};

}  // namespace

std::optional<trace::problem> timeline::add_log(const std::string& path) {
    trace::trace log;
    if (auto failed = log.open(path)) return failed;
    return add(log);
}

std::optional<trace::problem> timeline::adopt(std::string name, std::span<const std::byte> image) {
    trace::trace log;
    if (auto failed = log.adopt(std::move(name), image)) return failed;
    return add(log);
}

std::optional<trace::problem> timeline::add(trace::trace& log) {
    drawer drawn(log, symbols_, logs_, to_, how_);
    const auto sink = [&](std::span<const trace::event> events) { drawn.take(events); };
    if (auto failed = log.feed(sink, trace::expectation::nothing_more)) return failed;
    drawn.end();
    ++logs_;
    const std::string& path = log.file().path();
    if (log.file().header().level != format::log_level::full)
        limits_.push_back(path +
                          ": recorded at level order: threads are in it, holds and waits for locks are not; "
                          "--record full has them");
    else if ((log.file().live().status & format::process_status::reduced) != 0)
        limits_.push_back(path +
                          ": went on at level order when it came near its size limit: nothing is held from there on");
    if (log.time().ticks_per_second() == 0)
        limits_.push_back(path + ": is too short to tell how fast its clock ticks: all is at one moment");
    if (!log.complete() || !log.well_formed())
        limits_.push_back(path + ": events are missing: holds and waits across a gap are left out");
    return std::nullopt;
}

}  // namespace interlock::analysis
