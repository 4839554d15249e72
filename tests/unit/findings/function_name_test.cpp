// Names of functions without what changes around them.
#include "analysis/findings/function_name.hpp"

#include <gtest/gtest.h>

namespace interlock::findings {
namespace {

TEST(function_name, drops_parameters_return_types_and_template_arguments) {
    EXPECT_EQ(plain_function("transfer(account&, account&, long)"), "transfer");
    EXPECT_EQ(plain_function("void ns::f<int, std::vector<long> >(std::vector<long>)"), "ns::f");
    EXPECT_EQ(plain_function("std::vector<int>::push_back(int&&)"), "std::vector::push_back");
    EXPECT_EQ(plain_function("bank::lock() const &"), "bank::lock");
    EXPECT_EQ(plain_function("main"), "main");
    EXPECT_EQ(plain_function("int* a::b<3>()"), "a::b");
}

TEST(function_name, drops_abi_tags_clone_suffixes_and_anonymous_namespaces) {
    EXPECT_EQ(plain_function("name[abi:cxx11](int)"), "name");
    EXPECT_EQ(plain_function("work(int) [clone .part.0]"), "work");
    EXPECT_EQ(plain_function("work.part.0"), "work");
    EXPECT_EQ(plain_function("work.cold"), "work");
    EXPECT_EQ(plain_function("work.isra.0.constprop.1"), "work");
    EXPECT_EQ(plain_function("(anonymous namespace)::transfer((anonymous namespace)::account&)"), "transfer");
}

TEST(function_name, keeps_operators) {
    EXPECT_EQ(plain_function("a::operator<(a const&)"), "a::operator<");
    EXPECT_EQ(plain_function("a::operator()(int)"), "a::operator()");
    EXPECT_EQ(plain_function("box<int>::operator->() const"), "box::operator->");
    EXPECT_EQ(plain_function("operator<<(std::ostream&, a const&)"), "operator<<");
    EXPECT_EQ(plain_function("a::operator bool() const"), "a::operator bool");
    EXPECT_EQ(plain_function("operator new(unsigned long)"), "operator new");
}

TEST(function_name, tells_a_lambda_and_maps_it_to_its_function) {
    EXPECT_EQ(plain_function("main::{lambda()#1}::operator()() const"), "main::{lambda}");
    EXPECT_EQ(enclosing_function("main::{lambda()#1}::operator()() const"), "main");
    EXPECT_EQ(enclosing_function("serve(int)::{lambda(auto:1)#2}::operator()<long>(long) const"), "serve");
    EXPECT_EQ(enclosing_function("main::$_0::operator()() const"), "main");
    EXPECT_EQ(enclosing_function("main::<lambda()>::operator()"), "main");
    EXPECT_EQ(enclosing_function("void std::__invoke_impl<void, main::{lambda()#1}>(std::__invoke_other)"),
              "std::__invoke_impl");
}

TEST(function_name, knows_the_implementation) {
    EXPECT_TRUE(is_implementation_function("std::mutex::lock()"));
    EXPECT_TRUE(
        is_implementation_function("void std::__invoke_impl<void, void (*)()>(std::__invoke_other, void (*&&)())"));
    EXPECT_TRUE(is_implementation_function("__gthread_mutex_lock(pthread_mutex_t*)"));
    EXPECT_FALSE(is_implementation_function("user::lock(std::mutex&)"));
    EXPECT_FALSE(is_implementation_function("standard::lock()"));
    EXPECT_FALSE(is_implementation_function("std_like::lock()"));
}

TEST(function_name, survives_any_bytes) {
    for (const char* odd : {"(", "<", ">", ")", "((((", "a<b", "operator", "operator ", "{lambda", "$_", "'lambda",
                            "[[", "", " ", "::", "a.", ".a", "->", "<lambda"}) {
        const std::string plain = plain_function(odd);
        EXPECT_EQ(plain.empty(), std::string_view(odd).empty()) << odd;
    }
}

}  // namespace
}  // namespace interlock::findings
