// Stacks cut down to what the user wrote.
#include "analysis/findings/user_frames.hpp"

#include <gtest/gtest.h>

namespace interlock::findings {
namespace {

frame of(std::string function, std::string module = "/usr/bin/bank", std::string file = "bank.cpp") {
    return {std::move(function), std::move(file), 1, std::move(module), 64, false};
}

std::string functions(const stack& frames) {
    std::string out;
    for (const frame& one : frames) out += one.function + ' ';
    return out;
}

TEST(user_frames, drop_the_lock_wrappers_on_top_and_the_thread_start_below) {
    const stack whole = {
        of("pthread_mutex_lock", "/usr/lib/libinterlock.so.0"),
        of("__gthread_mutex_lock(pthread_mutex_t*)"),
        of("std::mutex::lock()"),
        of("std::lock_guard<std::mutex>::lock_guard(std::mutex&)"),
        of("transfer(account&, account&)"),
        of("main::{lambda()#1}::operator()() const"),
        of("void std::__invoke_impl<void, main::{lambda()#1}>(std::__invoke_other, main::{lambda()#1}&&)"),
        of("std::thread::_State_impl<int>::_M_run()"),
        of("execute_native_thread_routine", "/usr/lib/libstdc++.so.6"),
        of("start_thread", "/usr/lib/libc.so.6"),
        of("clone3", "/usr/lib/libc.so.6")};
    EXPECT_EQ(functions(user_frames(whole)), "transfer(account&, account&) main::{lambda()#1}::operator()() const ");
}

TEST(user_frames, keep_library_frames_between_the_users) {
    const stack whole = {of("std::mutex::lock()"), of("visit(int)"), of("void std::for_each<int*>(int*)"), of("main"),
                         of("_start")};
    EXPECT_EQ(functions(user_frames(whole)), "visit(int) void std::for_each<int*>(int*) main ");
}

TEST(user_frames, know_a_library_template_by_its_file) {
    const stack whole = {of("lock_all", "/usr/bin/bank", "/usr/include/c++/12/mutex"), of("user")};
    EXPECT_EQ(functions(user_frames(whole)), "user ");
}

TEST(user_frames, drop_our_own_primitives) {
    const stack whole = {
        of("interlock::recorded::detail::lock_record::acquire<f()::{lambda()#1}>(unsigned char, f()::{lambda()#1})"),
        of("interlock::recorded::mutex::lock()"), of("std::scoped_lock<interlock::recorded::mutex>::scoped_lock()"),
        of("transfer(account&, account&)")};
    EXPECT_EQ(functions(user_frames(whole)), "transfer(account&, account&) ");
}

TEST(user_frames, never_drop_everything) {
    const stack whole = {of("pthread_mutex_lock", "/usr/lib/libinterlock.so"), of("flockfile", "/usr/lib/libc.so.6"),
                         of("clone3", "/usr/lib/libc.so.6")};
    EXPECT_EQ(functions(user_frames(whole)), "flockfile clone3 ");
    const stack recorder = {of("pthread_mutex_lock", "/usr/lib/libinterlock.so")};
    EXPECT_EQ(user_frames(recorder).size(), 1U);
    EXPECT_TRUE(user_frames({}).empty());
}

TEST(user_frames, do_not_take_a_users_library_for_the_systems) {
    for (const char* module :
         {"/opt/app/libcache.so", "/opt/app/libcrypto.so.3", "/opt/app/libmath.so", "/usr/bin/program"})
        EXPECT_FALSE(is_library_frame(of("f", module))) << module;
}

}  // namespace
}  // namespace interlock::findings
