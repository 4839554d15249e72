// What of OpenMP is not understood: tasks, ordered iterations, copies out of a single, and LLVM's runtime but for its locks. The first call of
// each is told as a blind spot, by name, and every call is handed on by a jump, with all that its caller passed.
#include <dlfcn.h>

#include "instrument/preload/openmp.hpp"
#include "instrument/recorder/findings.hpp"
#include "instrument/recorder/interning.hpp"

/// `UNSEEN(name, is_task)`: one line makes a row of the table and its entry.
#define INTERLOCK_OPENMP_UNSEEN(UNSEEN)             \
    UNSEEN(GOMP_task, true)                         \
    UNSEEN(GOMP_taskloop, true)                     \
    UNSEEN(GOMP_taskloop_ull, true)                 \
    UNSEEN(GOMP_parallel_reductions, false)         \
    UNSEEN(GOMP_single_copy_start, false)           \
    UNSEEN(GOMP_ordered_start, false)               \
    UNSEEN(GOMP_doacross_wait, false)               \
    UNSEEN(GOMP_doacross_ull_wait, false)           \
    UNSEEN(GOMP_parallel_start, false)              \
    UNSEEN(GOMP_parallel_loop_static_start, false)  \
    UNSEEN(GOMP_parallel_loop_dynamic_start, false) \
    UNSEEN(GOMP_parallel_loop_guided_start, false)  \
    UNSEEN(GOMP_parallel_loop_runtime_start, false) \
    UNSEEN(GOMP_parallel_sections_start, false)     \
    UNSEEN(GOMP_teams_reg, false)                   \
    UNSEEN(GOMP_target_ext, false)                  \
    UNSEEN(__kmpc_fork_call, true)                  \
    UNSEEN(__kmpc_fork_teams, true)

namespace interlock::preload {
namespace {

struct unseen_function {
    const char* name;
    bool is_task;
    std::atomic<bool> told;
    std::atomic<void*> next;  // where every caller's library is bound to the same
};

constinit unseen_function unseen[] = {
#define INTERLOCK_ROW(name, is_task) {#name, is_task, false, nullptr},
    INTERLOCK_OPENMP_UNSEEN(INTERLOCK_ROW)
#undef INTERLOCK_ROW
};

}  // namespace

extern "C" {
/// Returns where to go on. `caller`: the address that the function returns to.
__attribute__((visibility("hidden"), used)) void* interlock_openmp_unseen(unsigned index, std::uintptr_t caller) {
    unseen_function& what = unseen[index];
    const call_point inside = here();
    const call_point from{caller, inside.stack_pointer, 0};
    if (what.is_task) openmp_has_tasks.store(true, std::memory_order_relaxed);
    if (!what.told.exchange(true, std::memory_order_relaxed))
        note(from, [&](agent& self) {
            recorder::note_unseen_order();
            const format::string_id text = recorder::define_string(self, what.name, __builtin_strlen(what.name));
            recorder::write(self, format::event_kind::blind_spot, static_cast<std::uint8_t>(format::blind_spot::openmp),
                            recorder::find_site(self, from).id, format::number(text), 0);
        });
    if (void* known = what.next.load(std::memory_order_relaxed)) return known;
    void* const next = dlsym(RTLD_NEXT, what.name);
    if (next == nullptr) return openmp_function(caller, what.name);
    what.next.store(next, std::memory_order_relaxed);
    return next;
}
}

// The registers of a call with up to six arguments, and the number of vector registers of a variadic one; the rest lies on the stack and stays.
asm(R"(
    .pushsection .text.openmp, "ax", @progbits
    .set interlock_unseen_index, 0
    .macro interlock_unseen name
    .globl \name
    .type \name, @function
\name:
    .cfi_startproc
    pushq %rdi
    .cfi_adjust_cfa_offset 8
    pushq %rsi
    .cfi_adjust_cfa_offset 8
    pushq %rdx
    .cfi_adjust_cfa_offset 8
    pushq %rcx
    .cfi_adjust_cfa_offset 8
    pushq %r8
    .cfi_adjust_cfa_offset 8
    pushq %r9
    .cfi_adjust_cfa_offset 8
    pushq %rax
    .cfi_adjust_cfa_offset 8
    movl $interlock_unseen_index, %edi
    movq 56(%rsp), %rsi
    call interlock_openmp_unseen
    movq %rax, %r11
    popq %rax
    .cfi_adjust_cfa_offset -8
    popq %r9
    .cfi_adjust_cfa_offset -8
    popq %r8
    .cfi_adjust_cfa_offset -8
    popq %rcx
    .cfi_adjust_cfa_offset -8
    popq %rdx
    .cfi_adjust_cfa_offset -8
    popq %rsi
    .cfi_adjust_cfa_offset -8
    popq %rdi
    .cfi_adjust_cfa_offset -8
    jmpq *%r11
    .cfi_endproc
    .size \name, . - \name
    .set interlock_unseen_index, interlock_unseen_index + 1
    .endm
)"
#define INTERLOCK_ENTRY(name, is_task) "    interlock_unseen " #name "\n"
    INTERLOCK_OPENMP_UNSEEN(INTERLOCK_ENTRY)
#undef INTERLOCK_ENTRY
        "    .popsection\n");

}  // namespace interlock::preload
