// Signal handlers: what they lock is marked, because a handler that locks what its own thread holds waits for itself.
//
// A program's handler is installed through one of a fixed set of entries, each bound to one handler for good. So the kernel's own
// table stays the only truth (no race between it and ours, inherited by forks, SA_RESETHAND and all flags untouched), and an entry
// found there is turned back into the program's handler before the program sees it. When all entries are bound, handlers are
// installed as they are. Faults (SIGSEGV and its kind) are left alone: their handlers may rely on the frame they are called from. Of
// these SIGBUS alone passes through log_fault.cpp.
#include <signal.h>

#include <array>
#include <atomic>
#include <utility>

#include "instrument/preload/hook.hpp"
#include "instrument/preload/log_fault.hpp"
#include "instrument/recorder/observer.hpp"
#include "instrument/recorder/open_signals.hpp"
#include "instrument/recorder/scopes.hpp"
#include "instrument/recorder/system_call.hpp"

namespace interlock::preload {
namespace {

using handler_function = void (*)(int, siginfo_t*, void*);

constexpr std::size_t entry_count = 128;
constinit std::atomic<std::uintptr_t> bound[entry_count] = {};

/// Goes up after each change of the kernel's table.
constinit std::atomic<std::uint32_t> changes{0};
/// Signals whose handler the kernel takes away as it delivers them (SA_RESETHAND): bit n - 1 for signal n.
constinit std::atomic<std::uint64_t> one_shots{0};

void note_action(int number) noexcept;

/// Of a signal from 1 to 64.
constexpr std::uint64_t bit_of(int number) noexcept { return std::uint64_t{1} << (number - 1); }

/// The kernel passes all three arguments whatever the flags, so a handler that takes one is called alike.
void run_handler(std::size_t entry, int number, siginfo_t* info, void* context) {
    // acquire: pairs with the exchange in entry_for()
    const auto handler = reinterpret_cast<handler_function>(bound[entry].load(std::memory_order_acquire));
    const auto frame = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    agent* const self = recorder::this_agent;
    if ((one_shots.load(std::memory_order_relaxed) & bit_of(number)) != 0) note_action(number);
    const bool opened =
        self != nullptr && recorder::open_handler(*self, frame, number, static_cast<std::uint8_t>(entry + 1));
    if (self != nullptr)
        recorder::notify_observer(recorder::observation::handler_entered, *self, static_cast<std::uint32_t>(number), 0);
    handler(number, info, context);
    if (!opened || recorder::this_agent != self) return;
    if (recorder::is_handler_told(*self, frame)) {
        const call_point here_inside{0, frame - 1, 0};
        note(here_inside, [&](agent& me) { recorder::close_told_handler(me, frame); });
    }
    recorder::close_handler(*self, frame);
}

template <std::size_t Entry>
void enter(int number, siginfo_t* info, void* context) {
    run_handler(Entry, number, info, context);
}

template <std::size_t... Entries>
constexpr std::array<handler_function, entry_count> make_entries(std::index_sequence<Entries...>) noexcept {
    return {enter<Entries>...};
}
constexpr std::array<handler_function, entry_count> entries = make_entries(std::make_index_sequence<entry_count>{});

bool is_function(std::uintptr_t handler) noexcept { return handler > 2 && handler != ~std::uintptr_t{0}; }

bool is_marked(int number) noexcept {
    switch (number) {
        case SIGSEGV:
        case SIGBUS:
        case SIGFPE:
        case SIGILL:
        case SIGTRAP:
        case SIGSYS: return false;
        default: return number > 0 && number <= 64;
    }
}

/// What to install for `handler`: an entry bound to it, or itself.
std::uintptr_t entry_for(int number, std::uintptr_t handler) noexcept {
    if (!is_function(handler) || !is_marked(number)) return handler;
    if (!recorder::process.recording.load(std::memory_order_relaxed)) return handler;
    if (agent* self = recorder::this_agent)
        recorder::notify_observer(recorder::observation::handler_given, *self, static_cast<std::uint32_t>(number), 0);
    for (std::size_t i = 0; i < entry_count; ++i) {
        std::uintptr_t seen = bound[i].load(std::memory_order_acquire);
        if (seen == 0 && bound[i].compare_exchange_strong(seen, handler, std::memory_order_acq_rel)) seen = handler;
        if (seen == handler) return reinterpret_cast<std::uintptr_t>(entries[i]);
    }
    return handler;
}

/// 1 and up; 0: what is installed is none of ours.
std::uint8_t entry_number(std::uintptr_t installed) noexcept {
    for (std::size_t i = 0; i < entry_count; ++i)
        if (installed == reinterpret_cast<std::uintptr_t>(entries[i])) return static_cast<std::uint8_t>(i + 1);
    return 0;
}

/// The program's handler behind what is installed.
std::uintptr_t handler_of(std::uintptr_t installed) noexcept {
    const std::uint8_t entry = entry_number(installed);
    return entry != 0 ? bound[entry - 1].load(std::memory_order_acquire) : installed;
}

/// The child of a vfork has actions of its own, but our memory.
bool is_of_our_process() noexcept {
    const format::file_header* header = recorder::process.log.header();
    return header == nullptr || recorder::process.generation->load(std::memory_order_relaxed) == 0 ||
           header->pid == static_cast<std::uint32_t>(recorder::current_process_id());
}

/// Has the recorder know what the kernel has for the signal now. Of several threads that changed it, whoever asked before the last change
/// asks again, so what is known in the end is what the kernel has. Async-signal-safe.
void note_action(int number) noexcept {
    if (!is_marked(number) || !is_of_our_process()) return;
    std::uint32_t seen = changes.fetch_add(1, std::memory_order_seq_cst) + 1;
    for (;;) {
        struct {
            std::uint64_t handler, flags, restorer, mask;
        } now{};
        if (recorder::is_error(recorder::system_call(SYS_rt_sigaction, long{number}, 0, reinterpret_cast<long>(&now),
                                                     sizeof now.mask)))
            return;
        recorder::set_handler_of(number, entry_number(now.handler));
        if ((now.flags & static_cast<std::uint64_t>(SA_RESETHAND)) != 0)
            one_shots.fetch_or(bit_of(number), std::memory_order_relaxed);
        else
            one_shots.fetch_and(~bit_of(number), std::memory_order_relaxed);
        const std::uint32_t before = std::exchange(seen, changes.load(std::memory_order_seq_cst));
        if (before == seen) return;
    }
}

/// After the program has given the signal this handler, or none.
void note_given(int number, std::uintptr_t handler, const call_point& from) noexcept {
    note_action(number);
    note(from, [&](agent& self) {
        if (is_function(handler) && is_marked(number))
            recorder::process.log.add_status(format::process_status::woken_from_outside);
        recorder::tell_open_signals(self);
    });
}

sighandler_t set_handler(int number, sighandler_t handler, sighandler_t (*real_signal)(int, sighandler_t),
                         const call_point& from) noexcept {
    if (number == SIGBUS) return set_fault_handler(handler, real_signal);
    const auto wanted = reinterpret_cast<std::uintptr_t>(handler);
    const std::uintptr_t installed = entry_for(number, wanted);
    const sighandler_t old = real_signal(number, reinterpret_cast<sighandler_t>(installed));
    if (old == SIG_ERR) return old;
    note_given(number, wanted, from);
    return reinterpret_cast<sighandler_t>(handler_of(reinterpret_cast<std::uintptr_t>(old)));
}

template <typename Real>
int set_mask(const sigset_t* set, const call_point& from, Real real_mask) noexcept {
    const int result = real_mask();
    if (result == 0 && set != nullptr) note(from, [](agent& self) { recorder::tell_open_signals(self); });
    return result;
}

/// The older functions; -1 is a failure of some of them and a mask of others, so each may have changed it.
int change_mask(int what, const call_point& from, int (*real_change)(int)) noexcept {
    const int result = real_change(what);
    note(from, [](agent& self) { recorder::tell_open_signals(self); });
    return result;
}

}  // namespace

INTERLOCK_HOOK int sigaction(int number, const struct sigaction* action, struct sigaction* old) {
    const call_point from = here();
    if (number == SIGBUS) return set_fault_action(action, old);
    if (action == nullptr) {
        const int result = real().sigaction(number, nullptr, old);
        if (result == 0 && old != nullptr)
            old->sa_handler =
                reinterpret_cast<sighandler_t>(handler_of(reinterpret_cast<std::uintptr_t>(old->sa_handler)));
        return result;
    }
    struct sigaction changed = *action;
    const auto wanted = reinterpret_cast<std::uintptr_t>(action->sa_handler);
    const std::uintptr_t installed = entry_for(number, wanted);
    changed.sa_handler = reinterpret_cast<sighandler_t>(installed);
    const int result = real().sigaction(number, &changed, old);
    if (result != 0) return result;
    if (old != nullptr)
        old->sa_handler = reinterpret_cast<sighandler_t>(handler_of(reinterpret_cast<std::uintptr_t>(old->sa_handler)));
    note_given(number, wanted, from);
    return result;
}

INTERLOCK_HOOK sighandler_t signal(int number, sighandler_t handler) {
    return set_handler(number, handler, real().signal, here());
}
INTERLOCK_HOOK sighandler_t bsd_signal(int number, sighandler_t handler) {
    return set_handler(number, handler, real().signal, here());
}
INTERLOCK_HOOK sighandler_t ssignal(int number, sighandler_t handler) {
    return set_handler(number, handler, real().signal, here());
}
INTERLOCK_HOOK sighandler_t sysv_signal(int number, sighandler_t handler) {
    return set_handler(number, handler, real().sysv_signal, here());
}
INTERLOCK_HOOK sighandler_t __sysv_signal(int number, sighandler_t handler) {
    return set_handler(number, handler, real().sysv_signal, here());
}
INTERLOCK_HOOK sighandler_t sigset(int number, sighandler_t handler) {
    return set_handler(number, handler, real().sigset, here());
}

INTERLOCK_HOOK int sigignore(int number) {
    const call_point from = here();
    const int result = real().sigignore(number);
    if (result == 0) note_given(number, reinterpret_cast<std::uintptr_t>(SIG_IGN), from);
    return result;
}

INTERLOCK_HOOK int pthread_sigmask(int how, const sigset_t* set, sigset_t* old) {
    return set_mask(set, here(), [&] { return real().pthread_sigmask(how, set, old); });
}

INTERLOCK_HOOK int sigprocmask(int how, const sigset_t* set, sigset_t* old) {
    return set_mask(set, here(), [&] { return real().sigprocmask(how, set, old); });
}

INTERLOCK_HOOK int sigblock(int mask) { return change_mask(mask, here(), real().sigblock); }
INTERLOCK_HOOK int sigsetmask(int mask) { return change_mask(mask, here(), real().sigsetmask); }
INTERLOCK_HOOK int sighold(int number) { return change_mask(number, here(), real().sighold); }
INTERLOCK_HOOK int sigrelse(int number) { return change_mask(number, here(), real().sigrelse); }

}  // namespace interlock::preload
