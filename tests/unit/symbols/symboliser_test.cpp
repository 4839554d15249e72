// The test looks itself up: its own functions, inlined and not, and its own variables, at addresses it knows.
#include "analysis/symbols/symboliser.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <shared_mutex>

#include <gtest/gtest.h>
#include <link.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

namespace interlock::symbols {

struct account {
    long balance = 0;
    std::mutex m;
    struct {
        int flags = 0;
        std::shared_mutex inner;
    } part;
};

struct savings : account {
    std::mutex rate_lock;
};

std::array<account, 3> accounts;
account plain_accounts[2][3];
savings one_savings;
std::mutex global_lock;
std::pair<int, std::mutex> pair_of_both;
extern "C" {
pthread_mutex_t c_lock = PTHREAD_MUTEX_INITIALIZER;
}

namespace {

std::mutex hidden_lock;

std::uint64_t load_bias() {
    std::uint64_t bias = 0;
    dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* out) {
            *static_cast<std::uint64_t*>(out) = info->dlpi_addr;  // the executable comes first
            return 1;
        },
        &bias);
    return bias;
}

std::string own_path() { return std::filesystem::read_symlink("/proc/self/exe"); }

__attribute__((noinline)) std::uint64_t caller_address() {
    return reinterpret_cast<std::uint64_t>(__builtin_return_address(0));
}

struct ask {
    std::uint64_t address;
    int line;
};

__attribute__((noinline)) ask outer_function(int add) {
    ask out{caller_address(), __LINE__};
    out.line += add;
    return out;
}

__attribute__((always_inline)) inline ask inlined_function(int add) {
    ask out{caller_address(), __LINE__};
    out.line += add;
    return out;
}

__attribute__((noinline)) ask with_inlined(int add) {
    ask out = inlined_function(add);
    asm volatile("" : : "g"(&out) : "memory");
    return out;
}

class symboliser_test : public testing::Test {
protected:
    symboliser all;
    module_ref self = all.module(own_path(), {});

    std::string name_of(const void* data) {
        return all.data_name(self, reinterpret_cast<std::uint64_t>(data) - load_bias());
    }
};

TEST_F(symboliser_test, gives_function_file_and_line_of_a_return_address) {
    const ask asked = outer_function(0);
    const auto& frames = all.frames({self, asked.address - load_bias(), true});
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(frames[0].function, "interlock::symbols::(anonymous namespace)::outer_function(int)");
    EXPECT_EQ(std::filesystem::path(frames[0].file).filename(), "symboliser_test.cpp");
    EXPECT_TRUE(frames[0].file.starts_with('/')) << frames[0].file;
    EXPECT_EQ(frames[0].line, static_cast<unsigned>(asked.line));
    EXPECT_EQ(frames[0].module, own_path());
    EXPECT_EQ(frames[0].offset, asked.address - load_bias());
    EXPECT_FALSE(frames[0].inlined);
}

TEST_F(symboliser_test, expands_inlined_frames_innermost_first) {
    const ask asked = with_inlined(0);
    const auto& frames = all.frames({self, asked.address - load_bias(), true});
    ASSERT_EQ(frames.size(), 2U);
    EXPECT_NE(frames[0].function.find("inlined_function"), std::string::npos);
    EXPECT_EQ(frames[0].line, static_cast<unsigned>(asked.line));
    EXPECT_TRUE(frames[0].inlined);
    EXPECT_NE(frames[1].function.find("with_inlined"), std::string::npos);
    EXPECT_EQ(std::filesystem::path(frames[1].file).filename(), "symboliser_test.cpp");
    EXPECT_GT(frames[1].line, frames[0].line);
    EXPECT_FALSE(frames[1].inlined);
}

TEST_F(symboliser_test, names_the_function_around_a_lambda) {
    const auto in_lambda = [] __attribute__((noinline)) { return caller_address() + 0; };
    const std::uint64_t address = in_lambda();
    const auto& frames = all.frames({self, address - load_bias(), true});
    ASSERT_FALSE(frames.empty());
    EXPECT_NE(frames[0].function.find("names_the_function_around_a_lambda"), std::string::npos) << frames[0].function;
    EXPECT_NE(frames[0].function.find("lambda"), std::string::npos) << frames[0].function;
}

TEST_F(symboliser_test, tells_the_lambdas_of_one_function_apart) {
    const auto one = [] __attribute__((noinline)) { return caller_address() + 0; };
    const auto other = [] __attribute__((noinline)) { return caller_address() + 1; };
    const std::string first = all.frames({self, one() - load_bias(), true}).front().function;
    const std::string second = all.frames({self, other() - 1 - load_bias(), true}).front().function;
    EXPECT_NE(first, second);
    EXPECT_NE(second.find("tells_the_lambdas_of_one_function_apart"), std::string::npos) << second;
}

TEST_F(symboliser_test, names_global_locks_down_to_the_member) {
    EXPECT_EQ(name_of(&global_lock), "interlock::symbols::global_lock");
    EXPECT_EQ(name_of(&hidden_lock), "interlock::symbols::hidden_lock");
    EXPECT_EQ(name_of(&c_lock), "c_lock");
    EXPECT_EQ(name_of(&accounts[1].m), "interlock::symbols::accounts[1].m");
    EXPECT_EQ(name_of(&accounts[2].part.inner), "interlock::symbols::accounts[2].part.inner");
    EXPECT_EQ(name_of(&plain_accounts[1][2].m), "interlock::symbols::plain_accounts[1][2].m");
    EXPECT_EQ(name_of(&one_savings.m), "interlock::symbols::one_savings.m");
    EXPECT_EQ(name_of(&one_savings.rate_lock), "interlock::symbols::one_savings.rate_lock");
    EXPECT_EQ(name_of(&pair_of_both.second), "interlock::symbols::pair_of_both.second");
}

TEST_F(symboliser_test, names_a_lock_that_is_local_to_a_function) {
    static std::mutex local_lock;
    const std::string name = name_of(&local_lock);
    EXPECT_TRUE(name.ends_with("::local_lock")) << name;
    EXPECT_NE(name.find("names_a_lock_that_is_local_to_a_function"), std::string::npos) << name;
}

TEST_F(symboliser_test, has_no_name_for_what_is_no_variable) {
    EXPECT_EQ(name_of(reinterpret_cast<const void*>(&outer_function)), "");
    EXPECT_EQ(all.data_name(self, 1), "");
    EXPECT_EQ(all.data_name(module_ref::none, 4096), "");
}

TEST_F(symboliser_test, answers_at_least_with_module_and_offset) {
    const module_ref gone = all.module("/no/such/library.so", {});
    const auto& frames = all.frames({gone, 1234, true});
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(frames[0].function, "");
    EXPECT_EQ(frames[0].module, "/no/such/library.so");
    EXPECT_EQ(frames[0].offset, 1234U);
    const auto problems = all.problems();
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems[0], "/no/such/library.so: no symbols: No such file or directory");
}

TEST_F(symboliser_test, refuses_a_file_with_another_build_id) {
    const std::array<std::uint8_t, 20> other = {1, 2, 3};
    const module_ref changed = all.module(own_path(), other);
    const ask asked = outer_function(0);
    EXPECT_EQ(all.frames({changed, asked.address - load_bias(), true})[0].function, "");
    ASSERT_EQ(all.problems().size(), 1U);
    EXPECT_NE(all.problems()[0].find("another build-id"), std::string::npos);
}

TEST_F(symboliser_test, is_not_stopped_by_a_path_that_is_no_elf_file) {
    const std::filesystem::path folder =
        std::filesystem::path(testing::TempDir()) / ("symbols" + std::to_string(getpid()));
    std::filesystem::create_directory(folder);
    const std::string pipe = folder / "pipe";
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    const std::string text = folder / "text";
    std::ofstream(text) << "not an object file";
    for (const std::string& path :
         {pipe, text, std::string("/dev/zero"), folder.string(), std::string("[vdso]"), std::string()})
        EXPECT_EQ(all.frames({all.module(path, {}), 16, false})[0].function, "") << path;
    std::filesystem::remove_all(folder);
}

TEST_F(symboliser_test, is_the_same_module_for_the_same_path_and_build_id) {
    const std::array<std::uint8_t, 2> id = {1, 2};
    EXPECT_EQ(all.module(own_path(), {}), self);
    EXPECT_NE(all.module(own_path(), id), self);
    EXPECT_EQ(all.module(own_path(), id), all.module(own_path(), id));
}

TEST_F(symboliser_test, needs_no_table_of_address_ranges) {
    // Clang writes none; without it a file must say the same.
    const std::string copy = testing::TempDir() + "symbols-without-ranges" + std::to_string(getpid());
    const std::string command = "objcopy --remove-section=.debug_aranges '" + own_path() + "' '" + copy + "'";
    ASSERT_EQ(std::system(command.c_str()), 0);
    const module_ref other = all.module(copy, {});
    for (const ask& asked : {outer_function(0), with_inlined(0)}) {
        const std::vector<frame> here = all.frames({self, asked.address - load_bias(), true});
        const std::vector<frame> there = all.frames({other, asked.address - load_bias(), true});
        ASSERT_EQ(there.size(), here.size());
        for (std::size_t i = 0; i < here.size(); ++i) {
            EXPECT_EQ(there[i].function, here[i].function);
            EXPECT_EQ(there[i].file, here[i].file);
            EXPECT_EQ(there[i].line, here[i].line);
            EXPECT_NE(there[i].line, 0u);
        }
    }
    std::filesystem::remove(copy);
}

}  // namespace
}  // namespace interlock::symbols
