// A lock shared by readers that hands itself on: who must wait stands in a line, in the order of requests, and who leaves decides by policy
// who comes next and wakes exactly those. The state is guarded by a latch that is held for a few instructions.
//
// Simple model: `writer` or `readers` > 0 or neither; a line of {mode}; an upgrader goes before everybody.
#pragma once

#include <interlock/detail/deadline.hpp>
#include <interlock/detail/futex.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <utility>

namespace interlock {

/// Whom a shared lock prefers. The side that is not preferred may starve; how much it was passed over is counted.
enum class preference : std::uint8_t {
    readers,  // readers enter while readers are in, whoever waits
    writers,  // readers wait while a writer waits
    nobody,   // strictly in the order of requests; readers that stand together enter together
};

/// How the waiting of a shared lock went so far.
struct waiting_statistics {
    std::uint64_t readers_waited = 0;
    std::uint64_t writers_waited = 0;
    std::uint64_t readers_passed_over_max = 0;  // most that entered before one waiting reader and came after it
    std::uint64_t writers_passed_over_max = 0;
};

namespace inline_line {

/// Three states: free, held, held and awaited (Drepper, "Futexes are tricky").
class latch_word {
public:
    void lock() noexcept {
        std::uint32_t seen = 0;
        if (word_.compare_exchange_strong(seen, 1, std::memory_order_acquire)) return;
        while (word_.exchange(2, std::memory_order_acquire) != 0) futex::wait(word_, 2);
    }
    void unlock() noexcept {
        if (word_.exchange(0, std::memory_order_release) == 2) futex::wake_one(word_);
    }

private:
    futex::word word_{0};
};

class guard {
public:
    explicit guard(latch_word& word) noexcept : word_{word} { word_.lock(); }
    ~guard() { word_.unlock(); }
    guard(const guard&) = delete;
    guard& operator=(const guard&) = delete;

private:
    latch_word& word_;
};

}  // namespace inline_line

class waiting_line {
public:
    constexpr explicit waiting_line(preference policy) noexcept : policy_{policy} {}

    bool try_acquire(bool shared) noexcept {
        const inline_line::guard guard(latch_);
        return enter(shared);
    }
    /// `end` nullptr: waits for ever. False: the time is over.
    bool acquire(bool shared, const futex::deadline* end = nullptr) noexcept {
        waiter self{shared};
        {
            const inline_line::guard guard(latch_);
            if (first_ == nullptr || overtakes(shared))
                if (enter(shared)) return true;
            append(self);
        }
        return await(self, end);
    }
    void release(bool shared) noexcept {
        const inline_line::guard guard(latch_);
        if (shared)
            --readers_;
        else
            writer_ = false;
        hand_on();
    }

    enum class upgrade_result : std::uint8_t { done, timed_out, refused };
    /// The caller's shared hold becomes exclusive once all other readers have left; nobody enters meanwhile. `refused`: another
    /// reader is upgrading, and each would wait for the other.
    upgrade_result upgrade(bool may_wait) noexcept {
        waiter self{false};
        {
            const inline_line::guard guard(latch_);
            if (upgrader_ != nullptr) return upgrade_result::refused;
            if (readers_ == 1) {
                readers_ = 0;
                writer_ = true;
                return upgrade_result::done;
            }
            if (!may_wait) return upgrade_result::timed_out;
            upgrader_ = &self;
        }
        while (self.granted.load(std::memory_order_acquire) == 0) futex::wait(self.granted, 0);
        return upgrade_result::done;
    }
    /// The caller's exclusive hold becomes shared.
    void downgrade() noexcept {
        const inline_line::guard guard(latch_);
        writer_ = false;
        readers_ = 1;
        hand_on();
    }

    bool is_busy(bool shared) const noexcept {
        const inline_line::guard guard(latch_);
        return writer_ || (!shared && readers_ != 0) || (first_ != nullptr && !overtakes(shared));
    }
    waiting_statistics statistics() const noexcept {
        const inline_line::guard guard(latch_);
        return statistics_;
    }
    preference policy() const noexcept { return policy_; }

private:
    struct waiter {
        const bool shared;
        std::uint64_t passed_over = 0;
        waiter* next = nullptr;
        futex::word granted{0};
    };

    /// May one who comes now go before those who wait?
    bool overtakes(bool shared) const noexcept {
        switch (policy_) {
            case preference::readers: return shared;
            case preference::writers: return !shared;
            case preference::nobody: return false;
        }
        return false;
    }
    bool writer_waits() const noexcept {
        for (const waiter* one = first_; one != nullptr; one = one->next)
            if (!one->shared) return true;
        return false;
    }
    /// Enters at once if the state and the policy allow it. The latch is held.
    bool enter(bool shared) noexcept {
        if (writer_ || upgrader_ != nullptr || (!shared && readers_ != 0)) return false;
        if (first_ != nullptr) {
            if (policy_ == preference::nobody) return false;
            if (policy_ == preference::writers && shared && writer_waits()) return false;
            for (waiter* one = first_; one != nullptr; one = one->next) note_passed_over(*one);
        }
        if (shared)
            ++readers_;
        else
            writer_ = true;
        return true;
    }
    void note_passed_over(waiter& one) noexcept {
        std::uint64_t& most = one.shared ? statistics_.readers_passed_over_max : statistics_.writers_passed_over_max;
        most = std::max(most, ++one.passed_over);
    }
    void append(waiter& self) noexcept {
        (first_ == nullptr ? first_ : last_->next) = &self;
        last_ = &self;
        ++(self.shared ? statistics_.readers_waited : statistics_.writers_waited);
    }
    bool remove(waiter& self) noexcept {
        waiter* before = nullptr;
        for (waiter* one = first_; one != nullptr; before = one, one = one->next) {
            if (one != &self) continue;
            (before == nullptr ? first_ : before->next) = one->next;
            if (last_ == one) last_ = before;
            return true;
        }
        return false;
    }
    bool await(waiter& self, const futex::deadline* end) noexcept {
        while (self.granted.load(std::memory_order_acquire) == 0) {
            if (futex::wait(self.granted, 0, end == nullptr ? CLOCK_MONOTONIC : end->clock,
                            end == nullptr ? nullptr : &end->at))
                continue;
            const inline_line::guard guard(latch_);
            if (!remove(self)) return true;  // it was granted in the last moment
            hand_on();                       // who stood behind may be able to enter now
            return false;
        }
        return true;
    }
    /// Lets in whoever may enter now. The latch is held. The waiter is gone once it is granted.
    void hand_on() noexcept {
        if (upgrader_ != nullptr) {
            if (readers_ != 1) return;
            readers_ = 0;
            writer_ = true;
            grant(*std::exchange(upgrader_, nullptr));
            return;
        }
        for (waiter* next = choose(); next != nullptr; next = choose()) {
            for (waiter* one = first_; one != next; one = one->next) note_passed_over(*one);
            remove(*next);
            const bool shared = next->shared;
            if (shared)
                ++readers_;
            else
                writer_ = true;
            grant(*next);
            if (!shared) return;
        }
    }
    waiter* choose() const noexcept {
        if (writer_) return nullptr;
        waiter* chosen = first_;
        if (policy_ != preference::nobody) {
            const bool wanted = policy_ == preference::readers;
            for (waiter* one = first_; one != nullptr; one = one->next) {
                if (one->shared != wanted) continue;
                chosen = one;
                break;
            }
        }
        if (chosen == nullptr || (!chosen->shared && readers_ != 0)) return nullptr;
        return chosen;
    }
    static void grant(waiter& one) noexcept {
        const futex::word& word = one.granted;
        one.granted.store(1, std::memory_order_release);  // pairs with await(); the waiter may be gone from here on
        futex::wake_one(word);
    }

    mutable inline_line::latch_word latch_;
    const preference policy_;
    bool writer_ = false;
    std::uint32_t readers_ = 0;
    waiter* upgrader_ = nullptr;
    waiter* first_ = nullptr;
    waiter* last_ = nullptr;
    waiting_statistics statistics_;
};

}  // namespace interlock
