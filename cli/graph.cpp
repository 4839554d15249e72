// interlock graph: the lock-order graph for Graphviz, GraphML readers and scripts.
#include <utility>

#include <CLI/CLI.hpp>

#include "analysis/order_check.hpp"
#include "analysis/report/report.hpp"
#include "cli/analysed_logs.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/message.hpp"
#include "cli/output.hpp"
#include "cli/parsing.hpp"
#include "cli/report_options.hpp"

namespace interlock::cli {

int graph_command(const arguments& given) {
    CLI::App app("Prints the lock-order graph of logs: an arc from each held lock to each lock wanted meanwhile.",
                 "interlock graph");
    std::vector<std::string> logs;
    std::string format = "dot";
    report_options reported;
    app.add_option("LOG", logs, "The logs")->required()->type_name("");
    app.add_option("--format", format, "dot (default), graphml or json")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"dot", "graphml", "json"}));
    app.add_option("--strip-path-prefix", reported.strip_path_prefix, "Cut this from the front of source paths")
        ->type_name("PREFIX");
    bool write_order = false;
    app.add_flag("--write-order", write_order,
                 "Print what was seen as an order to declare instead: a draft of lock-order.toml, for --lock-order");
    if (const auto ended = parse(app, "graph", given, exit_status::wrong_call)) return *ended;
    analysed_logs analysed = analyse(logs, write_order ? wanted::findings_and_graph : wanted::lock_order);
    for (const std::string& problem : analysed.problems) say(problem);
    if (analysed.problems.size() == logs.size()) return exit_status::unusable_log;
    const auto as = report::graph_format_named(format).value_or(report::graph_format::dot);
    const std::string text = write_order ? analysis::drafted_order(analysed.graph)
                                         : render_graph(as, std::move(analysed.order), looks(reported, nullptr));
    output to;
    to.add(text);
    if (const auto unwritten = to.finish("the graph")) return say(*unwritten), exit_status::own_error;
    return analysed.problems.empty() ? exit_status::clean : exit_status::unusable_log;
}

}  // namespace interlock::cli
