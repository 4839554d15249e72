#include "analysis/live/run_watch.hpp"

#include <algorithm>
#include <csignal>
#include <set>

#include <sys/syscall.h>
#include <unistd.h>

#include "analysis/live/process_state.hpp"

namespace interlock::live {

namespace {

constexpr unsigned looks_between_across = 10;

}  // namespace

void kill_if_it_maps(pid_t process, const std::string& log) {
    const long handle = ::syscall(SYS_pidfd_open, process, 0);
    if (handle < 0) {
        if (maps_file(process, log)) ::kill(process, SIGKILL);  // reason: a kernel before 5.3
        return;
    }
    if (maps_file(process, log)) ::syscall(SYS_pidfd_send_signal, handle, SIGKILL, nullptr, 0);
    ::close(static_cast<int>(handle));
}

std::vector<run_watch::stuck_log> run_watch::look() {
    for (std::string& path : logs_.new_ones()) watched_.emplace_back(std::move(path), watchdog_s_);
    std::vector<stuck_log> stuck;
    const look_time when = now();
    for (std::size_t i = 0; i < watched_.size();) {
        const outcome what = watched_[i].look(when);
        if (what == outcome::stuck) stuck.push_back({watched_[i].path(), watched_[i].seen(), watched_[i].process()});
        if (what == outcome::gone)
            watched_.erase(watched_.begin() + static_cast<std::ptrdiff_t>(i));
        else
            ++i;
    }
    if (++looks_ % looks_between_across == 0 && watched_.size() > 1) look_across(stuck);
    return stuck;
}

/// Closed cycles over locks that processes share: no log has all of one.
void run_watch::look_across(std::vector<stuck_log>& stuck) {
    std::vector<process_look> processes;
    for (const log_watch& one : watched_) processes.push_back({one.agents(), one.waits_abroad()});
    if (std::all_of(processes.begin(), processes.end(), [](const auto& one) { return one.abroad.empty(); })) return;
    const std::vector<std::vector<std::uint64_t>> bound = bound_in_cycles(processes);
    for (std::size_t i = 0; i < watched_.size(); ++i)
        if (!watched_[i].still().unmoved(bound[i])) return;
    for (std::size_t i = 0; i < watched_.size(); ++i) {
        std::set<format::agent_id> agents;
        for (const wait_abroad& one : processes[i].abroad)
            for (const trace::agent_present& agent : watched_[i].agents())
                if (agent.agent == one.agent && std::binary_search(bound[i].begin(), bound[i].end(), agent.offset))
                    agents.insert(one.agent);
        if (!agents.empty() && watched_[i].tell_across(bound[i], std::move(agents)))
            stuck.push_back({watched_[i].path(), watched_[i].seen(), watched_[i].process()});
    }
}

bool run_watch::is_over() {
    std::erase_if(watched_,
                  [](const log_watch& one) { return one.process() != 0 && !maps_file(one.process(), one.path()); });
    return watched_.empty();
}

void run_watch::kill_all() const {
    for (const log_watch& one : watched_)
        if (one.process() != 0) kill_if_it_maps(one.process(), one.path());
}

}  // namespace interlock::live
