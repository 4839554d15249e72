// A log that somebody cuts while it is read: the reader says so and lives. Every page of it, at every moment that a reader gives.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include "analysis/trace/dump.hpp"
#include "analysis/trace/trace.hpp"
#include "tests/support/every_kind_log.hpp"

namespace interlock::trace {
namespace {

class cut_log : public ::testing::Test {
protected:
    void SetUp() override {
        path_ = std::filesystem::temp_directory_path() / ("interlock-cut-" + std::to_string(getpid()) + ".ilk");
    }
    void TearDown() override { std::filesystem::remove(path_); }

    void write_log() { ASSERT_TRUE(interlock::testing::every_kind_log().save(path_.string())); }

    std::filesystem::path path_;
};

TEST_F(cut_log, is_told_wherever_it_is_cut_between_two_looks) {
    write_log();
    const auto size = std::filesystem::file_size(path_);
    for (std::uintmax_t cut = 0; cut < size; cut += 512) {
        write_log();
        trace log;
        ASSERT_FALSE(log.open(path_.string()).has_value());
        std::filesystem::resize_file(path_, cut);
        const auto problem = log.feed([](std::span<const event>) {}, expectation::nothing_more);
        ASSERT_TRUE(problem.has_value()) << cut;
        EXPECT_EQ(problem->reason, "was cut while it was read");
    }
}

TEST_F(cut_log, is_told_when_it_is_cut_in_the_middle_of_a_look) {
    write_log();
    const auto size = std::filesystem::file_size(path_);
    for (std::uintmax_t cut = 0; cut < size; cut += 4096) {
        write_log();
        trace log;
        ASSERT_FALSE(log.open(path_.string()).has_value());
        std::size_t words = 0;
        const auto problem = log.feed(
            [&](std::span<const event> events) {
                std::filesystem::resize_file(path_, cut);
                // What was given out stays readable, if only as zeros.
                for (const event& e : events)
                    for (const format::slot& s : e.more) words += s.word0 != 0;
            },
            expectation::nothing_more);
        log.present();
        if (cut == 0) {
            ASSERT_TRUE(problem.has_value());
        }
        if (problem.has_value()) {
            EXPECT_EQ(problem->reason, "was cut while it was read");
        }
    }
}

int foreign_faults = 0;
void* repaired = nullptr;
void repair(int, siginfo_t* info, void*) {
    ++foreign_faults;
    if (info->si_addr == repaired)
        mmap(repaired, 4096, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/// In a process of its own, where the reader's handler is still to be installed.
void meet_a_foreign_fault(const std::string& path) {
    struct sigaction action = {};
    action.sa_sigaction = repair;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGBUS, &action, nullptr);
    const auto* const page = guard_mapping(&action, sizeof action);
    FILE* const file = std::fopen((path + ".other").c_str(), "w+");
    if (page == nullptr || file == nullptr || ftruncate(fileno(file), 4096) != 0) _exit(2);
    repaired = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(file), 0);
    if (repaired == MAP_FAILED || ftruncate(fileno(file), 0) != 0) _exit(3);
    *static_cast<volatile char*>(repaired) = 1;
    std::filesystem::remove(path + ".other");
    _exit(foreign_faults == 1 ? 0 : 4);
}

TEST_F(cut_log, leaves_other_faults_to_whoever_handled_them) {
    ::testing::FLAGS_gtest_death_test_style = "threadsafe";
    EXPECT_EXIT(meet_a_foreign_fault(path_.string()), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace interlock::trace
