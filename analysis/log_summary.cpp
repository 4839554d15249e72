#include "analysis/log_summary.hpp"

#include <string>

#include "analysis/wording.hpp"
#include "instrument/format/object_type.hpp"

namespace interlock::analysis {
namespace {

constexpr std::size_t losses_told_max = 20;

}  // namespace

findings::log_summary summary_of(const trace::trace& log) {
    const trace::counts& counted = log.counted();
    findings::log_summary made;
    made.path = log.file().path();
    made.program = log.file().program();
    made.pid = log.file().header().pid;
    made.events = counted.events;
    made.lost_events = counted.lost_events;
    made.threads = counted.agents;
    made.acquisitions = counted.acquisitions;
    made.acquisitions_unknown = log.file().header().level == format::log_level::order;
    made.dependencies = counted.dependencies;
    made.complete = log.complete() && log.well_formed();
    made.locks = log.names().lock_count();
    std::size_t losses = 0;
    for (const trace::loss& lost : log.losses()) {
        if (lost.kind == trace::loss_kind::in_flight) continue;
        if (++losses <= losses_told_max) made.gaps.push_back(sentence_of(lost));
    }
    if (losses > losses_told_max) {
        made.gaps.push_back(std::to_string(losses - losses_told_max) +
                            " more places of the log are damaged or missing");
    }
    if (log.contradiction()) {
        made.gaps.push_back("the log contradicts itself: " + log.contradiction()->reason + ", at offset " +
                            std::to_string(log.contradiction()->offset));
    }
    if ((log.file().live().status & format::process_status::reduced) != 0) {
        made.blind_spots.emplace_back(
            "the log came near its size limit and went on at level order: from there on only new dependencies are in "
            "it");
    }
    for (const trace::blind_spot& spot : log.names().blind_spots()) {
        if (spot.what != format::blind_spot::cancellation)
            made.blind_spots.push_back(sentence_of(spot.what, log.names().string(spot.detail)));
    }
    return made;
}

}  // namespace interlock::analysis
