// How much threads wait for locks, as data: what statistics hand on to be printed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/findings/finding.hpp"

namespace interlock::findings {

/// How long something took, of many times.
struct durations {
    std::uint64_t count = 0;
    std::uint64_t total_ns = 0;
    std::uint64_t p50_ns = 0;
    std::uint64_t p99_ns = 0;
    std::uint64_t max_ns = 0;
};

/// A place that waited and the place whose hold it waited for, over all threads that did so.
struct waiting_pair {
    std::uint64_t waits = 0;
    std::uint64_t wait_ns = 0;
    std::uint64_t longest_ns = 0;
    thread waiter;  // of the longest wait
    thread holder;
    stack waited_at;       // empty: not known
    stack acquired_at;     // by the holder; empty: not known
    bool at_most = false;  // more pairs than were counted: waits and wait_ns may be too high
};

struct contention_row {
    findings::lock lock;    // of a class: what its locks have in common, id 0
    std::size_t locks = 1;  // of a class: how many
    std::uint64_t acquisitions = 0;
    std::uint64_t contended = 0;  // of these, found the lock busy
    std::uint64_t gave_up = 0;    // timed requests that ended without it
    durations waits;              // of contended requests
    durations holds;
    std::optional<waiting_pair> worst;  // most wait_ns
};

struct contention {
    std::vector<contention_row> locks;
    std::vector<contention_row> classes;
    std::vector<log_summary> logs;
    /// Some log has level `order`, or went on so: acquisitions and contended are lower bounds, and nothing was timed there.
    bool at_least = false;
    bool timed = false;               // some log has times
    std::vector<std::string> limits;  // what the numbers do not say, one sentence each
};

}  // namespace interlock::findings
