// Valgrind's client requests; without its headers, none. Outside of Valgrind nobody calls what is here.
#include <interlock/detail/tools.hpp>

#if __has_include(<valgrind/helgrind.h>)
#include <valgrind/helgrind.h>
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#endif

namespace interlock::tools {

// A constant for everybody else, set before the constructors of programs that link this library.
extern const bool on_valgrind;
const bool on_valgrind = [] { return RUNNING_ON_VALGRIND != 0; }();

#if __has_include(<valgrind/helgrind.h>)

void valgrind_acquired(const void* lock, std::size_t size, bool exclusive) noexcept {
    VALGRIND_HG_DISABLE_CHECKING(lock, size);
    ANNOTATE_RWLOCK_ACQUIRED(lock, exclusive);
}

void valgrind_released(const void* lock, [[maybe_unused]] bool exclusive) noexcept {
    ANNOTATE_RWLOCK_RELEASED(lock, exclusive);
}

void valgrind_gone(const void* lock, std::size_t size) noexcept {
    ANNOTATE_RWLOCK_DESTROY(lock);
    VALGRIND_HG_ENABLE_CHECKING(lock, size);
}

void valgrind_mutex_gone(const void* mutex) noexcept {
    VALGRIND_HG_MUTEX_INIT_POST(mutex, 0);  // else one that was never locked is none to Helgrind
    VALGRIND_HG_MUTEX_DESTROY_PRE(mutex);
}

void valgrind_before(const void* at) noexcept {
    VALGRIND_HG_DISABLE_CHECKING(at, sizeof(std::uint32_t));
    ANNOTATE_HAPPENS_BEFORE(at);
}
void valgrind_after(const void* at) noexcept {
    VALGRIND_HG_DISABLE_CHECKING(at, sizeof(std::uint32_t));
    ANNOTATE_HAPPENS_AFTER(at);
}
unsigned valgrind_stack(const void* low, std::size_t size) noexcept {
    return VALGRIND_STACK_REGISTER(low, static_cast<const char*>(low) + size);
}
void valgrind_stack_gone(unsigned stack) noexcept { VALGRIND_STACK_DEREGISTER(stack); }

#else

void valgrind_acquired(const void*, std::size_t, bool) noexcept {}
void valgrind_released(const void*, bool) noexcept {}
void valgrind_gone(const void*, std::size_t) noexcept {}
void valgrind_mutex_gone(const void*) noexcept {}
void valgrind_before(const void*) noexcept {}
void valgrind_after(const void*) noexcept {}
unsigned valgrind_stack(const void*, std::size_t) noexcept { return 0; }
void valgrind_stack_gone(unsigned) noexcept {}

#endif

}  // namespace interlock::tools
