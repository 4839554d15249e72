// The __tsan_* entry points for plain accesses and calls, GCC 12's and clang 14's. Compilers put them before each access and at the
// beginning and end of each function, so each is as short as can be; what is not common goes to access.cpp.
#include "instrument/race/access.hpp"
#include "instrument/race/runtime.hpp"

#define INTERLOCK_ABI extern "C" __attribute__((visibility("default")))
#define INTERLOCK_SITE reinterpret_cast<std::uintptr_t>(__builtin_return_address(0))

using interlock::race::access_by_hook;
using interlock::race::access_mode;
using interlock::race::access_range;
using interlock::race::front;
using interlock::race::is_covered_fast;
using interlock::race::mask_for;

namespace {

std::uintptr_t number(const volatile void* address) noexcept { return reinterpret_cast<std::uintptr_t>(address); }

void learn_code(std::uintptr_t site) noexcept {
    std::uintptr_t begin = 0;
    std::uintptr_t size = 0;
    interlock::race::note_instrumented(site, begin, size);
}

/// The first call of a thread, or one deeper than the shadow stack.
__attribute__((noinline)) void enter_function_slowly(const void* caller, std::uintptr_t site) noexcept {
    if (front.base == nullptr && interlock::race::make_frames()) {
        learn_code(site);
        front.top->return_address = number(caller);
        ++front.top;
        return;
    }
    ++front.beyond;
}

}  // namespace

/// Called by a constructor of each module that has hooks, where it is not jumped to.
INTERLOCK_ABI void __tsan_init() {
    interlock::race::start_runtime();
    learn_code(INTERLOCK_SITE);
}

INTERLOCK_ABI void __tsan_func_entry(void* caller) {
    interlock::race::call_frame* const frame = front.top;
    if (__builtin_expect(frame == front.limit, 0)) return enter_function_slowly(caller, INTERLOCK_SITE);
    front.top = frame + 1;  // first, so that a signal handler's calls lie beyond
    frame->context = 0;
    frame->return_address = number(caller);
}

INTERLOCK_ABI void __tsan_func_exit() {
    interlock::race::call_frame* const top = front.top;
    if (__builtin_expect(front.beyond != 0, 0)) {
        --front.beyond;
        return;
    }
    if (__builtin_expect(top != front.base, 1)) front.top = top - 1;
}

// The return address is asked for where the fast way has failed, so that this has neither a frame nor a use for it.
#define INTERLOCK_ACCESS_AS(name, size, writes)                                                             \
    INTERLOCK_ABI void __tsan_##name##size(void* at) {                                                      \
        if (__builtin_expect(is_covered_fast<size, writes>(number(at)), 1)) return;                         \
        access_by_hook(number(at), size, (writes) ? access_mode::write : access_mode::read, INTERLOCK_SITE, \
                       mask_for<size, writes>(number(at)));                                                 \
    }
#define INTERLOCK_ACCESS(prefix, size)             \
    INTERLOCK_ACCESS_AS(prefix##read, size, false) \
    INTERLOCK_ACCESS_AS(prefix##write, size, true) \
    INTERLOCK_ACCESS_AS(prefix##read_write, size, true)
#define INTERLOCK_ACCESSES(prefix) \
    INTERLOCK_ACCESS(prefix, 2)    \
    INTERLOCK_ACCESS(prefix, 4)    \
    INTERLOCK_ACCESS(prefix, 8)    \
    INTERLOCK_ACCESS(prefix, 16)

INTERLOCK_ACCESS(, 1)
INTERLOCK_ACCESS(volatile_, 1)
INTERLOCK_ACCESS(unaligned_, 1)
INTERLOCK_ACCESSES()
INTERLOCK_ACCESSES(volatile_)
INTERLOCK_ACCESSES(unaligned_)
INTERLOCK_ACCESSES(unaligned_volatile_)

// With the caller's address given.
#define INTERLOCK_ACCESS_PC(size)                                       \
    INTERLOCK_ABI void __tsan_read##size##_pc(void* at, void* pc) {     \
        access_range(number(at), size, access_mode::read, number(pc));  \
    }                                                                   \
    INTERLOCK_ABI void __tsan_write##size##_pc(void* at, void* pc) {    \
        access_range(number(at), size, access_mode::write, number(pc)); \
    }
INTERLOCK_ACCESS_PC(1)
INTERLOCK_ACCESS_PC(2)
INTERLOCK_ACCESS_PC(4)
INTERLOCK_ACCESS_PC(8)
INTERLOCK_ACCESS_PC(16)

INTERLOCK_ABI void __tsan_read_range(void* at, unsigned long size) {
    access_range(number(at), size, access_mode::read, INTERLOCK_SITE);
}
INTERLOCK_ABI void __tsan_write_range(void* at, unsigned long size) {
    access_range(number(at), size, access_mode::write, INTERLOCK_SITE);
}
INTERLOCK_ABI void __tsan_read_range_pc(void* at, unsigned long size, void* pc) {
    access_range(number(at), size, access_mode::read, number(pc));
}
INTERLOCK_ABI void __tsan_write_range_pc(void* at, unsigned long size, void* pc) {
    access_range(number(at), size, access_mode::write, number(pc));
}

INTERLOCK_ABI void __tsan_vptr_read(void** at) {
    if (__builtin_expect(is_covered_fast<8, false>(number(at)), 1)) return;
    access_by_hook(number(at), 8, access_mode::read, INTERLOCK_SITE, mask_for<8, false>(number(at)));
}
/// A destructor sets the pointer to what it is already: no write that a virtual call could see.
INTERLOCK_ABI void __tsan_vptr_update(void** at, void* value) {
    if (*at == value || __builtin_expect(is_covered_fast<8, true>(number(at)), 1)) return;
    access_by_hook(number(at), 8, access_mode::write, INTERLOCK_SITE, mask_for<8, true>(number(at)));
}
