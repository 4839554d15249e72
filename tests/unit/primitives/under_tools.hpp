// What both halves of under_tools have in common.
#pragma once

#include <cstdlib>
#include <thread>
#include <vector>

inline constexpr unsigned threads_max = 4;
inline constexpr int turns = 50;

/// Checked always: a build without assertions tests too.
inline void must(bool good) {
    if (!good) std::abort();
}

template <typename Body>
void run(Body body) {
    std::vector<std::thread> all;
    for (unsigned i = 0; i < threads_max; ++i) all.emplace_back(body, i);
    for (std::thread& one : all) one.join();
}

/// The half about work that is handed over: results, queues, pools, loops, tasks, atomics.
void hand_work_over();
