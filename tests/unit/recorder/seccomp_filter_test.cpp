// Small filters, each with the action that it returns; and what filters of the usual shapes do to the recorder.
#include "instrument/recorder/seccomp_filter.hpp"

#include <gtest/gtest.h>
#include <linux/audit.h>
#include <sys/syscall.h>

#include <cstddef>
#include <vector>

namespace {

using interlock::recorder::run_filter;
using interlock::recorder::stops_recorder;
using code = std::vector<sock_filter>;

sock_fprog program_of(code& instructions) {
    return {static_cast<unsigned short>(instructions.size()), instructions.data()};
}

std::uint32_t run(code instructions, int number = 7) {
    seccomp_data call{};
    call.nr = number;
    call.arch = AUDIT_ARCH_X86_64;
    call.args[1] = 0x1122'3344'5566'7788;
    return run_filter(program_of(instructions), call);
}

sock_filter load(std::uint32_t offset) { return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset); }
sock_filter load_number() { return load(offsetof(seccomp_data, nr)); }
sock_filter accumulator(std::uint32_t value) { return BPF_STMT(BPF_LD | BPF_IMM, value); }
sock_filter index_register(std::uint32_t value) { return BPF_STMT(BPF_LDX | BPF_IMM, value); }
sock_filter compute(unsigned operation, std::uint32_t value) {
    return BPF_STMT(static_cast<unsigned short>(BPF_ALU | operation), value);
}
sock_filter end_with(std::uint32_t action) { return BPF_STMT(BPF_RET | BPF_K, action); }
sock_filter end_with_accumulator() { return BPF_STMT(BPF_RET | BPF_A, 0); }

TEST(seccomp_filter, loads_the_words_of_the_call) {
    EXPECT_EQ(run({load_number(), end_with_accumulator()}), 7u);
    EXPECT_EQ(run({load(offsetof(seccomp_data, arch)), end_with_accumulator()}), std::uint32_t{AUDIT_ARCH_X86_64});
    EXPECT_EQ(run({load(offsetof(seccomp_data, args) + 8), end_with_accumulator()}), 0x5566'7788u);
    EXPECT_EQ(run({load(offsetof(seccomp_data, args) + 12), end_with_accumulator()}), 0x1122'3344u);
    EXPECT_EQ(run({BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), end_with_accumulator()}), sizeof(seccomp_data));
}

TEST(seccomp_filter, computes_with_constants_and_with_the_index) {
    const struct {
        unsigned operation;
        std::uint32_t expected;
    } cases[] = {{BPF_ADD, 43}, {BPF_SUB, 37}, {BPF_MUL, 120}, {BPF_DIV, 13}, {BPF_AND, 0},
                 {BPF_OR, 43},  {BPF_XOR, 43}, {BPF_LSH, 320}, {BPF_RSH, 5},  {BPF_NEG, 0u - 40}};
    for (const auto& each : cases) {
        EXPECT_EQ(run({accumulator(40), compute(each.operation | BPF_K, 3), end_with_accumulator()}), each.expected);
        EXPECT_EQ(run({accumulator(40), index_register(3), compute(each.operation | BPF_X, 0), end_with_accumulator()}),
                  each.expected);
    }
}

TEST(seccomp_filter, keeps_and_moves_values) {
    EXPECT_EQ(run({accumulator(9), BPF_STMT(BPF_ST, 3), accumulator(1), BPF_STMT(BPF_LD | BPF_MEM, 3),
                   end_with_accumulator()}),
              9u);
    EXPECT_EQ(run({index_register(8), BPF_STMT(BPF_STX, 15), BPF_STMT(BPF_LD | BPF_MEM, 15), end_with_accumulator()}),
              8u);
    EXPECT_EQ(run({accumulator(5), BPF_STMT(BPF_MISC | BPF_TAX, 0), accumulator(1), BPF_STMT(BPF_MISC | BPF_TXA, 0),
                   end_with_accumulator()}),
              5u);
}

TEST(seccomp_filter, jumps_where_the_condition_says) {
    const struct {
        unsigned operation;
        std::uint32_t value;
        bool taken;
    } cases[] = {{BPF_JEQ, 7, true}, {BPF_JEQ, 8, false}, {BPF_JGT, 6, true},  {BPF_JGT, 7, false},
                 {BPF_JGE, 7, true}, {BPF_JGE, 8, false}, {BPF_JSET, 4, true}, {BPF_JSET, 8, false}};
    for (const auto& each : cases) {
        const auto jump = static_cast<unsigned short>(BPF_JMP | each.operation);
        EXPECT_EQ(run({load_number(), BPF_JUMP(jump | BPF_K, each.value, 1, 0), end_with(1), end_with(2)}),
                  each.taken ? 2u : 1u);
        EXPECT_EQ(
            run({load_number(), index_register(each.value), BPF_JUMP(jump | BPF_X, 0, 1, 0), end_with(1), end_with(2)}),
            each.taken ? 2u : 1u);
    }
    EXPECT_EQ(run({BPF_STMT(BPF_JMP | BPF_JA, 1), end_with(1), end_with(2)}), 2u);
}

/// `action` for one system call, `otherwise` for the rest.
bool stops(int number, std::uint32_t action, std::uint32_t otherwise) {
    code made{load_number(), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 0, 1),
              end_with(action), end_with(otherwise)};
    return stops_recorder(program_of(made));
}

TEST(seccomp_filter, what_ends_or_traps_a_call_of_ours_stops_the_recorder) {
    EXPECT_TRUE(stops(SYS_madvise, SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_ALLOW));
    EXPECT_TRUE(stops(SYS_rt_sigprocmask, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_ALLOW));
    EXPECT_TRUE(stops(SYS_mmap, SECCOMP_RET_TRAP, SECCOMP_RET_ALLOW));
    EXPECT_TRUE(stops(SYS_write, SECCOMP_RET_ALLOW, SECCOMP_RET_KILL_PROCESS));
}

TEST(seccomp_filter, what_refuses_with_an_error_or_ends_calls_that_are_not_ours_does_not) {
    EXPECT_FALSE(stops(SYS_ptrace, SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_ALLOW));
    EXPECT_FALSE(stops(SYS_execve, SECCOMP_RET_TRAP, SECCOMP_RET_LOG));
    EXPECT_FALSE(stops(SYS_write, SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | 1));
}

}  // namespace
