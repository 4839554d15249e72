// What every thread of a process holds and wants at one moment, as data: what `watch` shows. No formatting logic.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/findings/finding.hpp"

namespace interlock::findings {

struct present_hold {
    lock what;
    lock_mode mode = lock_mode::exclusive;
    stack since;  // where it was acquired
};

struct present_want {
    lock what;
    lock_mode mode = lock_mode::exclusive;
    std::string operation;  // request, join_request, condition_wait ...
    bool timed = false;     // it gives up by itself
    stack at;
    std::optional<double> age_s;  // nothing: not known
};

/// How far a thread is from going on.
enum class plight : std::uint8_t {
    none,
    behind,  // waits for one that is stuck
    stuck,   // part of a deadlock or stall
};

struct present_thread {
    thread who;
    std::uint32_t task = 0;           // kernel thread id; 0: none
    std::uint64_t page = 0;           // where the log has it
    std::vector<present_hold> holds;  // outermost first
    std::optional<present_want> wants;
    findings::plight plight = plight::none;
};

struct present {
    std::string log;
    std::string program;
    std::uint64_t pid = 0;
    std::vector<present_thread> threads;  // by id
    std::vector<finding> stuck;           // deadlocks and stalls
};

}  // namespace interlock::findings
