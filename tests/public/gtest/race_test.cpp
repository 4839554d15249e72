// Tests whose code is compiled with interlock-race: a race fails its test as an inversion does.
#include <mutex>
#include <thread>

#include <gtest/gtest.h>
#include <interlock/gtest.hpp>

namespace {

int plain = 0;
int guarded = 0;
std::mutex guard;

template <typename What>
void twice(What what) {
    std::thread a(what), b(what);
    a.join();
    b.join();
}

TEST(counters, guarded) {
    twice([] {
        const std::lock_guard hold(guard);
        ++guarded;
    });
    EXPECT_EQ(guarded, 2);
}

TEST(counters, plain) {
    twice([] { ++plain; });
}

TEST(counters, plain_again) {
    twice([] { ++plain; });
}

}  // namespace

int main(int count, char** arguments) {
    testing::InitGoogleTest(&count, arguments);
    interlock::watch_tests({.fail_on = "error", .report_only = false});
    return RUN_ALL_TESTS();
}
