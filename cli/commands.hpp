// The commands. Each parses its own arguments, calls, and returns the exit status (exit_status.hpp). Thread-bound, once a process.
#pragma once

#include <string>
#include <vector>

namespace interlock::cli {

/// What stands behind the command's name.
using arguments = std::vector<std::string>;

int run_command(const arguments& given);
int record_command(const arguments& given);
int analyze_command(const arguments& given);
int dump_command(const arguments& given);
int graph_command(const arguments& given);
int stats_command(const arguments& given);
int timeline_command(const arguments& given);
int watch_command(const arguments& given);
int snapshot_command(const arguments& given);
int suppress_command(const arguments& given);
int diff_command(const arguments& given);
int merge_command(const arguments& given);

}  // namespace interlock::cli
