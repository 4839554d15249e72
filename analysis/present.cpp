#include "analysis/present.hpp"

#include <algorithm>
#include <map>

#include "instrument/format/event.hpp"

namespace interlock::analysis {

using findings::plight;

namespace {

findings::lock_mode mode_of(std::uint8_t flags) noexcept {
    return graph::is_shared(flags) ? findings::lock_mode::shared : findings::lock_mode::exclusive;
}

findings::present_want describe(const trace::present_want& want, const trace::trace& log, naming& names,
                                std::uint64_t ticks_now) {
    const bool joins = want.operation == format::event_kind::join_request;
    findings::present_want made;
    made.what =
        names.lock(joins ? graph::termination_of(format::agent_id{number(want.object)}) : graph::lock_of(want.object));
    made.mode = mode_of(want.flags);
    made.operation = format::name(want.operation);
    made.timed = (want.flags & format::lock_flags::timed) != 0;
    made.at = names.stack(want.addresses());
    // Only where it looked as if it would block is the time taken; else it is an older want's.
    const bool timed = (want.flags & format::lock_flags::contended) != 0;
    if (timed && log.time().ticks_per_second() > 0 && want.ticks != 0 && want.ticks <= ticks_now)
        made.age_s = log.time().ns_of(ticks_now - want.ticks) * 1e-9;
    return made;
}

}  // namespace

findings::present describe_present(const trace::trace& log, naming& names, std::uint64_t ticks_now) {
    findings::present made;
    made.log = log.file().path();
    made.program = log.file().program();
    made.pid = log.file().header().pid;
    for (const trace::agent_present& agent : log.present()) {
        if (agent.state == format::agent_state::exited || agent.state == format::agent_state::unborn) continue;
        findings::present_thread& thread = made.threads.emplace_back();
        thread.who = names.thread(agent.agent);
        if (!agent.name.empty()) thread.who.name = agent.name;
        thread.task = agent.thread;
        thread.page = agent.offset;
        for (const trace::present_hold& hold : agent.holds)
            thread.holds.push_back(
                {names.lock(graph::lock_of(hold.object)), mode_of(hold.flags), names.stack(hold.addresses())});
        if (agent.wants) thread.wants = describe(agent.want, log, names, ticks_now);
    }
    std::sort(made.threads.begin(), made.threads.end(),
              [](const auto& a, const auto& b) { return a.who.id < b.who.id; });
    return made;
}

void mark_stuck(findings::present& now) {
    std::map<std::uint64_t, plight> plights;
    for (const findings::finding& one : now.stuck) {
        for (const findings::bystander& each : one.behind) plights.try_emplace(each.who.id, plight::behind);
        for (const findings::thread& each : one.threads) plights[each.id] = plight::stuck;
    }
    for (findings::present_thread& thread : now.threads)
        if (const auto it = plights.find(thread.who.id); it != plights.end()) thread.plight = it->second;
}

}  // namespace interlock::analysis
