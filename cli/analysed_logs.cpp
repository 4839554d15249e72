// All logs into one analyser.
#include "cli/analysed_logs.hpp"

#include <utility>

#include <fmt/format.h>

#include "analysis/analyser.hpp"
#include "analysis/findings/text_file.hpp"
#include "analysis/many_runs.hpp"
#include "analysis/report/summary_file.hpp"
#include "cli/message.hpp"
#include "cli/progress.hpp"

namespace interlock::cli {

std::optional<findings::run_summary> summary_at(const std::string& path, std::optional<std::string>& problem) {
    if (!report::is_summary(findings::begin_of(path, 64))) return std::nullopt;
    std::string text;
    findings::run_summary made;
    problem = findings::read_file(path, text);
    if (!problem) problem = report::read_summary(path, text, made);
    return made;
}

analysed_logs analyse(const std::vector<std::string>& logs, wanted what,
                      const std::map<std::string, detectors::standing>& standing) {
    analysed_logs out;
    const progress shown(logs);
    analysis::analyser all;
    findings::run_summary summaries;
    bool joined = what == wanted::findings_and_graph;
    for (const std::string& path : logs) {
        std::optional<std::string> problem;
        if (std::optional<findings::run_summary> one = summary_at(path, problem)) {
            joined = true;
            if (problem)
                out.problems.push_back(*problem);
            else
                join(summaries, std::move(*one));
        } else if (const auto failed = all.add_log(path)) {
            out.problems.push_back(one_line(*failed));
        } else if (const auto seen = standing.find(path); seen != standing.end()) {
            all.note_standing(all.logs() - 1, seen->second);
        }
    }
    shown.tell(
        fmt::format("reading {} MiB of {} log{} ...", shown.mebibytes(), logs.size(), logs.size() == 1 ? "" : "s"));
    const auto what_comes = what == wanted::findings_now ? trace::expectation::more : trace::expectation::nothing_more;
    if (const auto failed = all.feed(what_comes)) out.problems.push_back(one_line(*failed));
    shown.tell("looking for cycles and their source lines ...");
    const analysis::moment when = what == wanted::findings_now ? analysis::moment::now : analysis::moment::end;
    if (what == wanted::lock_order) {
        out.order = all.lock_order();
        analysis::add_order_of(summaries, out.order);
    } else if (!joined) {
        out.data = all.findings_so_far(when);
    } else {
        out.graph = all.summary(when);
        join(out.graph, std::move(summaries));
        out.data = analysis::report_of(out.graph);
    }
    return out;
}

}  // namespace interlock::cli
