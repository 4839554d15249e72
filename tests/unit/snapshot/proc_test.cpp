// Why a process may not be traced, for every kernel, whatever this one allows.
#include "analysis/snapshot/proc.hpp"

#include <gtest/gtest.h>

namespace interlock::snapshot {
namespace {

TEST(which_forbids, is_yama_for_ones_own_process) {
    EXPECT_EQ(which_forbids({true, false, "1"}),
              "no permission to trace it: kernel.yama.ptrace_scope is 1, for children only; run this as root, or set "
              "that to 0");
    EXPECT_EQ(which_forbids({true, false, "2"}),
              "no permission to trace it: kernel.yama.ptrace_scope is 2, for root only; run this as root, or set that "
              "to 0");
}

TEST(which_forbids, is_yama_for_everybody_at_its_strictest) {
    for (const bool is_own : {true, false})
        for (const bool is_root : {true, false})
            EXPECT_EQ(which_forbids({is_own, is_root, "3"}),
                      "no permission to trace it: kernel.yama.ptrace_scope is 3, which forbids it to everybody until "
                      "the next boot");
}

TEST(which_forbids, is_the_user_where_yama_allows_it) {
    for (const char* scope : {"", "0"}) {
        EXPECT_EQ(which_forbids({true, false, scope}),
                  "no permission to trace it: its program may not be read, or it gave up being traced; run this as "
                  "root");
        EXPECT_EQ(which_forbids({false, false, scope}),
                  "no permission to trace it: it belongs to another user; run this as that user or as root");
        EXPECT_EQ(which_forbids({true, true, scope}),
                  "no permission to trace it: this system forbids it even to root, as containers do");
    }
}

TEST(which_forbids, is_not_yama_for_root_or_for_anothers_process) {
    for (const char* scope : {"1", "2"}) {
        EXPECT_EQ(which_forbids({true, true, scope}).find("yama"), std::string::npos);
        EXPECT_EQ(which_forbids({false, false, scope}).find("yama"), std::string::npos);
    }
}

}  // namespace
}  // namespace interlock::snapshot
