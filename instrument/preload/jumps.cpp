// longjmp and its kin: how a program leaves a signal handler, or the initialiser of a once flag, for good. Where the jump goes tells
// exactly what it leaves; without it only an operation further out on the same stack would. Where the mask of signals was saved it is restored.
#include <setjmp.h>
#include <signal.h>

#include "instrument/preload/hook.hpp"
#include "instrument/recorder/open_signals.hpp"
#include "instrument/recorder/scopes.hpp"

namespace interlock::preload {
namespace {

/// The stack pointer that the jump restores. glibc keeps it scrambled (PTR_MANGLE in its sysdeps/unix/sysv/linux/x86_64).
std::uintptr_t target_of(const __jmp_buf_tag* buffer) noexcept {
    constexpr int stack_pointer_index = 6;  // JB_RSP
    auto value = static_cast<std::uintptr_t>(buffer->__jmpbuf[stack_pointer_index]);
    asm("rorq $17, %0\n\txorq %%fs:0x30, %0" : "+r"(value));
    return value;
}

using jump_function = void (*)(__jmp_buf_tag*, int);

[[noreturn]] void jump(__jmp_buf_tag* buffer, int value, jump_function real_jump) {
    agent* const self = recorder::this_agent;
    if (self != nullptr && buffer->__mask_was_saved != 0) recorder::look_at_mask_again(*self);
    if (self != nullptr && self->scope_count != 0) {
        stack_t signals{};
        recorder::system_call(SYS_sigaltstack, 0L, reinterpret_cast<long>(&signals));
        const auto low = reinterpret_cast<std::uintptr_t>(signals.ss_sp);
        recorder::leave_scopes(*self, target_of(buffer), low, low + signals.ss_size);
    }
    real_jump(buffer, value);
    __builtin_unreachable();
}

}  // namespace

INTERLOCK_HOOK void longjmp(__jmp_buf_tag* buffer, int value) { jump(buffer, value, real().longjmp); }
INTERLOCK_HOOK void _longjmp(__jmp_buf_tag* buffer, int value) { jump(buffer, value, real().longjmp); }
INTERLOCK_HOOK void siglongjmp(__jmp_buf_tag* buffer, int value) { jump(buffer, value, real().longjmp); }
// Keeps its own function: it also looks whether the frame that it jumps to is still there.
INTERLOCK_HOOK void __longjmp_chk(__jmp_buf_tag* buffer, int value) { jump(buffer, value, real().__longjmp_chk); }

}  // namespace interlock::preload
