#include "instrument/recorder/open_signals.hpp"

#include "instrument/recorder/dependencies.hpp"
#include "instrument/recorder/process.hpp"
#include "instrument/recorder/system_call.hpp"
#include "instrument/recorder/writer.hpp"

namespace interlock::recorder {
namespace {

constinit std::atomic<std::uint64_t> ever_handled{0};            // bit n - 1 for signal n
constinit std::atomic<std::uint8_t> handlers[signals_max] = {};  // by signal: the handler's number, 0: none

/// Signals of `which` that this thread does not block.
std::uint64_t unblocked(std::uint64_t which) noexcept {
    std::uint64_t blocked = 0;
    system_call(SYS_rt_sigprocmask, 0L, 0, reinterpret_cast<long>(&blocked), sizeof blocked);
    return which & ~blocked;
}

}  // namespace

void set_handler_of(int signal_number, std::uint8_t handler) noexcept {
    const int index = signal_number - 1;
    // release: whoever sees the signal among those handled sees the handler, and so does whoever sees the new generation
    if (handlers[index].exchange(handler, std::memory_order_acq_rel) == handler) return;
    ever_handled.fetch_or(std::uint64_t{1} << index, std::memory_order_release);
    // Every agent looks when it next comes by. 0 is a forked child's, whose first operation looks anyway.
    std::uint32_t seen = process.generation->load(std::memory_order_relaxed);
    while (seen != 0 && !process.generation->compare_exchange_weak(seen, seen + 1, std::memory_order_release,
                                                                   std::memory_order_relaxed)) {
    }
}

void tell_open_signals(agent& self) noexcept {
    const std::uint64_t known = ever_handled.load(std::memory_order_acquire);
    if (known == 0 || self.signal_depth != 0) return;
    const std::uint64_t may_come = unblocked(known);
    bool has_opened = false;
    bool is_other = false;
    for (std::uint64_t rest = known; rest != 0; rest &= rest - 1) {
        const std::uint64_t bit = rest & -rest;
        const int index = __builtin_ctzll(rest);
        const std::uint8_t told = (self.open_signals & bit) != 0 ? self.told_handlers[index] : 0;
        const std::uint8_t handler =
            (may_come & bit) != 0 ? handlers[index].load(std::memory_order_acquire) : std::uint8_t{0};
        if (handler == told) continue;
        write(self, format::event_kind::signal_open, 0, {}, handler, static_cast<std::uint32_t>(index + 1));
        self.open_signals = handler != 0 ? self.open_signals | bit : self.open_signals & ~bit;
        if (handler == 0) continue;
        has_opened = true;
        is_other = is_other || (self.told_handlers[index] != 0 && self.told_handlers[index] != handler);
        self.told_handlers[index] = handler;
    }
    if (has_opened) tell_again(self, is_other);
}

void look_at_mask_again(agent& self) noexcept {
    if (ever_handled.load(std::memory_order_relaxed) != 0) self.set_generation(revisit);
}

void hand_on_open_signals(const agent& self, agent& to) noexcept {
    if (to.open_signals != self.open_signals) to.set_generation(revisit);
}

}  // namespace interlock::recorder
