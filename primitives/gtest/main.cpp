// libinterlock-gtest-main: GoogleTest's own main(), with the one line of <interlock/gtest.hpp>.
#include <interlock/gtest.hpp>

int main(int count, char** arguments) {
    testing::InitGoogleTest(&count, arguments);
    interlock::watch_tests();
    return RUN_ALL_TESTS();
}
