#include "analysis/trace/cut_guard.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <mutex>

namespace interlock::trace {

/// Never freed, so that the handler may walk the list at any time; used again.
struct guarded_range {
    std::atomic<std::uintptr_t> begin{0};
    std::atomic<std::uintptr_t> end{0};  // 0: free
    std::atomic<bool> cut{false};
    guarded_range* next = nullptr;
};

namespace {

constinit std::atomic<guarded_range*> all{nullptr};
constinit std::mutex changing;  // of the list and of who is in it
struct sigaction before = {};
std::uintptr_t page_size = 4096;

guarded_range* find(std::uintptr_t address) noexcept {
    for (guarded_range* range = all.load(std::memory_order_acquire); range != nullptr; range = range->next)
        if (address < range->end.load(std::memory_order_acquire) &&
            address >= range->begin.load(std::memory_order_relaxed))
            return range;
    return nullptr;
}

/// Zeros from the faulting page to the end of the mapping: a file that is cut is cut to its end.
bool fill(guarded_range& range, std::uintptr_t address) noexcept {
    const std::uintptr_t from = address & ~(page_size - 1);
    const std::size_t size = range.end.load(std::memory_order_relaxed) - from;
    range.cut.store(true, std::memory_order_release);  // pairs with the acquire in was_cut()
    return ::mmap(reinterpret_cast<void*>(from), size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
           MAP_FAILED;
}

void on_fault(int number, siginfo_t* info, void* context) {
    const int kept_errno = errno;
    guarded_range* const range = info->si_code > 0 ? find(reinterpret_cast<std::uintptr_t>(info->si_addr)) : nullptr;
    const bool filled = range != nullptr && fill(*range, reinterpret_cast<std::uintptr_t>(info->si_addr));
    errno = kept_errno;
    if (filled) return;
    if ((before.sa_flags & SA_SIGINFO) != 0) return before.sa_sigaction(number, info, context);
    if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) return before.sa_handler(number);
    ::sigaction(number, &before, nullptr);  // a fault comes again, to whom it was left
    if (info->si_code <= 0) ::raise(number);
}

void install() noexcept {
    page_size = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    struct sigaction action = {};
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    ::sigaction(SIGBUS, &action, &before);
}

}  // namespace

guarded_range* guard_mapping(const void* begin, std::size_t size) {
    const std::lock_guard held(changing);
    guarded_range* range = all.load(std::memory_order_relaxed);
    if (range == nullptr) install();
    while (range != nullptr && range->end.load(std::memory_order_relaxed) != 0) range = range->next;
    if (range == nullptr) {
        range = new guarded_range;
        range->next = all.load(std::memory_order_relaxed);
        all.store(range, std::memory_order_release);
    }
    const auto address = reinterpret_cast<std::uintptr_t>(begin);
    range->cut.store(false, std::memory_order_relaxed);
    range->begin.store(address, std::memory_order_relaxed);
    range->end.store(address + size, std::memory_order_release);  // pairs with the acquire in find()
    return range;
}

void unguard_mapping(guarded_range* range) noexcept {
    if (range == nullptr) return;
    const std::lock_guard held(changing);
    range->end.store(0, std::memory_order_release);
}

bool was_cut(const guarded_range& range) noexcept { return range.cut.load(std::memory_order_acquire); }

}  // namespace interlock::trace
