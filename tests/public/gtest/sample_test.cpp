// Tests as teams write them, some of which make a lock-order inversion. Which ones fail, and with which words, is in expected/;
// gtest_check.py runs them.
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

#include <array>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include <gtest/gtest.h>
#include <interlock/gtest.hpp>
#include <interlock/mutex.hpp>

namespace {

/// A signal that orders nothing for interlock: one thread after the other here, but not by anything that would keep them so.
class turn {
public:
    turn() { sem_init(&posted_, 0, 0); }
    ~turn() { sem_destroy(&posted_); }
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;
    void wait() { sem_wait(&posted_); }
    void pass() { sem_post(&posted_); }

private:
    sem_t posted_;
};

template <typename Outer, typename Inner>
void nest(Outer& outer, Inner& inner) {
    const std::lock_guard hold(outer);
    const std::lock_guard hold_too(inner);
}

/// Two threads that live at the same time, the second at work after the first.
template <typename First, typename Second>
void in_turns(First first, Second second) {
    turn of_second;
    std::thread late([&] {
        of_second.wait();
        second();
    });
    std::thread early([&] {
        first();
        of_second.pass();
    });
    early.join();
    late.join();
}

// -- inside one test ------------------------------------------------------------------------------------------------------------

struct bank : testing::Test {
    std::mutex from, to, third, gate;
};

TEST_F(bank, transfers_in_one_order) {
    in_turns([&] { nest(from, to); }, [&] { nest(from, to); });
}

TEST_F(bank, transfers_in_opposite_orders) {
    in_turns([&] { nest(from, to); }, [&] { nest(to, from); });
}

TEST_F(bank, ring_of_three) {
    in_turns([&] { nest(from, to); }, [&] { in_turns([&] { nest(to, third); }, [&] { nest(third, from); }); });
}

TEST_F(bank, guarded) {
    const auto gated = [&](std::mutex& outer, std::mutex& inner) {
        const std::lock_guard hold(gate);
        nest(outer, inner);
    };
    in_turns([&] { gated(from, to); }, [&] { gated(to, from); });
}

TEST_F(bank, ordered_by_join) {
    std::thread([&] { nest(from, to); }).join();
    std::thread([&] { nest(to, from); }).join();
}

TEST_F(bank, single_thread) {
    nest(from, to);
    nest(to, from);
}

TEST_F(bank, tries) {
    in_turns([&] { nest(from, to); },
             [&] {
                 const std::lock_guard hold(to);
                 const std::unique_lock hold_too(from, std::try_to_lock);
             });
}

TEST_F(bank, takes_both_at_once) {
    in_turns([&] { const std::scoped_lock both(from, to); }, [&] { const std::scoped_lock both(to, from); });
}

TEST_F(bank, readers) {
    std::shared_mutex a, b;
    const auto read = [](std::shared_mutex& outer, std::shared_mutex& inner) {
        const std::shared_lock hold(outer);
        const std::shared_lock hold_too(inner);
    };
    in_turns([&] { read(a, b); }, [&] { read(b, a); });
}

// -- across tests: the locks outlive them -----------------------------------------------------------------------------------------

std::mutex journal, ledger;

TEST(across, first_half) { nest(journal, ledger); }
TEST(across, second_half) { nest(ledger, journal); }
TEST(across, second_half_again) { nest(ledger, journal); }

// The locks of a fixture die with its test, wherever the next one's lie.
struct own_locks : testing::Test {
    std::unique_ptr<std::array<std::mutex, 2>> locks = std::make_unique<std::array<std::mutex, 2>>();
};

TEST_F(own_locks, one_order) { nest((*locks)[0], (*locks)[1]); }
TEST_F(own_locks, other_order) { nest((*locks)[1], (*locks)[0]); }

// -- parameterised and typed ------------------------------------------------------------------------------------------------------

struct orders : testing::TestWithParam<bool> {};
std::mutex early_lock, late_lock;

TEST_P(orders, of_two_locks) {
    std::mutex a, b;
    const bool inverted = GetParam();
    in_turns([&] { nest(a, b); }, [&] { inverted ? nest(b, a) : nest(a, b); });
}
TEST_P(orders, of_the_same_locks) {
    in_turns([] { nest(early_lock, late_lock); }, [] { nest(late_lock, early_lock); });
}
INSTANTIATE_TEST_SUITE_P(both, orders, testing::Bool());

template <typename Lock>
struct kinds : testing::Test {
    Lock a, b;
};
using lock_types = testing::Types<std::recursive_mutex, interlock::mutex>;
TYPED_TEST_SUITE(kinds, lock_types);

TYPED_TEST(kinds, in_opposite_orders) {
    in_turns([&] { nest(this->a, this->b); }, [&] { nest(this->b, this->a); });
}
TYPED_TEST(kinds, in_one_order) {
    in_turns([&] { nest(this->a, this->b); }, [&] { nest(this->a, this->b); });
}

// -- death tests --------------------------------------------------------------------------------------------------------------------

struct death : testing::TestWithParam<const char*> {
    void SetUp() override { testing::FLAGS_gtest_death_test_style = GetParam(); }
    std::mutex a, b;
};

TEST_P(death, in_one_order) {
    EXPECT_DEATH(
        {
            nest(a, b);
            abort();
        },
        "");
}
TEST_P(death, in_opposite_orders) {
    EXPECT_EXIT(
        {
            in_turns([&] { nest(a, b); }, [&] { nest(b, a); });
            exit(3);
        },
        testing::ExitedWithCode(3), "");
}
INSTANTIATE_TEST_SUITE_P(styles, death, testing::Values("fast", "threadsafe"));

// -- a thread that outlives its test ------------------------------------------------------------------------------------------------

std::mutex queue, cache;
turn of_worker, of_test;
std::thread worker;

TEST(outliving, starts_it) {
    worker = std::thread([] {
        of_worker.wait();
        nest(queue, cache);
        of_test.pass();
    });
}
TEST(outliving, meets_it) {
    nest(cache, queue);
    of_worker.pass();
    of_test.wait();
}
TEST(outliving, joins_it) { worker.join(); }

// -- policy -----------------------------------------------------------------------------------------------------------------------------

std::mutex legacy_a, legacy_b;

TEST(allowed, known_inversion) {
    interlock::allow_findings("legacy locks, to be mended with the rewrite");
    in_turns([] { nest(legacy_a, legacy_b); }, [] { nest(legacy_b, legacy_a); });
}
TEST(allowed, meets_what_it_did) { nest(legacy_b, legacy_a); }

TEST(allowed, in_the_source) {
    std::mutex a, b;
    {
        const std::lock_guard hold(a);
        const std::lock_guard hold_too(b);
    }
    const std::lock_guard hold(b);
    const std::lock_guard hold_too(a);  // interlock: allow(lock-order-cycle) only ever one thread at start-up
}

// -- around the tests -------------------------------------------------------------------------------------------------------------------

struct around : testing::Test {
    static void SetUpTestSuite() {
        static std::mutex a, b;
        in_turns([] { nest(a, b); }, [] { nest(b, a); });
    }
};
TEST_F(around, is_clean) { SUCCEED(); }

// -- expectations -----------------------------------------------------------------------------------------------------------------------

struct expectations : testing::Test {
    std::mutex first, second, third;
};

TEST_F(expectations, hold) {
    EXPECT_NO_LOCK_INVERSION(nest(first, second); nest(second, third));
    EXPECT_LOCK_ORDER(first, second);
    EXPECT_LOCK_ORDER(first, third);
    EXPECT_NO_LOCKS_HELD();
}
TEST_F(expectations, no_inversion) {
    nest(first, second);
    EXPECT_NO_LOCK_INVERSION(nest(first, third));
    EXPECT_NO_LOCK_INVERSION(nest(second, first));
}
TEST_F(expectations, order) {
    nest(second, first);
    EXPECT_LOCK_ORDER(first, second);
    EXPECT_LOCK_ORDER(second, third);
}
TEST_F(expectations, no_locks_held) {
    const std::lock_guard hold(first);
    EXPECT_NO_LOCKS_HELD();
}

// -- other findings ---------------------------------------------------------------------------------------------------------------------

TEST(misuse, unlocks_what_is_free) {
    pthread_mutex_t lock = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
    EXPECT_NE(pthread_mutex_unlock(&lock), 0);
}
TEST(misuse, is_skipped) { GTEST_SKIP(); }

}  // namespace
