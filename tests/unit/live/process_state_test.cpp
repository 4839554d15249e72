// What the kernel says of threads, made up and of this very process.
#include "analysis/live/process_state.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace interlock::live {
namespace {

using trace::agent_present;

constexpr long futex = 202;
constexpr long accept_call = 43;

agent_present agent(std::uint32_t id) {
    agent_present made;
    made.agent = format::agent_id{id};
    made.offset = id;
    made.thread = 1000 + id;
    made.state = format::agent_state::running;
    made.wants = true;
    return made;
}

process_state process(std::vector<task_state> tasks) {
    process_state made;
    made.exists = true;
    made.tasks = std::move(tasks);
    return made;
}

detectors::standing seen(std::vector<task_state> tasks) {
    return standing_of(std::vector{agent(1), agent(2)}, std::vector<std::uint64_t>{1, 2}, process(std::move(tasks)));
}

TEST(standing, of_threads_in_a_futex_has_nobody_live) {
    const detectors::standing made = seen({{1001, 'S', futex}, {1002, 'S', futex}});
    EXPECT_TRUE(made.watched);
    EXPECT_TRUE(made.live.empty());
    EXPECT_FALSE(made.strangers);
}

TEST(standing, knows_who_runs_or_waits_for_something_else) {
    EXPECT_EQ(seen({{1001, 'R', -1}, {1002, 'S', futex}}).live.size(), 1u);
    EXPECT_EQ(seen({{1001, 'S', accept_call}, {1002, 'S', futex}}).live.size(), 1u);
    EXPECT_EQ(seen({{1001, 'D', futex}, {1002, 'S', futex}}).live.size(), 1u);
    EXPECT_TRUE(seen({{1001, 'S', -2}, {1002, 'S', futex}}).live.empty())
        << "/proc does not tell the call to everybody";
}

TEST(standing, knows_that_the_process_handles_signals_other_than_faults) {
    process_state here = process({{1001, 'S', futex}, {1002, 'S', futex}});
    const auto handlers = [&](std::uint64_t caught) {
        here.caught = caught;
        return standing_of(std::vector{agent(1), agent(2)}, std::vector<std::uint64_t>{1, 2}, here).handlers;
    };
    EXPECT_FALSE(handlers(0));
    EXPECT_FALSE(handlers(std::uint64_t{1} << (SIGBUS - 1) | std::uint64_t{1} << 31));
    EXPECT_TRUE(handlers(std::uint64_t{1} << (SIGUSR1 - 1)));
}

TEST(standing, knows_threads_that_no_page_speaks_of) {
    EXPECT_TRUE(seen({{1001, 'S', futex}, {1002, 'S', futex}, {77, 'S', futex}}).strangers);
}

TEST(standing, counts_as_live_who_has_not_stood_still) {
    const detectors::standing made = standing_of(std::vector{agent(1), agent(2)}, std::vector<std::uint64_t>{1},
                                                 process({{1001, 'S', futex}, {1002, 'S', futex}}));
    EXPECT_EQ(made.live.size(), 1u);
}

TEST(process_state, of_this_process_has_its_threads) {
    std::atomic<pid_t> other{0};
    std::atomic<bool> over{false};
    std::thread thread([&] {
        other = ::gettid();
        while (!over) std::this_thread::yield();
    });
    while (other == 0) std::this_thread::yield();
    const process_state made = read_process(::getpid());
    EXPECT_TRUE(made.exists);
    EXPECT_FALSE(made.stopped);
    std::size_t found = 0;
    for (const task_state& task : made.tasks)
        found += task.thread == static_cast<std::uint32_t>(other.load()) ||
                 task.thread == static_cast<std::uint32_t>(::getpid());
    EXPECT_EQ(found, 2u);
    over = true;
    thread.join();
}

TEST(process_state, of_nobody_does_not_exist) { EXPECT_FALSE(read_process(0x3fff'ffff).exists); }

TEST(process_state, knows_a_mapped_file_by_what_it_is) {
    char name[] = "mapped-XXXXXX.ilk";
    const int file = ::mkstemps(name, 4);
    ASSERT_GE(file, 0);
    ASSERT_EQ(::ftruncate(file, 4096), 0);
    void* const place = ::mmap(nullptr, 4096, PROT_READ, MAP_SHARED, file, 0);
    ASSERT_NE(place, MAP_FAILED);
    EXPECT_TRUE(maps_file(::getpid(), name));
    EXPECT_EQ(mapped_files(::getpid(), name).size(), 1u);
    ::munmap(place, 4096);
    EXPECT_FALSE(maps_file(::getpid(), name));
    ::close(file);
    ::unlink(name);
}

}  // namespace
}  // namespace interlock::live
