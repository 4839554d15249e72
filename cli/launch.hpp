// Runs a program as a shell would: its descriptors, terminal, process group and signals are its own.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace interlock::cli {

struct launch_result {
    pid_t pid = 0;
    /// Of the program, as a shell tells it: 128 + N for signal N. Without a program: not_found, cannot_execute or own_error.
    int status = 0;
    bool ran = false;
    bool killed_here = false;  // `meanwhile` asked for it
    /// Why it did not run.
    std::string problem;
};

/// The file that `program` names, looked up along PATH where it has no slash; empty if there is none.
std::string find_program(const std::string& program);

/// Runs `program` with `environment` and waits for its end. `meanwhile`, if there is one, is called ten times a second until then;
/// once it returns true, the program is killed. Meanwhile SIGINT and SIGQUIT, which the terminal sends to the program
/// as well, are ignored here, and SIGTERM and SIGHUP are passed on. Thread-bound.
launch_result launch(const std::vector<std::string>& command, const std::vector<std::string>& environment,
                     const std::function<bool()>& meanwhile = {});

}  // namespace interlock::cli
