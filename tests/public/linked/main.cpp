// linked STEP...: does them in this order. Says "here" on standard error after each, "done" on standard output, buffered, at the end.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>

#include "tests/public/linked/locks.hpp"

namespace {

/// What a forked child does goes on as the program; the parent prints its status.
void go_on_as_child() {
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) return;
    int status = 0;
    waitpid(child, &status, 0);
    std::printf("child %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    std::exit(0);
}

const std::map<std::string, std::function<void()>> steps = {
    {"invert", invert},
    {"agree", agree},
    {"invert_under_gate", invert_under_gate},
    {"invert_in_turn", invert_in_turn},
    {"invert_by_trying", invert_by_trying},
    {"invert_across_join", invert_across_join},
    {"invert_shared", invert_shared},
    {"ring", ring},
    {"nest_many", nest_many},
    {"fork", go_on_as_child},
    {"chdir",
     [] {
         if (chdir("/") != 0) std::abort();
     }},
    {"ignore_children", [] { std::signal(SIGCHLD, SIG_IGN); }},
    {"exit_3", [] { std::exit(3); }},
    {"quit", [] { _exit(0); }},
};

}  // namespace

int main(int count, char** names) {
    for (int i = 1; i < count; ++i) {
        steps.at(names[i])();
        static_cast<void>(!write(2, "here\n", 5));
    }
    std::printf("done\n");
}
