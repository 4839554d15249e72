// setjmp and longjmp: a jump leaves calls without their ends, so the depth of the shadow call stack is kept with the buffer and restored.
// setjmp returns twice: it is entered by a jump, with its caller's return address in place.
#include <dlfcn.h>
#include <setjmp.h>

#include <cstdint>

#include "instrument/race/thread.hpp"

namespace interlock::race {
namespace {

struct kept_depth {
    const void* buffer;
    std::uint32_t depth;
};
constexpr std::size_t kept_max = 32;
constinit thread_local kept_depth kept[kept_max] __attribute__((tls_model("initial-exec"))) = {};

kept_depth& entry_of(const void* buffer) noexcept {
    return kept[reinterpret_cast<std::uintptr_t>(buffer) / 16 % kept_max];
}

void restore(const void* buffer) noexcept {
    const kept_depth& before = entry_of(buffer);
    if (before.buffer != buffer || front.base == nullptr) return;
    call_frame* const then = front.base + before.depth;
    if (then < front.top) front.top = then;
    front.beyond = 0;
}

}  // namespace
}  // namespace interlock::race

extern "C" {
using setjmp_function = int (*)(void*, int);
__attribute__((visibility("hidden"))) constinit setjmp_function interlock_next_setjmp = nullptr;
__attribute__((visibility("hidden"))) constinit setjmp_function interlock_next_plain_setjmp = nullptr;
__attribute__((visibility("hidden"))) constinit setjmp_function interlock_next_sigsetjmp = nullptr;

__attribute__((visibility("hidden"), used)) void interlock_note_setjmp(const void* buffer) {
    using namespace interlock::race;
    entry_of(buffer) = {buffer, static_cast<std::uint32_t>(front.top - front.base)};
    if (interlock_next_sigsetjmp != nullptr) return;
    interlock_next_setjmp = reinterpret_cast<setjmp_function>(dlsym(RTLD_NEXT, "setjmp"));
    interlock_next_plain_setjmp = reinterpret_cast<setjmp_function>(dlsym(RTLD_NEXT, "_setjmp"));
    interlock_next_sigsetjmp = reinterpret_cast<setjmp_function>(dlsym(RTLD_NEXT, "__sigsetjmp"));
}
}

#define INTERLOCK_SETJMP(name, next)                     \
    asm(".pushsection .text.setjmp, \"ax\", @progbits\n" \
        ".globl " #name                                  \
        "\n"                                             \
        ".type " #name ", @function\n" #name             \
        ":\n"                                            \
        "pushq %rdi\n"                                   \
        "pushq %rsi\n"                                   \
        "subq $8, %rsp\n"                                \
        "call interlock_note_setjmp\n"                   \
        "addq $8, %rsp\n"                                \
        "popq %rsi\n"                                    \
        "popq %rdi\n"                                    \
        "jmpq *" #next                                   \
        "(%rip)\n"                                       \
        ".size " #name ", . - " #name                    \
        "\n"                                             \
        ".popsection\n")
INTERLOCK_SETJMP(setjmp, interlock_next_setjmp);
INTERLOCK_SETJMP(_setjmp, interlock_next_plain_setjmp);
INTERLOCK_SETJMP(__sigsetjmp, interlock_next_sigsetjmp);

extern "C" __attribute__((visibility("hidden"), used, noreturn)) void interlock_longjmp(void* buffer, int value) {
    using function = void (*)(void*, int);
    const auto real = reinterpret_cast<function>(dlsym(RTLD_NEXT, "longjmp"));
    interlock::race::restore(buffer);
    real(buffer, value);
    __builtin_unreachable();
}
// glibc's own names for one function; the checked one only looks at the stack besides.
asm(".globl longjmp, _longjmp, siglongjmp, __longjmp_chk\n"
    ".set longjmp, interlock_longjmp\n"
    ".set _longjmp, interlock_longjmp\n"
    ".set siglongjmp, interlock_longjmp\n"
    ".set __longjmp_chk, interlock_longjmp\n");
