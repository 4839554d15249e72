// Every primitive guards plain data of several threads, or hands it over: built for ThreadSanitizer or interlock's own race detection, or run under Helgrind, nothing
// may be reported. With an argument one thing is left out that orders them, which the tool must report: it is awake, and looks where it should.
//
//      race            nothing guards the data
//      not_annotated   a lock of one's own does, of which nobody tells
//      by_chance       fibers of one thread, whose order is said to be an accident
#include <interlock/annotations.hpp>
#include <interlock/barrier.hpp>
#include <interlock/condition_variable.hpp>
#include <interlock/event.hpp>
#include <interlock/hierarchy.hpp>
#include <interlock/latch.hpp>
#include <interlock/mutex.hpp>
#include <interlock/semaphore.hpp>
#include <interlock/shared_mutex.hpp>
#include <interlock/spinlock.hpp>
#include <interlock/striped_mutex.hpp>

#include <ucontext.h>
#include <valgrind/helgrind.h>

#include <memory>
#include <string_view>

#include "tests/unit/primitives/under_tools.hpp"

namespace {

template <typename Mutex, typename... Arguments>
void count_under(Arguments... arguments) {
    Mutex m(arguments...);
    long sum = 0;
    run([&](unsigned) {
        for (int i = 0; i < turns; ++i) {
            const std::lock_guard held(m);
            ++sum;
        }
    });
    must(sum == long{threads_max} * turns);
}

template <typename Mutex>
void share() {
    Mutex m;
    long sum = 0;
    run([&](unsigned i) {
        for (int turn = 0; turn < turns; ++turn) {
            if (i == 0) {
                const std::lock_guard writes(m);
                ++sum;
            } else {
                const std::shared_lock reads(m);
                must(sum <= turns);
            }
        }
    });
}

template <typename Mutex>
void upgrade() {
    Mutex m;
    long sum = 0;
    run([&](unsigned i) {
        for (int turn = 0; turn < turns; ++turn) {
            m.lock_shared();
            must(sum <= long{threads_max} * turns);
            if (i != 0 || !m.try_upgrade()) {
                m.unlock_shared();
                continue;
            }
            ++sum;
            m.downgrade();
            m.unlock_shared();
        }
    });
}

/// Where no annotation tells of an atomic operation, Helgrind takes it for a plain one, or for none: a lock of such words is nothing to it.
class own_lock {
public:
    explicit own_lock(bool annotated = true) : annotated_{annotated} {
        if (interlock::tools::on_valgrind) VALGRIND_HG_DISABLE_CHECKING(&word_, sizeof word_);
    }
    void lock() {
        if (annotated_) annotation_.request();
        while (take()) std::this_thread::yield();
        if (annotated_) annotation_.acquired();
    }
    void unlock() {
        if (annotated_) annotation_.releasing();
        leave();
    }

private:
    // Relaxed, so that the word alone orders nothing for who knows atomics either: all that does is the annotation.
    bool take() { return word_.exchange(true, std::memory_order_relaxed); }
    void leave() { word_.store(false, std::memory_order_relaxed); }

    std::atomic<bool> word_{false};
    bool annotated_;
    interlock::lock_annotation annotation_{"own"};
};

/// What its author knows to be ordered, and nobody else sees.
void order_by_annotation() {
    interlock::order_annotation done{"done"};
    std::atomic<bool> told{false};
    if (interlock::tools::on_valgrind) VALGRIND_HG_DISABLE_CHECKING(&told, sizeof told);
    long value = 0;
    std::thread other([&] {
        ++value;
        done.before();
        told.store(true, std::memory_order_relaxed);
    });
    while (!told.load(std::memory_order_relaxed)) std::this_thread::yield();
    done.after();
    must(value == 1);
    other.join();
}

/// Two fibers of one thread and the thread itself take turns at plain data.
class fibers {
public:
    explicit fibers(interlock::fiber_order order) : order_{order} {
        current_ = this;
        for (one& fiber : all_) {
            getcontext(&fiber.context);
            fiber.context.uc_stack.ss_sp = fiber.stack.get();
            fiber.context.uc_stack.ss_size = stack_size;
            makecontext(&fiber.context, work, 0);
        }
        for (int turn = 0; turn < 2 * turns; ++turn) {
            one& next = all_[turn % 2];
            at_ = &next;
            next.annotation.switch_to(order);
            swapcontext(&outside_, &next.context);
            ++sum_;
        }
        must(sum_ == 4 * turns);
    }

private:
    static void work() {
        for (;;) {
            ++current_->sum_;
            one& self = *current_->at_;
            interlock::fiber_annotation::switch_to_thread(current_->order_);
            swapcontext(&self.context, &current_->outside_);
        }
    }

    static constexpr std::size_t stack_size = 256 << 10;
    struct one {
        std::unique_ptr<char[]> stack = std::make_unique<char[]>(stack_size);
        interlock::fiber_annotation annotation{"fiber", stack.get(), stack_size};
        ucontext_t context{};
    };
    static inline fibers* current_;
    interlock::fiber_order order_;
    one all_[2];
    one* at_ = nullptr;
    ucontext_t outside_{};
    long sum_ = 0;
};

void hand_over() {
    interlock::counting_semaphore<> filled(0);
    interlock::binary_semaphore emptied(1);
    interlock::latch begun(2);
    interlock::manual_reset_event ended;
    interlock::once_flag once;
    long value = 0;
    long runs = 0;
    std::thread other([&] {
        begun.arrive_and_wait();
        interlock::call_once(once, [&] { ++runs; });
        for (int i = 0; i < turns; ++i) {
            emptied.acquire();
            ++value;
            filled.release();
        }
        ended.wait();
        must(value == 2 * turns);
    });
    begun.arrive_and_wait();
    interlock::call_once(once, [&] { ++runs; });
    must(runs == 1);
    for (int i = 0; i < turns; ++i) {
        filled.acquire();
        ++value;
        emptied.release();
    }
    ended.set();
    other.join();
}

void meet() {
    interlock::barrier phase(threads_max);
    std::vector<long> written(threads_max, 0);
    run([&](unsigned i) {
        for (int turn = 0; turn < turns; ++turn) {
            ++written[i];
            phase.arrive_and_wait();
            must(written[(i + 1) % threads_max] == turn + 1);
            phase.arrive_and_wait();
        }
    });
}

template <typename Condition, typename Mutex>
void take_turns() {
    Mutex m;
    Condition changed;
    unsigned turn = 0;
    run([&](unsigned i) {
        for (unsigned round = 0; round < turns; ++round) {
            std::unique_lock held(m);
            changed.wait(held, [&] { return turn % threads_max == i; });
            ++turn;
            changed.notify_all();
        }
    });
    must(turn == threads_max * turns);
}

void count_in_stripes() {
    interlock::striped_mutex<int> stripes(4);
    std::vector<long> sums(4, 0);
    run([&](unsigned i) {
        for (unsigned turn = 0; turn < turns; ++turn) {
            const auto a = static_cast<int>((i + turn) % 4);
            const auto held = stripes.lock(a, (a + 1) % 4);
            ++sums[static_cast<std::size_t>(a)];
        }
    });
}

void count_in_ranks() {
    static constexpr interlock::lock_class low{"low", 1};
    static constexpr interlock::lock_class high{"high", 2};
    interlock::ranked<> first("first", low);
    interlock::ranked<> second("second", high);
    long sum = 0;
    run([&](unsigned i) {
        for (int turn = 0; turn < turns; ++turn) {
            if (i % 2 == 0) {
                const interlock::scoped_in_rank_order held(second, first);
                ++sum;
            } else {
                const std::lock_guard held(second);
                ++sum;
            }
        }
    });
}

}  // namespace

int main(int count, char** words) {
    const std::string_view how = count == 2 ? words[1] : "";
    if (how == "race") {
        long sum = 0;
        run([&](unsigned) { *const_cast<volatile long*>(&sum) = sum + 1; });
    }
    if (how == "not_annotated") count_under<own_lock>(false);
    if (how == "by_chance") fibers{interlock::fiber_order::by_chance};
    if (!how.empty()) return 0;
    count_under<interlock::mutex>();
    count_under<interlock::timed_mutex>();
    count_under<interlock::recursive_mutex>();
    count_under<interlock::recursive_timed_mutex>();
    count_under<interlock::spinlock>();
    count_under<interlock::ticket_lock>();
    count_under<interlock::shared_timed_mutex>();
    count_under<own_lock>();
    share<interlock::shared_mutex>();
    share<interlock::shared_timed_mutex>();
    share<interlock::fair_shared_mutex>();
    share<interlock::reader_preferring_mutex>();
    share<interlock::writer_preferring_mutex>();
    upgrade<interlock::fair_shared_mutex>();
    upgrade<interlock::reader_preferring_mutex>();
    upgrade<interlock::writer_preferring_mutex>();
    order_by_annotation();
    fibers{interlock::fiber_order::kept};
    hand_over();
    meet();
    take_turns<interlock::condition_variable, interlock::mutex>();
    take_turns<interlock::condition_variable_any, interlock::recursive_mutex>();
    take_turns<interlock::condition_variable_any, interlock::spinlock>();
    count_in_stripes();
    count_in_ranks();
    hand_work_over();
    return 0;
}
