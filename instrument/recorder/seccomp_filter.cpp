#include "instrument/recorder/seccomp_filter.hpp"

#include <fcntl.h>
#include <linux/audit.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <csignal>
#include <cstring>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

namespace interlock::recorder {
namespace {

struct machine {
    std::uint32_t accumulator = 0;
    std::uint32_t index = 0;
    std::uint32_t memory[BPF_MEMWORDS] = {};
};

std::uint32_t word_of(const seccomp_data& call, std::uint32_t offset) noexcept {
    std::uint32_t word = 0;
    if (offset <= sizeof call - sizeof word)
        std::memcpy(&word, reinterpret_cast<const char*>(&call) + offset, sizeof word);
    return word;
}

std::uint32_t computed(std::uint32_t operation, std::uint32_t a, std::uint32_t b) noexcept {
    switch (operation) {
        case BPF_ADD: return a + b;
        case BPF_SUB: return a - b;
        case BPF_MUL: return a * b;
        case BPF_DIV: return b == 0 ? 0 : a / b;
        case BPF_AND: return a & b;
        case BPF_OR: return a | b;
        case BPF_XOR: return a ^ b;
        case BPF_LSH: return a << (b & 31);
        case BPF_RSH: return a >> (b & 31);
        case BPF_NEG: return 0 - a;
        default: return a;
    }
}

bool jumps(std::uint32_t operation, std::uint32_t a, std::uint32_t b) noexcept {
    switch (operation) {
        case BPF_JEQ: return a == b;
        case BPF_JGT: return a > b;
        case BPF_JGE: return a >= b;
        case BPF_JSET: return (a & b) != 0;
        default: return false;
    }
}

/// What a load instruction loads.
std::uint32_t loaded(const sock_filter& at, const machine& state, const seccomp_data& call) noexcept {
    switch (BPF_MODE(at.code)) {
        case BPF_IMM: return at.k;
        case BPF_MEM: return at.k < BPF_MEMWORDS ? state.memory[at.k] : 0;
        case BPF_LEN: return sizeof call;
        default: return word_of(call, at.k);
    }
}

/// Any instruction that neither jumps nor returns.
void step(const sock_filter& at, machine& state, const seccomp_data& call) noexcept {
    switch (BPF_CLASS(at.code)) {
        case BPF_LD: state.accumulator = loaded(at, state, call); break;
        case BPF_LDX: state.index = loaded(at, state, call); break;
        case BPF_ST:
            if (at.k < BPF_MEMWORDS) state.memory[at.k] = state.accumulator;
            break;
        case BPF_STX:
            if (at.k < BPF_MEMWORDS) state.memory[at.k] = state.index;
            break;
        case BPF_ALU:
            state.accumulator =
                computed(BPF_OP(at.code), state.accumulator, BPF_SRC(at.code) == BPF_X ? state.index : at.k);
            break;
        default:  // BPF_MISC
            if (BPF_MISCOP(at.code) == BPF_TXA)
                state.accumulator = state.index;
            else
                state.index = state.accumulator;
            break;
    }
}

seccomp_data call_of(int number, std::uint64_t first = 0, std::uint64_t second = 0, std::uint64_t third = 0,
                     std::uint64_t fourth = 0) noexcept {
    seccomp_data made{};
    made.nr = number;
    made.arch = AUDIT_ARCH_X86_64;
    made.args[0] = first;
    made.args[1] = second;
    made.args[2] = third;
    made.args[3] = fourth;
    return made;
}

bool is_survived(std::uint32_t action) noexcept {
    switch (action & SECCOMP_RET_ACTION_FULL) {
        case SECCOMP_RET_ALLOW:
        case SECCOMP_RET_LOG:
        case SECCOMP_RET_ERRNO: return true;
        default: return false;
    }
}

}  // namespace

std::uint32_t run_filter(const sock_fprog& filter, const seccomp_data& call) noexcept {
    machine state;
    for (std::uint32_t place = 0; place < filter.len; ++place) {
        const sock_filter& at = filter.filter[place];
        if (BPF_CLASS(at.code) == BPF_RET) return BPF_RVAL(at.code) == BPF_A ? state.accumulator : at.k;
        if (BPF_CLASS(at.code) != BPF_JMP) {
            step(at, state, call);
        } else if (BPF_OP(at.code) == BPF_JA) {
            place += at.k;
        } else {
            const std::uint32_t other = BPF_SRC(at.code) == BPF_X ? state.index : at.k;
            place += jumps(BPF_OP(at.code), state.accumulator, other) ? at.jt : at.jf;
        }
    }
    return SECCOMP_RET_KILL_THREAD;
}

bool stops_recorder(const sock_fprog& filter) noexcept {
    constexpr std::uint64_t page = 4096;
    constexpr std::uint64_t somewhere = std::uint64_t{1} << 32;
    constexpr std::uint64_t readable = PROT_READ | PROT_WRITE;
    const seccomp_data needed[] = {
        call_of(SYS_madvise, somewhere, page, MADV_POPULATE_WRITE),
        call_of(SYS_mmap, 0, page, readable, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE),
        call_of(SYS_munmap, somewhere, page),
        call_of(SYS_mprotect, somewhere, page, readable),
        call_of(SYS_rt_sigprocmask, SIG_SETMASK, somewhere, somewhere, 8),
        call_of(SYS_newfstatat, static_cast<std::uint64_t>(AT_FDCWD), somewhere, somewhere),
        call_of(SYS_openat, static_cast<std::uint64_t>(AT_FDCWD), somewhere, O_RDONLY | O_CLOEXEC),
        call_of(SYS_read, 3, somewhere, page),
        call_of(SYS_close, 3),
        call_of(SYS_sched_yield),
        call_of(SYS_gettid),
    };
    for (const seccomp_data& call : needed)
        if (!is_survived(run_filter(filter, call))) return true;
    return false;
}

}  // namespace interlock::recorder
