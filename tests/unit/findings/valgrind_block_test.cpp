// Valgrind's blocks, applied to our findings.
#include <gtest/gtest.h>

#include "analysis/findings/suppressions.hpp"

namespace interlock::findings {
namespace {

report_data a_finding(kind what) {
    finding made;
    made.kind = what;
    edge side;
    side.held_stack = {{"main", "main.cpp", 9, "/bin/app", 32, false}};
    side.wanted_stack = {{"legacy::cache::put(int)", "src/cache.cpp", 3, "/usr/lib/libold.so.2", 16, false},
                         {"serve(request const&)", "src/serve.cpp", 40, "/bin/app", 64, false},
                         {"main", "main.cpp", 12, "/bin/app", 48, false}};
    made.edges = {side};
    report_data out;
    out.findings = {made};
    return out;
}

std::string block(const std::string& lines, const std::string& error = "Helgrind:LockOrder") {
    return "{\n   known\n   " + error + "\n" + lines + "}\n";
}

bool suppresses(const std::string& text, kind what = kind::lock_order_cycle) {
    suppressions all;
    const auto failed = all.add("valgrind.supp", text);
    EXPECT_FALSE(failed) << *failed;
    report_data data = a_finding(what);
    all.apply(data.findings[0]);
    return data.findings[0].suppressed;
}

TEST(valgrind_block, is_held_against_the_innermost_frames) {
    EXPECT_TRUE(suppresses(block("fun:main\n")));
    EXPECT_TRUE(suppresses(block("fun:legacy::cache::put\nfun:serve*\n")));
    EXPECT_TRUE(suppresses(block("fun:legacy::cache::put(int)\nobj:/bin/app\nfun:main\n")));
    EXPECT_FALSE(suppresses(block("fun:serve\n")));  // not the innermost
    EXPECT_FALSE(suppresses(block("fun:legacy::cache::put\nfun:main\n")));
    EXPECT_FALSE(suppresses(block("fun:legacy::cache::put\nfun:serve\nfun:main\nfun:more\n")));
}

TEST(valgrind_block, knows_gaps_objects_and_sources) {
    EXPECT_TRUE(suppresses(block("...\nfun:serve\n")));
    EXPECT_TRUE(suppresses(block("fun:legacy::*\n...\nfun:main\n")));
    EXPECT_TRUE(suppresses(block("obj:*/libold.so*\n")));
    EXPECT_TRUE(suppresses(block("src:cache.cpp:3\n")));
    EXPECT_TRUE(suppresses(block("src:cache.cpp\n")));
    EXPECT_FALSE(suppresses(block("src:cache.cpp:4\n")));
    EXPECT_FALSE(suppresses(block("obj:*/libnew.so*\n")));
    EXPECT_FALSE(suppresses(block("...\nfun:nowhere\n")));
}

TEST(valgrind_block, reads_mangled_names) {
    EXPECT_TRUE(suppresses(block("fun:_ZN6legacy5cache3putEi\n")));
    EXPECT_TRUE(suppresses(block("fun:_ZN6legacy5cache3putEi\nfun:_Z5serveRK7request\n")));
    EXPECT_TRUE(suppresses(block("fun:_ZN6legacy5cache*\n")));
    EXPECT_TRUE(suppresses(block("fun:_ZN6legacy5cache3p*\n")));
    EXPECT_FALSE(suppresses(block("fun:_ZN6legacy5cache3putEl\n")));
    EXPECT_FALSE(suppresses(block("fun:_ZN6modern5cache*\n")));
}

TEST(valgrind_block, begins_at_the_users_frame_as_findings_do) {
    EXPECT_TRUE(suppresses(block(
        "obj:/usr/libexec/valgrind/vgpreload_helgrind-amd64-linux.so\nfun:mutex_lock_WRK\nfun:pthread_mutex_lock\n"
        "fun:_ZL20__gthread_mutex_lockP15pthread_mutex_t\nfun:_ZNSt5mutex4lockEv\n"
        "fun:_ZNSt10lock_guardISt5mutexEC1ERS0_\nfun:_ZN6legacy5cache3putEi\nfun:_Z5serveRK7request\n"
        "fun:main\nfun:mythread_wrapper\nfun:start_thread\nfun:clone\n")));
}

TEST(valgrind_block, is_about_the_errors_it_names) {
    EXPECT_FALSE(suppresses(block("fun:main\n", "Helgrind:Race")));
    EXPECT_TRUE(suppresses(block("fun:main\n", "Helgrind:Race"), kind::data_race));
    EXPECT_TRUE(suppresses(block("fun:main\n", "drd:ConflictingAccess"), kind::data_race));
    EXPECT_TRUE(suppresses(block("fun:main\n", "Helgrind,drd:Race"), kind::data_race));
    EXPECT_TRUE(suppresses(block("fun:main\n", "drd:MutexErr"), kind::unlock_not_held));
    EXPECT_FALSE(suppresses(block("fun:main\n", "drd:MutexErr")));
    EXPECT_FALSE(suppresses(block("match-leak-kinds: definite\nfun:main\n", "Memcheck:Leak")));
}

TEST(valgrind_block, may_stand_beside_other_entries_and_has_a_reason) {
    suppressions all("2026-06-01");
    ASSERT_FALSE(all.add(
        "v",
        "deadlock:nothing\n# reason: old\n# expires: 2026-06-01\n{\n a\n Helgrind:LockOrder\n # inside\n fun:main\n}\n"
        "# expires: 2026-05-31\n{\n b\n Helgrind:LockOrder\n fun:main\n}\n"));
    report_data data = a_finding(kind::lock_order_cycle);
    all.apply(data.findings[0]);
    EXPECT_EQ(data.findings[0].suppressed_by, "v:4: a (old)");
    EXPECT_EQ(all.unused(), std::vector<std::string>{"v:1: deadlock:nothing"});
    EXPECT_EQ(all.expired(), std::vector<std::string>{"v:11: b (expired 2026-05-31)"});
}

TEST(valgrind_block, of_libraries_alone_hides_nothing_and_is_told) {
    suppressions all;
    ASSERT_FALSE(
        all.add("v", "{\n libc's own\n Helgrind:LockOrder\n fun:pthread_mutex_lock\n ...\n obj:*/libc-2.*so*\n}\n"));
    report_data data = a_finding(kind::lock_order_cycle);
    all.apply(data.findings[0]);
    EXPECT_FALSE(data.findings[0].suppressed);
    EXPECT_EQ(all.unused(), std::vector<std::string>{"v:1: libc's own"});
}

TEST(valgrind_block, knows_a_lambda_however_it_is_written) {
    const auto hides = [](const std::string& pattern, const std::string& function) {
        suppressions all;
        EXPECT_FALSE(all.add("v", block("fun:_ZL5plainPKcm\nfun:" + pattern + "\n")));
        report_data data = a_finding(kind::lock_order_cycle);
        data.findings[0].edges[0].wanted_stack = {
            {"plain(char const*, unsigned long)", "a.cpp", 3, "/bin/app", 16, false},
            {function, "a.cpp", 9, "/bin/app", 32, false}};
        all.apply(data.findings[0]);
        return data.findings[0].suppressed;
    };
    // Helgrind prints the symbol; GCC's debug information has no name for the lambda's class, Clang's has another.
    for (const char* function : {"main::{lambda}::operator()", "main::{lambda()#3}::operator()() const",
                                 "main::$_2::operator()() const", "main::'lambda1'()::operator()() const"})
        EXPECT_TRUE(hides("_ZZ4mainENKUlvE1_clEv", function)) << function;
    EXPECT_FALSE(hides("_ZZ4mainENKUlvE1_clEv", "run::{lambda}::operator()"));
    EXPECT_FALSE(hides("_Z3addi", "add(long)")) << "which function of one name it is still counts";
}

TEST(valgrind_block, is_refused_with_its_place) {
    for (const auto& [text, told] :
         {std::pair("\n{\n a\n Helgrind:LockOrder\n fun:main\n", "f:2: this block is not closed by a line }"),
          std::pair("{\n}\n", "f:1: a block needs a name and a line tool:error"),
          std::pair("{\n a\n LockOrder\n}\n", "f:3: not of the form tool:error"),
          std::pair("{\n a\n Helgrind:LockOrder\n main\n}\n", "f:4: not a frame (known: fun:, obj:, src:, ...)")}) {
        suppressions all;
        EXPECT_EQ(all.add("f", text).value_or(""), told);
    }
}

}  // namespace
}  // namespace interlock::findings
