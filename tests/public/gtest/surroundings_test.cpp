// What tests do besides locking, and what is done around them: folders that change, fixtures of suites. gtest_check.py runs each part by itself.
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <interlock/gtest.hpp>

namespace {

template <typename Outer, typename Inner>
void nest(Outer& outer, Inner& inner) {
    const std::lock_guard hold(outer);
    const std::lock_guard hold_too(inner);
}

template <typename Outer, typename Inner>
void invert(Outer& outer, Inner& inner) {
    std::thread([&] { nest(outer, inner); }).join();
    std::thread([&] { nest(inner, outer); }).join();
}

// -- the working folder -----------------------------------------------------------------------------------------------------------------

TEST(folder, changes) { ASSERT_EQ(chdir("/"), 0); }
TEST(folder, inverts_elsewhere) {
    std::mutex a, b;
    invert(a, b);
}
TEST(folder, child_inverts_elsewhere) {
    EXPECT_EXIT(
        {
            if (chdir("/tmp") != 0) abort();
            std::mutex a;
            std::mutex b;
            invert(a, b);
            exit(3);
        },
        testing::ExitedWithCode(3), "");
}

// -- a folder of many files ------------------------------------------------------------------------------------------------------------------

std::atomic<int> entries_read{0};
}  // namespace
extern "C" dirent* readdir(DIR* folder) {
    static const auto next = reinterpret_cast<dirent* (*)(DIR*)>(dlsym(RTLD_NEXT, "readdir"));
    ++entries_read;
    return next(folder);
}
namespace {

struct quiet_folder : testing::TestWithParam<int> {};
TEST_P(quiet_folder, is_not_read_again) {
    if (GetParam() == 0) {
        const timespec long_ago[2] = {{1'000'000'000, 0}, {1'000'000'000, 0}};
        ASSERT_EQ(utimensat(AT_FDCWD, ".", long_ago, 0), 0);
    } else if (GetParam() == 1) {
        EXPECT_GT(entries_read, 0);
        entries_read = 0;
    } else {
        EXPECT_EQ(entries_read, 0);
    }
}
INSTANTIATE_TEST_SUITE_P(many, quiet_folder, testing::Range(0, 10));

// -- a small stack ---------------------------------------------------------------------------------------------------------------------------

template <typename What>
void on_small_stack(What what) {
    pthread_attr_t how;
    pthread_attr_init(&how);
    pthread_attr_setstacksize(&how, 64 << 10);
    pthread_t thread{};
    const auto run = [](void* given) -> void* {
        (*static_cast<What*>(given))();
        return nullptr;
    };
    ASSERT_EQ(pthread_create(&thread, &how, run, &what), 0);
    pthread_attr_destroy(&how);
    pthread_join(thread, nullptr);
}

struct small_stack : testing::Test {
    std::mutex a, b;
};
TEST_F(small_stack, order) {
    on_small_stack([&] {
        nest(a, b);
        EXPECT_LOCK_ORDER(a, b);
    });
}
TEST_F(small_stack, holds) {
    on_small_stack([&] {
        const std::lock_guard hold(a);
        EXPECT_NO_LOCKS_HELD();
    });
}
TEST_F(small_stack, inverts) {
    std::thread([&] { nest(a, b); }).join();
    on_small_stack([&] { EXPECT_NO_LOCK_INVERSION(nest(b, a)); });
}

// -- what is of no test -----------------------------------------------------------------------------------------------------------------

struct set_up : testing::TestWithParam<int> {
    static void SetUpTestSuite() { invert(early, late); }
    static std::mutex early, late;
};
std::mutex set_up::early, set_up::late;
TEST_P(set_up, is_clean) {}
INSTANTIATE_TEST_SUITE_P(one, set_up, testing::Range(0, 2));
INSTANTIATE_TEST_SUITE_P(two, set_up, testing::Range(0, 2));

struct tear_down : testing::Test {
    static void TearDownTestSuite() {
        std::mutex a, b;
        invert(a, b);
    }
};
TEST_F(tear_down, is_clean) {}

// -- what is allowed ----------------------------------------------------------------------------------------------------------------------

struct allowing_suite : testing::Test {
    static void SetUpTestSuite() {
        interlock::allow_findings("the suite knows");
        std::mutex a, b;
        invert(a, b);
    }
};
TEST_F(allowing_suite, inverts) {
    std::mutex a, b;
    invert(a, b);
}
std::mutex first, second;
TEST(after_allowing_suite, one_half) { nest(first, second); }
TEST(after_allowing_suite, other_half) { nest(second, first); }

// -- what was done before all tests -----------------------------------------------------------------------------------------------------------

std::mutex earliest, latest;
TEST(before_all, other_half) { nest(latest, earliest); }

// -- a log that is full -------------------------------------------------------------------------------------------------------------------

TEST(full, fills_it) {
    std::vector<std::mutex> all(100);
    for (std::size_t i = 0; i < all.size(); ++i)
        for (std::size_t j = i + 1; j < all.size(); ++j) nest(all[i], all[j]);
}
TEST(full, inverts) {
    std::mutex a, b;
    invert(a, b);
}

// -- locks that nobody has used -----------------------------------------------------------------------------------------------------------

// Both have their locks at the same place of the stack.
template <typename Use>
void expect_order(Use use) {
    std::mutex a, b;
    std::shared_mutex c, d;
    std::thread([&] { use(a, b); }).join();
    std::thread([&] { use(c, d); }).join();
    EXPECT_LOCK_ORDER(a, b);
    EXPECT_LOCK_ORDER(c, d);
}
const auto use_or_not = [](bool used) {
    expect_order([used](auto& outer, auto& inner) {
        if (used) nest(outer, inner);
    });
};
TEST(stale, used) { use_or_not(true); }
TEST(stale, unused) { use_or_not(false); }

// -- locks that are held ------------------------------------------------------------------------------------------------------------------

std::mutex kept;
TEST(held, met_before) {
    kept.lock();
    kept.unlock();
    const std::unique_lock hold(kept);
    EXPECT_NO_LOCKS_HELD();
}

// -- a deadlock that happens ----------------------------------------------------------------------------------------------------------------

TEST(stuck, DISABLED_for_ever) {
    std::mutex a, b;
    std::atomic<int> holders{0};
    const auto meet = [&](std::mutex& outer, std::mutex& inner) {
        const std::lock_guard hold(outer);
        ++holders;
        while (holders != 2) std::this_thread::yield();
        const std::lock_guard hold_too(inner);
    };
    std::thread other([&] { meet(a, b); });
    meet(b, a);
    other.join();
}

}  // namespace

int main(int count, char** arguments) {
    testing::InitGoogleTest(&count, arguments);
    interlock::test_options options;
    if (const char* least = getenv("FAIL_ON")) options.fail_on = least;
    options.report_only = getenv("REPORT_ONLY") != nullptr;
    options.fail_unchecked = getenv("FAIL_UNCHECKED") != nullptr;
    interlock::watch_tests(options);
    nest(earliest, latest);
    if (getenv("ALLOW_ALL")) interlock::allow_findings("everything");
    return RUN_ALL_TESTS();
}
