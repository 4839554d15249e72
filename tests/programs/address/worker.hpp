// Two threads that live through the whole program and nest whatever pair of locks they are handed, in turn: so nothing orders
// the two nestings, and a false cycle between locks that never lived together has no excuse.
#pragma once

#include <functional>
#include <thread>

#include "tests/programs/hand_over.h"

/// One thread that runs one job when it is given one.
class worker {
public:
    explicit worker(int turn)
        : turn_(turn), thread_([this] {
              await_turn(turn_);
              job_();
              give_turn(0);
          }) {}

    /// Runs the job on the thread and waits until it is done. Once only.
    void run(std::function<void()> job) {
        job_ = std::move(job);
        give_turn(turn_);
        await_turn(0);
    }

    ~worker() { thread_.join(); }

private:
    int turn_;
    std::function<void()> job_;
    std::thread thread_;
};
