// Makes the next pages of a run's growing logs, so that the threads of the program find them made: a fresh page of a file costs several
// times what filling it with records does. A log that nobody makes pages for works as well, its writers make them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "analysis/live/run_logs.hpp"

namespace interlock::live {

/// One log. Nothing in it is read but the header, by read(2), and nothing written: pages are made by the kernel without being touched,
/// so neither a file that somebody cuts nor a full disk raises a signal. Thread-bound.
class growing_log {
public:
    explicit growing_log(const std::string& path);
    ~growing_log();
    growing_log(growing_log&& other) noexcept;
    growing_log& operator=(growing_log&& other) noexcept;

    /// Looks how far blocks go, and makes pages behind them if they went further since the last call: the more, the faster they do.
    /// Returns whether they did. Cost: one read(2) where nothing grew, else some 1 us a page.
    bool follow();

    /// There is nothing more to be made: the file is full or unusable, the disk nearly so, or the process has ended.
    bool is_done() const noexcept { return file_ < 0; }

private:
    bool read_header();
    bool make_pages(std::uint64_t goal);
    void close() noexcept;

    int file_ = -1;
    pid_t process_ = 0;
    std::uint64_t capacity_ = 0;
    std::uint64_t allocated_ = 0;  // bytes
    std::uint64_t made_ = 0;       // bytes from the start that need no more pages
    std::uint64_t ahead_ = 0;      // bytes to be made beyond allocated_
};

/// All logs of one run, followed by a thread of its own while this lives; where none can be started, nothing is done.
class log_pages {
public:
    /// `run` as in the headers of the logs, which appear in `folder`.
    log_pages(std::string folder, std::array<std::uint64_t, 2> run);

private:
    void follow_all(const std::stop_token& stop);

    run_logs logs_;
    std::vector<growing_log> growing_;
    std::jthread thread_;
};

}  // namespace interlock::live
