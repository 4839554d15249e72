// What tests do besides locking, and what is done around them: folders that change, fixtures of suites. gtest_check.py runs each part by itself.
#include <stdlib.h>
#include <unistd.h>

#include <mutex>
#include <thread>

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

}  // namespace
