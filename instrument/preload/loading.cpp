// dlopen and dlmopen, for the two ways in which a library comes to call past us: RTLD_DEEPBIND, by which it finds libc's functions
// before ours, and a namespace of its own. Both are told as blind spots, by name. The loader searches along the run path of whoever calls
// it, so the call is handed on by a jump, and all there is to note is noted before.
#include <dlfcn.h>

#include <cstring>

#include "instrument/preload/hook.hpp"
#include "instrument/preload/process.hpp"
#include "instrument/recorder/interning.hpp"

namespace interlock::preload {
namespace {

void tell(format::blind_spot what, const char* path, const call_point& from) noexcept {
    if (path == nullptr) return;
    note(from, [&](agent& self) {
        const format::string_id text = recorder::define_string(self, path, std::strlen(path));
        recorder::write(self, format::event_kind::blind_spot, static_cast<std::uint8_t>(what),
                        recorder::find_site(self, from).id, format::number(text), 0);
    });
}

/// These serve until the next library's are known: a constructor that opens a library before ours has run.
void* early_dlopen(const char* path, int mode) { return real().dlopen(path, mode); }
void* early_dlmopen(Lmid_t space, const char* path, int mode) { return real().dlmopen(space, path, mode); }

}  // namespace

using dlopen_function = void* (*)(const char*, int);
using dlmopen_function = void* (*)(Lmid_t, const char*, int);

extern "C" {
__attribute__((visibility("hidden"))) constinit dlopen_function interlock_next_dlopen = early_dlopen;
__attribute__((visibility("hidden"))) constinit dlmopen_function interlock_next_dlmopen = early_dlmopen;

__attribute__((visibility("hidden"), used)) void interlock_bind_deeply(const char* path) {
    tell(format::blind_spot::deep_bind, path, here());
}
__attribute__((visibility("hidden"), used)) void interlock_leave_namespace(const char* path) {
    tell(format::blind_spot::other_namespace, path, here());
}
}

static_assert(RTLD_DEEPBIND == 8 && LM_ID_BASE == 0);
asm(R"(
    .pushsection .text.dlopen, "ax", @progbits
    .globl dlopen
    .type dlopen, @function
dlopen:
    .cfi_startproc
    testl $8, %esi
    je 1f
    pushq %rdi
    .cfi_adjust_cfa_offset 8
    pushq %rsi
    .cfi_adjust_cfa_offset 8
    subq $8, %rsp
    .cfi_adjust_cfa_offset 8
    call interlock_bind_deeply
    addq $8, %rsp
    .cfi_adjust_cfa_offset -8
    popq %rsi
    .cfi_adjust_cfa_offset -8
    popq %rdi
    .cfi_adjust_cfa_offset -8
1:  jmpq *interlock_next_dlopen(%rip)
    .cfi_endproc
    .size dlopen, . - dlopen
    .globl dlmopen
    .type dlmopen, @function
dlmopen:
    .cfi_startproc
    testq %rdi, %rdi
    je 1f
    pushq %rdi
    .cfi_adjust_cfa_offset 8
    pushq %rsi
    .cfi_adjust_cfa_offset 8
    pushq %rdx
    .cfi_adjust_cfa_offset 8
    movq %rsi, %rdi
    call interlock_leave_namespace
    popq %rdx
    .cfi_adjust_cfa_offset -8
    popq %rsi
    .cfi_adjust_cfa_offset -8
    popq %rdi
    .cfi_adjust_cfa_offset -8
1:  jmpq *interlock_next_dlmopen(%rip)
    .cfi_endproc
    .size dlmopen, . - dlmopen
    .popsection
)");

void watch_loading() noexcept {
    interlock_next_dlopen = real().dlopen;
    interlock_next_dlmopen = real().dlmopen;
}

}  // namespace interlock::preload
