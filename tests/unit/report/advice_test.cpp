// Each type of lock gets advice that can be followed with it.
#include "analysis/report/advice.hpp"

#include <gtest/gtest.h>

namespace interlock::report {
namespace {

using findings::lock_mode;

findings::edge side(std::uint64_t held, std::uint64_t wanted, const std::string& file, const std::string& function) {
    findings::edge made;
    made.thread = held;
    made.held = held;
    made.wanted = wanted;
    made.held_stack = made.wanted_stack = {{function, file, 3, "/bin/app", 16, false}};
    return made;
}

findings::finding crossed(const std::string& first, const std::string& second, const std::string& file = "/src/a.cpp",
                          const std::string& other_function = "there()") {
    findings::finding made;
    for (const auto& [id, type] : {std::pair(1U, first), std::pair(2U, second)}) {
        findings::lock one;
        one.id = id;
        one.name = id == 1 ? "a" : "b";
        one.type = type;
        made.locks.push_back(one);
    }
    made.edges = {side(1, 2, file, "here()"), side(2, 1, file, other_function)};
    return made;
}

TEST(advice, of_mutexes_in_cpp_is_scoped_lock) {
    for (const char* type : {"mutex", "recursive-mutex", "timed-mutex", "shared-mutex", "user-lock"}) {
        EXPECT_EQ(default_advice(crossed("mutex", type)),
                  "keep one order everywhere (a, b), or acquire them together with std::scoped_lock.");
        EXPECT_EQ(default_advice(crossed("mutex", type, "/src/a.cpp", "here()")),
                  "acquire them together with std::scoped_lock, or always the lower address first.");
    }
}

TEST(advice, of_elements_of_one_array_is_their_index) {
    const auto told = [](const std::string& first, const std::string& second, const std::string& file) {
        findings::finding made = crossed("mutex", "mutex", file);
        made.locks[0].name = first;
        made.locks[1].name = second;
        return default_advice(made);
    };
    EXPECT_EQ(
        told("forks[4]", "forks[3]", "/src/a.cpp"),
        "acquire the element of forks with the lower index first, everywhere, or all together with std::scoped_lock.");
    EXPECT_EQ(told("t.row[0].m", "t.row[12].m", "/src/a.c"),
              "acquire the element of t.row with the lower index first, everywhere.");
    // Of two arrays, of two members of the elements, and of what is no element at all.
    EXPECT_EQ(told("forks[3]", "knives[4]", "/src/a.c"), "keep one order everywhere (forks[3], knives[4]).");
    EXPECT_EQ(told("a[3].m", "a[4].n", "/src/a.c"), "keep one order everywhere (a[3].m, a[4].n).");
    EXPECT_EQ(told("forks[3]", "table", "/src/a.c"), "keep one order everywhere (forks[3], table).");
    EXPECT_EQ(told("by[name]", "by[other]", "/src/a.c"), "keep one order everywhere (by[name], by[other]).");
}

TEST(advice, of_a_c_program_is_an_order) {
    EXPECT_EQ(default_advice(crossed("mutex", "spinlock", "/src/a.c")), "keep one order everywhere (a, b).");
    EXPECT_EQ(default_advice(crossed("mutex", "mutex", "/src/a.c", "here()")),
              "acquire the one at the lower address first, everywhere.");
}

TEST(advice, of_semaphores_is_an_order_in_every_language) {
    for (const char* file : {"/src/a.cpp", "/src/a.c", ""})
        for (const char* function : {"here()", "there()"}) {
            EXPECT_EQ(default_advice(crossed("semaphore", "semaphore", file, function)),
                      "keep one order everywhere (a, b).");
            EXPECT_EQ(default_advice(crossed("mutex", "semaphore", file, function)),
                      "keep one order everywhere (a, b).");
        }
}

TEST(advice, of_an_upgrade_is_to_ask_exclusively_or_to_release) {
    findings::finding both = crossed("shared-mutex", "shared-mutex");
    both.locks.pop_back();
    both.edges = {side(1, 1, "/src/a.cpp", "here()"), side(1, 1, "/src/a.cpp", "here()")};
    for (findings::edge& one : both.edges) one.held_mode = lock_mode::shared;
    const std::string told = default_advice(both);
    EXPECT_TRUE(told.starts_with("ask for a exclusively from the start, or release the shared hold")) << told;
    EXPECT_EQ(told.find("scoped_lock"), std::string::npos);
}

TEST(advice, of_initialisers_is_to_keep_them_apart) {
    for (const char* type : {"once", "static-guard"}) {
        EXPECT_EQ(default_advice(crossed(type, type)),
                  "let no initialiser (a, b) use what another of them initialises; make what both need before either.");
        EXPECT_EQ(
            default_advice(crossed("mutex", type)),
            "do not initialise (b) while a is held: initialise before, or do without the lock in the initialiser.");
    }
}

TEST(advice, of_shared_requests_leaves_scoped_lock_out) {
    findings::finding mixed = crossed("shared-mutex", "shared-mutex");
    mixed.edges[0].wanted_mode = lock_mode::shared;
    EXPECT_EQ(default_advice(mixed), "keep one order everywhere (a, b).");
}

}  // namespace
}  // namespace interlock::report
