// All logs into one analyser.
#include "cli/analysed_logs.hpp"
#include <fmt/format.h>

#include "analysis/analyser.hpp"
#include "cli/message.hpp"
#include "cli/progress.hpp"

namespace interlock::cli {
namespace {}  // namespace

analysed_logs analyse(const std::vector<std::string>& logs, wanted what,
                      const std::map<std::string, detectors::standing>& standing) {
    analysed_logs out;
    const progress shown(logs);
    analysis::analyser all;
    for (const std::string& path : logs) {
        if (const auto failed = all.add_log(path))
            out.problems.push_back(one_line(*failed));
        else if (const auto seen = standing.find(path); seen != standing.end())
            all.note_standing(all.logs() - 1, seen->second);
    }
    shown.tell(
        fmt::format("reading {} MiB of {} log{} ...", shown.mebibytes(), logs.size(), logs.size() == 1 ? "" : "s"));
    const auto what_comes = what == wanted::findings_now ? trace::expectation::more : trace::expectation::nothing_more;
    if (const auto failed = all.feed(what_comes)) out.problems.push_back(one_line(*failed));
    shown.tell("looking for cycles and their source lines ...");
    switch (what) {
        case wanted::findings: out.data = all.findings_so_far(); break;
        case wanted::findings_now: out.data = all.findings_so_far(analysis::moment::now); break;
        case wanted::lock_order: out.order = all.lock_order(); break;
    }
    return out;
}

}  // namespace interlock::cli
