// As in signals.cpp the kernel's table stays the only truth: an entry installed there is bound for good to one handler of the program and
// to those of its flags that the entry does without. SIG_DFL is such a handler too; SIG_IGN is installed as it is, for a handler
// would interrupt system calls that an ignored signal does not. A thread that blocks SIGBUS is killed by the kernel at the fault.
#include "instrument/preload/log_fault.hpp"

#include <sys/syscall.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <utility>

#include "instrument/preload/hook.hpp"

namespace interlock::preload {
namespace {

using entry_function = void (*)(int, siginfo_t*, void*);

/// What an entry is bound to: the handler's address, and above it what the program sees of the flags.
namespace binding {
constexpr std::uint64_t used = std::uint64_t{1} << 63;
constexpr std::uint64_t had_info = std::uint64_t{1} << 62;  // SA_SIGINFO was the program's own wish
constexpr std::uint64_t one_shot = std::uint64_t{1} << 61;  // SA_RESETHAND: done here, or our own fault would use it up
constexpr std::uint64_t untouched = std::uint64_t{1} << 60;  // the disposition the program was started with
constexpr std::uint64_t handler = (std::uint64_t{1} << 56) - 1;
}  // namespace binding

constexpr std::size_t entry_count = 32;
constinit std::atomic<std::uint64_t> bound[entry_count] = {};
constinit bool guarding = false;

std::uintptr_t address_of(const struct sigaction& action) noexcept {
    return reinterpret_cast<std::uintptr_t>(action.sa_handler);
}

void point_at(struct sigaction& action, std::uintptr_t handler) noexcept {
    action.sa_handler = reinterpret_cast<sighandler_t>(handler);
}

/// The entry bound to `what`, or nullptr when all are bound to others.
entry_function entry_of(std::uint64_t what) noexcept;

/// `action` as it is installed.
struct sigaction guarded(struct sigaction action, std::uint64_t more) noexcept {
    const std::uintptr_t handler = address_of(action);
    if (!guarding || action.sa_handler == SIG_IGN || (handler & ~binding::handler) != 0) return action;
    std::uint64_t what = binding::used | more | handler;
    if ((action.sa_flags & SA_SIGINFO) != 0) what |= binding::had_info;
    if ((action.sa_flags & static_cast<int>(SA_RESETHAND)) != 0) what |= binding::one_shot;
    const entry_function entry = entry_of(what);
    if (entry == nullptr) return action;
    point_at(action, reinterpret_cast<std::uintptr_t>(entry));
    action.sa_flags = (action.sa_flags | SA_SIGINFO) & ~static_cast<int>(SA_RESETHAND);
    return action;
}

/// The kernel's own default: a fault that is repeated, or a signal that is sent again, then ends the program as it would have.
void end_by_default(int number, siginfo_t* info) noexcept {
    struct sigaction usual = {};
    real().sigaction(number, &usual, nullptr);
    if (info->si_code == BUS_ADRALN || info->si_code == BUS_ADRERR || info->si_code == BUS_OBJERR) return;
    recorder::system_call(SYS_rt_tgsigqueueinfo, recorder::current_process_id(), recorder::current_thread_id(), number,
                          reinterpret_cast<long>(info));
}

void use_up(int number, std::uint64_t what) noexcept {
    struct sigaction now = {};
    real().sigaction(number, nullptr, &now);
    const std::uint64_t left = binding::used | (what & (binding::had_info | binding::one_shot));
    point_at(now, reinterpret_cast<std::uintptr_t>(entry_of(left)));
    real().sigaction(number, &now, nullptr);
}

/// Ends in a jump where the compiler makes one, so that the program's handler finds the frame that the kernel made.
template <std::size_t Entry>
void enter(int number, siginfo_t* info, void* context) {
    if (info->si_code > 0 && recorder::mend_log(reinterpret_cast<std::uintptr_t>(info->si_addr))) return;
    const std::uint64_t what = bound[Entry].load(std::memory_order_acquire);  // pairs with the exchange in entry_of()
    const int kept_errno = errno;
    if ((what & binding::handler) == 0) return end_by_default(number, info);
    if ((what & binding::one_shot) != 0) use_up(number, what);
    errno = kept_errno;
    return reinterpret_cast<entry_function>(what & binding::handler)(number, info, context);
}

template <std::size_t... Entries>
constexpr std::array<entry_function, entry_count> make_entries(std::index_sequence<Entries...>) noexcept {
    return {enter<Entries>...};
}
constexpr std::array<entry_function, entry_count> entries = make_entries(std::make_index_sequence<entry_count>{});

entry_function entry_of(std::uint64_t what) noexcept {
    for (std::size_t i = 0; i < entry_count; ++i) {
        std::uint64_t seen = bound[i].load(std::memory_order_acquire);
        if (seen == 0 && bound[i].compare_exchange_strong(seen, what, std::memory_order_acq_rel)) seen = what;
        if (seen == what) return entries[i];
    }
    return nullptr;
}

/// What is installed as the program is to see it.
void unguard(struct sigaction& action) noexcept {
    for (std::size_t i = 0; i < entry_count; ++i) {
        if (address_of(action) != reinterpret_cast<std::uintptr_t>(entries[i])) continue;
        const std::uint64_t what = bound[i].load(std::memory_order_acquire);
        point_at(action, what & binding::handler);
        if ((what & binding::untouched) != 0) {
            action.sa_flags = 0;
            action.sa_restorer = nullptr;
            return;
        }
        if ((what & binding::had_info) == 0) action.sa_flags &= ~SA_SIGINFO;
        if ((what & binding::one_shot) != 0) action.sa_flags |= static_cast<int>(SA_RESETHAND);
        return;
    }
}

}  // namespace

void guard_log() noexcept {
    struct sigaction now = {};
    if (real().sigaction(SIGBUS, nullptr, &now) != 0 || now.sa_handler == SIG_IGN) return;
    guarding = true;
    now = guarded(now, now.sa_handler == SIG_DFL ? binding::untouched : 0);
    real().sigaction(SIGBUS, &now, nullptr);
}

int set_fault_action(const struct sigaction* action, struct sigaction* old) noexcept {
    struct sigaction wanted = {};
    if (action != nullptr) wanted = guarded(*action, 0);
    struct sigaction before = {};
    const int result = real().sigaction(SIGBUS, action == nullptr ? nullptr : &wanted, &before);
    if (result != 0 || old == nullptr) return result;
    *old = before;
    unguard(*old);
    return result;
}

sighandler_t set_fault_handler(sighandler_t handler, sighandler_t (*real_signal)(int, sighandler_t)) noexcept {
    const int kept_errno = errno;
    struct sigaction old = {};
    old.sa_handler = real_signal(SIGBUS, handler);
    if (old.sa_handler == SIG_ERR) return SIG_ERR;
    unguard(old);
    struct sigaction now = {};
    real().sigaction(SIGBUS, nullptr, &now);
    if (now.sa_handler == handler) {
        now = guarded(now, 0);
        real().sigaction(SIGBUS, &now, nullptr);
    }
    errno = kept_errno;
    return old.sa_handler;
}

}  // namespace interlock::preload
