// told: asks to be told of findings, makes three inversions, one of them twice, and says on standard output what it was told.
#include <unistd.h>

#include <cstdio>
#include <mutex>
#include <string>

#include <interlock/on_finding.hpp>

#include "tests/public/linked/locks.hpp"

namespace {

std::mutex of_callback;  // what the callback locks is its own affair

void tell(const interlock::finding& found) {
    const std::lock_guard hold(of_callback);
    std::printf("told of %s: %s", std::string(found.kind).c_str(), std::string(found.report).c_str());
    std::fflush(stdout);
}

}  // namespace

int main() {
    interlock::on_finding(tell);
    agree();
    invert();
    invert();
    ring();
    invert_under_gate();
    interlock::on_finding({});
    invert_across_join();
    std::printf("done\n");
}
