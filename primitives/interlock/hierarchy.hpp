// Lock hierarchies: an order that is declared, and held to from the first acquisition against it, with no cycle needed
// (lock-rank-violation). Ranks order classes; subclasses order locks of one class and rank.
//
//      inline constexpr interlock::lock_class tree{"tree", 10};
//      inline constexpr interlock::lock_class leaf{"leaf", 20};
//      interlock::mutex root{{"root", tree}};
//      interlock::mutex page{{"page", leaf}};
//      interlock::mutex left{{"left", leaf, 1}};      // after page
//
// Ranks are requested in ascending order; a try that does not block may go against it. With several to be acquired at once, scoped_in_rank_order does
// so in their order, whatever the order of its arguments.
#pragma once

#include <interlock/mutex.hpp>

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace interlock::inline INTERLOCK_MODE {

/// A mutex that knows its place, in both modes. Its interface is `Mutex`'s.
template <typename Mutex = mutex>
class ranked : public Mutex {
public:
    constexpr ranked(const char* name, const lock_class& place, std::uint8_t subclass = 0) noexcept
        : Mutex(label{name, place, subclass}), rank_{place.rank}, subclass_{subclass} {}

    std::uint32_t rank() const noexcept { return rank_; }
    std::uint8_t subclass() const noexcept { return subclass_; }

private:
    std::uint32_t rank_;
    std::uint8_t subclass_;
};

/// Acquires its mutexes in ascending rank, subclass and address; releases them in the reverse order.
template <typename Mutex, std::size_t Count>
class scoped_in_rank_order {
public:
    template <typename... Others>
    explicit scoped_in_rank_order(ranked<Mutex>& first, Others&... others) INTERLOCK_NO_THREAD_SAFETY_ANALYSIS
        : held_{&first, &others...} {
        std::sort(held_.begin(), held_.end(), [](const ranked<Mutex>* a, const ranked<Mutex>* b) {
            return std::tuple(a->rank(), a->subclass(), a) < std::tuple(b->rank(), b->subclass(), b);
        });
        std::size_t done = 0;
        try {
            for (; done < Count; ++done) held_[done]->lock();
        } catch (...) {
            while (done-- != 0) held_[done]->unlock();
            throw;
        }
    }
    ~scoped_in_rank_order() INTERLOCK_NO_THREAD_SAFETY_ANALYSIS {
        for (std::size_t i = Count; i-- != 0;) held_[i]->unlock();
    }
    scoped_in_rank_order(const scoped_in_rank_order&) = delete;
    scoped_in_rank_order& operator=(const scoped_in_rank_order&) = delete;

private:
    std::array<ranked<Mutex>*, Count> held_;
};
template <typename Mutex, typename... Others>
scoped_in_rank_order(ranked<Mutex>&, Others&...) -> scoped_in_rank_order<Mutex, 1 + sizeof...(Others)>;

}  // namespace interlock::inline INTERLOCK_MODE
