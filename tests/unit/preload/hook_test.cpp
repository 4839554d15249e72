// Small programs with and without the preloaded library, at both levels: they print and answer the same, and their logs, read by
// analysis/trace, are complete, well-formed and count what the program did.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

#include "analysis/trace/trace.hpp"

namespace interlock::preload {
namespace {

using format::event_kind;

struct outcome {
    std::string output;
    int status = -1;
};

struct record_of_run {
    std::map<event_kind, std::size_t> kinds;
    std::map<event_kind, std::size_t> marked;  // with lock_flags::by_condition or in_signal
    bool complete = false;
    bool well_formed = false;
    std::size_t operator[](event_kind kind) const {
        const auto it = kinds.find(kind);
        return it == kinds.end() ? 0 : it->second;
    }
};

std::string from_environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

/// Runs a guest; with a level, under the library, its logs going to `folder`.
outcome run(const std::string& guest, const std::string& level, const std::filesystem::path& folder) {
    std::string command;
    if (!level.empty())
        command = "env LD_PRELOAD=" + from_environment("INTERLOCK_TEST_LIBRARY") +
                  " INTERLOCK_OPTIONS='level=" + level + " report=0 log_path=" + (folder / "%p.ilk").string() + "' ";
    command += from_environment("INTERLOCK_TEST_GUESTS") + "/guest-" + guest + " 2>&1";
    outcome result;
    FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) return result;
    std::array<char, 4096> part{};
    while (const std::size_t size = std::fread(part.data(), 1, part.size(), pipe))
        result.output.append(part.data(), size);
    result.status = pclose(pipe);
    return result;
}

record_of_run read(const std::filesystem::path& log) {
    record_of_run found;
    trace::trace reader;
    EXPECT_FALSE(reader.open(log.string()).has_value());
    const auto problem = reader.feed(
        [&](std::span<const trace::event> events) {
            for (const trace::event& e : events) {
                ++found.kinds[e.kind];
                if ((e.flags & (format::lock_flags::by_condition | format::lock_flags::in_signal)) != 0)
                    ++found.marked[e.kind];
            }
        },
        trace::expectation::nothing_more);
    EXPECT_FALSE(problem.has_value());
    found.complete = reader.complete();
    found.well_formed = reader.well_formed();
    return found;
}

class guest : public testing::TestWithParam<const char*> {
protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() / ("interlock-hook-" + std::to_string(getpid()));
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    bool full() const { return std::string(GetParam()) == "full"; }

    /// Runs it without and with the library, holds the outcomes against each other, reads the first process's log.
    record_of_run record(const std::string& name) {
        const outcome plain = run(name, "", folder_);
        const outcome recorded = run(name, GetParam(), folder_);
        EXPECT_EQ(plain.status, 0);
        EXPECT_EQ(recorded.status, plain.status);
        EXPECT_EQ(recorded.output, plain.output);
        std::filesystem::path first;
        for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
            ++logs_;
            const record_of_run one = read(entry.path());
            EXPECT_TRUE(one.well_formed) << entry.path();
            EXPECT_TRUE(one.complete) << entry.path();
            // what a child executes begins a log that names no parent either
            if (one[event_kind::fork_child] == 0 && (first.empty() || one[event_kind::fork_parent] != 0))
                first = entry.path();
        }
        EXPECT_FALSE(first.empty()) << "nothing was recorded";
        return first.empty() ? record_of_run{} : read(first);
    }

    std::filesystem::path folder_;
    std::size_t logs_ = 0;
};

TEST_P(guest, read_write_and_spin_locks_are_recorded) {
    const record_of_run log = record("rwlock");
    EXPECT_EQ(log[event_kind::acquire], full() ? 7u : 0u);
    EXPECT_EQ(log[event_kind::release], full() ? 7u : 0u);
    EXPECT_EQ(log[event_kind::upgrade_request], 1u);
    EXPECT_EQ(log[event_kind::refused], 1u);
    EXPECT_EQ(log[event_kind::timed_out], full() ? 1u : 0u);
    EXPECT_EQ(log[event_kind::try_failed], full() ? 1u : 0u);
    EXPECT_EQ(log[event_kind::lock_init], 3u);
    EXPECT_EQ(log[event_kind::lock_destroy], 2u);
}

TEST_P(guest, a_condition_wait_releases_and_acquires_even_when_cancelled) {
    record_of_run log = record("condition");
    EXPECT_EQ(log[event_kind::held_at_exit], 0u);
    EXPECT_EQ(log[event_kind::release_by_non_holder], 0u);
    if (!full()) return;
    EXPECT_EQ(log[event_kind::acquire], log[event_kind::release]);
    EXPECT_EQ(log.marked[event_kind::acquire], log[event_kind::condition_wait]);
    EXPECT_EQ(log.marked[event_kind::release], log[event_kind::condition_wait]);
    EXPECT_EQ(log[event_kind::condition_wake] + log[event_kind::condition_timed_out], log[event_kind::condition_wait]);
    EXPECT_EQ(log[event_kind::condition_timed_out], 1001u);
    EXPECT_EQ(log[event_kind::notify_one], 5u);
    EXPECT_EQ(log[event_kind::notify_all], 5u);
}

TEST_P(guest, a_semaphore_is_a_lock_until_another_posts_it) {
    const record_of_run log = record("semaphore");
    EXPECT_EQ(log[event_kind::semaphore_value], 6u);
    EXPECT_EQ(log[event_kind::release_by_non_holder], 1u);
    EXPECT_EQ(log[event_kind::dependency], 2u);  // the two orders of the two locks
    EXPECT_EQ(log[event_kind::semaphore_acquire], full() ? 7u : 0u);
    EXPECT_EQ(log[event_kind::semaphore_post], full() ? 7u : 0u);
    EXPECT_EQ(log[event_kind::semaphore_try_failed], full() ? 1u : 0u);
    EXPECT_EQ(log[event_kind::semaphore_timed_out], full() ? 1u : 0u);
    EXPECT_EQ(log[event_kind::barrier_arrive], 2u);
    EXPECT_EQ(log[event_kind::barrier_complete], 2u);
    EXPECT_EQ(log[event_kind::barrier_register], 1u);
    EXPECT_EQ(log[event_kind::held_at_exit], 0u);
}

TEST_P(guest, an_initialiser_is_held_while_it_runs_and_passed_once_by_each_thread) {
    const record_of_run log = record("once");
    EXPECT_EQ(log[event_kind::once_abort], 2u);
    EXPECT_EQ(log[event_kind::once_begin], log[event_kind::once_done] + log[event_kind::once_abort]);
    EXPECT_GE(log[event_kind::once_pass], 4u);
    EXPECT_EQ(log[event_kind::agent_exit], 54u);
    EXPECT_GE(log[event_kind::dependency], 6u);
    EXPECT_EQ(log[event_kind::held_at_exit], 0u);
}

TEST_P(guest, c11_threads_are_recorded_as_pthreads_are) {
    const record_of_run log = record("c11");
    EXPECT_EQ(log[event_kind::agent_join], 1u);
    EXPECT_EQ(log[event_kind::once_pass], 1u);
    EXPECT_GE(log[event_kind::dependency], 2u);
    if (!full()) return;
    EXPECT_EQ(log[event_kind::acquire], log[event_kind::release]);
    EXPECT_EQ(log[event_kind::try_failed], 1u);
    EXPECT_EQ(log[event_kind::condition_timed_out], 1u);
}

TEST_P(guest, handlers_are_marked_and_left_by_siglongjmp) {
    record_of_run log = record("signals");
    EXPECT_EQ(log[event_kind::signal_enter], 5u);
    EXPECT_EQ(log[event_kind::signal_exit], 5u);
    EXPECT_EQ(log[event_kind::signal_open], 12u) << "eight times open, four times no longer";
    if (!full()) return;
    EXPECT_EQ(log.marked[event_kind::acquire], 4u);
    EXPECT_EQ(log.marked[event_kind::semaphore_post], 1u);
}

TEST_P(guest, forked_children_begin_logs_of_their_own) {
    const record_of_run log = record("forks");
    EXPECT_EQ(log[event_kind::fork_parent], 1602u);
    EXPECT_EQ(log[event_kind::release_by_non_holder], 0u);
    EXPECT_GE(logs_, 1u + 80u + 1u);
}

TEST_P(guest, locks_at_the_ends_of_threads_and_of_the_process_are_recorded) {
    const record_of_run log = record("lifetimes");
    EXPECT_EQ(log[event_kind::agent_exit], 10000u);
    EXPECT_EQ(log[event_kind::agent_join], 10000u);
    EXPECT_EQ(log[event_kind::held_at_exit], 0u);
    EXPECT_EQ(log[event_kind::acquire], full() ? 30000u + 800u + 3u : 0u);
    EXPECT_EQ(log[event_kind::release], log[event_kind::acquire]);
}

TEST_P(guest, an_allocator_may_lock) {
    const record_of_run log = record("allocator");
    EXPECT_EQ(log[event_kind::agent_exit], 4u);
    if (!full()) return;
    EXPECT_GE(log[event_kind::acquire], 8000u);
    EXPECT_EQ(log[event_kind::acquire], log[event_kind::release]);
}

TEST_P(guest, small_stacks_are_enough) {
    const record_of_run log = record("small_stacks");
    EXPECT_GE(log[event_kind::dependency], 20u);
    EXPECT_EQ(log[event_kind::semaphore_post], full() ? 1u : 0u);
}

TEST_P(guest, semaphores_met_by_two_threads_at_once_are_told_once_and_are_locks) {
    const record_of_run log = record("first_sight");
    EXPECT_EQ(log[event_kind::semaphore_value], 3001u);
    EXPECT_EQ(log[event_kind::release_by_non_holder], 0u);
}

TEST_P(guest, waits_on_a_bare_futex_are_a_blind_spot) {
    const record_of_run log = record("futex");
    EXPECT_EQ(log[event_kind::blind_spot], 2u);  // and that it uses std::future
    if (!full()) return;
    EXPECT_GE(log[event_kind::futex_wait], 2u);
    EXPECT_GE(log[event_kind::futex_wake], 1u);
}

TEST_P(guest, faults_of_the_program_are_its_own) { record("faults"); }

INSTANTIATE_TEST_SUITE_P(level, guest, testing::Values("order", "full"),
                         [](const auto& parameter) { return std::string(parameter.param); });

}  // namespace
}  // namespace interlock::preload
