// The whole analysis, on any events: the input is dealt out as slots whose checks fit to three agents, so that what arrives at graph
// and detectors is well-formed as bytes and senseless as a program. Nothing is asked but that it ends, that each finding is whole,
// that a log read in two goes tells the same as one read in one, and that the report can be made of it.
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "analysis/analyser.hpp"
#include "analysis/report/report.hpp"
#include "tests/support/log_builder.hpp"

namespace {

namespace findings = interlock::findings;
namespace format = interlock::format;
using interlock::analysis::analyser;
using interlock::testing::log_image;

void must(bool holds) {
    if (!holds) std::abort();
}

/// What half of the records are, so that stories come about.
constexpr format::event_kind likely[] = {
    format::event_kind::held_set,     format::event_kind::dependency,   format::event_kind::dependency_again,
    format::event_kind::acquire,      format::event_kind::release,      format::event_kind::request,
    format::event_kind::lock_init,    format::event_kind::agent_create, format::event_kind::agent_join,
    format::event_kind::agent_exit,   format::event_kind::refused,      format::event_kind::join_dependency,
    format::event_kind::join_request, format::event_kind::try_failed,   format::event_kind::barrier_arrive,
};

/// Byte 0: agent and whether its chunk ends; byte 1: kind; byte 2: flags; then small numbers for object, sequence and the two halves of
/// a continuation, so that ids meet each other.
log_image dealt_out(std::span<const std::uint8_t> input) {
    interlock::testing::log_builder log;
    std::vector<format::agent_id> agents;
    for (int i = 0; i < 3; ++i) {
        agents.push_back(log.make_agent());
        log.record(agents.back(), format::event_kind::agent_start, 0, {}, 0, 1);
    }
    for (; input.size() >= 7; input = input.subspan(7)) {
        const auto agent = agents[input[0] % agents.size()];
        const auto kind = input[1] < 128 ? static_cast<format::event_kind>(input[1])
                                         : likely[input[1] % (sizeof likely / sizeof *likely)];
        if (!format::is_lead(kind)) continue;
        log.put_slot(agent, format::encode(kind, input[2], {}, 1, input[3] % 16, input[4] % 16));
        const std::size_t more = format::continuation_slots(kind, input[4] % 16);
        for (std::size_t i = 0; i < more && i < 8; ++i) {
            log.put_slot(agent,
                         format::encode_continuation(input[5] & 3, format::pair_of(input[5] % 16, input[6] % 16)));
        }
        if (input[0] >= 0xf0) log.seal(agent);
    }
    return log.image();
}

findings::report_data analyse(const log_image& image, bool in_two_goes) {
    analyser all;
    must(!all.adopt("fuzz.ilk", image.bytes()));
    if (in_two_goes) {
        must(!all.feed(interlock::trace::expectation::more));
        all.findings_so_far();
    }
    must(!all.feed());
    all.lock_order();
    return all.findings_so_far();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const log_image image = dealt_out({data, size});
    const findings::report_data once = analyse(image, false);
    const findings::report_data twice = analyse(image, true);
    must(once.findings.size() == twice.findings.size());
    for (std::size_t i = 0; i < once.findings.size(); ++i) {
        const findings::finding& f = once.findings[i];
        must(f.id == twice.findings[i].id && f.verdict == twice.findings[i].verdict);
        must(!f.why.empty() && f.occurrences > 0);
        for (std::size_t e = 0; e < f.edges.size(); ++e) {
            must(f.edges[e].wanted == f.edges[(e + 1) % f.edges.size()].held);
        }
    }
    must(!interlock::report::render(interlock::report::format::json, once, {}).empty());
    must(!interlock::report::render(interlock::report::format::text, once, {}).empty());
    return 0;
}
