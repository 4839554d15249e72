// Lock striping: many data, few mutexes. A datum's key chooses its stripe, each on a cache line of its own. Several keys are locked together, each
// stripe once and in ascending order, so two such calls cannot deadlock.
#pragma once

#include <interlock/mutex.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <vector>

namespace interlock::inline INTERLOCK_MODE {

/// `Key` is hashed by `Hash`; equal keys share a stripe, unequal ones may. Precondition: at least one stripe; the count is rounded up to a
/// power of two, and is at most 256 where the label's class has a rank: stripes are its subclasses. Reported: stripes held one by one in no common order (lock-order-cycle, lock-rank-violation).
template <typename Key, typename Mutex = mutex, typename Hash = std::hash<Key>>
class striped_mutex {
    struct alignas(64) stripe {
        Mutex one;
    };

public:
    explicit striped_mutex(std::size_t stripes, label what = {})
        : count_{std::bit_ceil(std::max<std::size_t>(stripes, 1))}, stripes_{std::make_unique<stripe[]>(count_)} {
        assert(what.of == nullptr || what.of->rank == 0 || count_ <= 256);
        for (std::size_t i = 0; i < count_; ++i) {
            what.subclass = static_cast<std::uint8_t>(i);
            stripes_[i].one.set_label(what);
        }
    }

    std::size_t stripe_count() const noexcept { return count_; }
    std::size_t stripe_of(const Key& key) const { return spread(Hash()(key)) & (count_ - 1); }

    /// The mutex of a key: lock it like any other.
    Mutex& operator[](const Key& key) { return stripes_[stripe_of(key)].one; }

    /// Holds the stripes of several keys until it is destroyed.
    class guard {
    public:
        guard(guard&& other) noexcept : held_(std::exchange(other.held_, {})) {}
        guard& operator=(guard&&) = delete;
        ~guard() {
            for (auto at = held_.rbegin(); at != held_.rend(); ++at) (*at)->unlock();
        }

    private:
        friend striped_mutex;
        explicit guard(std::vector<Mutex*> stripes) {
            held_.reserve(stripes.size());
            for (Mutex* const one : stripes) {
                try {
                    one->lock();
                } catch (...) {
                    for (auto at = held_.rbegin(); at != held_.rend(); ++at) (*at)->unlock();
                    throw;
                }
                held_.push_back(one);
            }
        }
        std::vector<Mutex*> held_;
    };

    template <typename... Keys>
    [[nodiscard]] guard lock(const Keys&... keys) {
        std::array<std::size_t, sizeof...(keys)> wanted{stripe_of(keys)...};
        std::sort(wanted.begin(), wanted.end());
        std::vector<Mutex*> stripes;
        for (auto at = wanted.begin(), end = std::unique(wanted.begin(), wanted.end()); at != end; ++at)
            stripes.push_back(&stripes_[*at].one);
        return guard(std::move(stripes));
    }
    /// Everything.
    [[nodiscard]] guard lock_all() {
        std::vector<Mutex*> stripes;
        for (std::size_t i = 0; i < count_; ++i) stripes.push_back(&stripes_[i].one);
        return guard(std::move(stripes));
    }

private:
    /// std::hash of a number is the number: neighbours go to different stripes, multiples of the count must too (Fibonacci hashing).
    static std::size_t spread(std::size_t hash) noexcept {
        hash *= 0x9E37'79B9'7F4A'7C15;
        return hash >> 32 ^ hash;
    }

    std::size_t count_;
    std::unique_ptr<stripe[]> stripes_;
};

}  // namespace interlock::inline INTERLOCK_MODE
