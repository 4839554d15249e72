// Tasks of a pool that wait for tasks of that pool. With every worker waiting, nobody is left to run what they wait for; here the last of
// them gives up, so that the program ends. With one worker to spare, or on another pool, nothing happens.
//
// expect: alone
//   acquisitions 0
//   dependencies 0
//   threads 2
//   finding pool-exhausted escapable locks=pool functions=wait_inside threads=pool
// expect: both
//   acquisitions 0
//   dependencies 0
//   threads 3
//   finding pool-exhausted escapable locks=pool functions=wait_inside threads=pool
// expect: for_ever
//   acquisitions 0
//   dependencies 0
//   threads 3
//   finding pool-exhausted observed locks=pool functions=wait_for_ever threads=pool
// expect: one_to_spare
//   acquisitions 0
//   dependencies 0
//   events task_finish 2
//   events future_get 2
//   threads 3
//   clean
// expect: elsewhere
//   acquisitions 0
//   dependencies 0
//   events task_finish 2
//   events future_get 2
//   threads 3
//   clean
// expect: ordered
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle ordered edges=2 locks=a,b functions=one_way,other_way

#include <interlock/mutex.hpp>
#include <interlock/thread_pool.hpp>

#include <string_view>

#include <unistd.h>

#include "tests/programs/blocked.h"
#include "tests/programs/hand_over.h"

namespace {

interlock::mutex a{"a"};
interlock::mutex b{"b"};

void wait_for_ever(const interlock::future<void>& other) { other.wait(); }

void wait_inside(const interlock::future<void>& other) {
    static_cast<void>(other.wait_for(std::chrono::milliseconds(1)));
}

/// The first worker waits for as long as it takes, the second only once the first does: for a moment, or as long.
void exhaust_two(bool for_ever) {
    static interlock::thread_pool* const pool = new interlock::thread_pool("pool", 2);
    static interlock::future<void> never;
    static int first = 0;
    static int second = 0;
    pool->post([] {
        await_turn(1);
        say_thread(&first);
        never.wait();
    });
    interlock::future<void> given_up = pool->submit([for_ever] {
        never = pool->submit([] {});
        give_turn(1);
        await_blocked(&first);
        say_thread(&second);
        if (for_ever)
            wait_for_ever(never);
        else
            wait_inside(never);
    });
    if (!for_ever) {
        given_up.get();
        delete pool;
        return;
    }
    await_blocked(&second);
    _exit(0);
}

void one_way() {
    const std::lock_guard first(a);
    const std::lock_guard second(b);
}

void other_way() {
    const std::lock_guard first(b);
    const std::lock_guard second(a);
}

}  // namespace

int main(int count, char** words) {
    const std::string_view how = count == 2 ? words[1] : "";
    if (how == "alone") {
        interlock::thread_pool pool{"pool", 1};
        pool.submit([&] { wait_inside(pool.submit([] {})); }).get();
    }
    if (how == "both" || how == "for_ever") exhaust_two(how == "for_ever");
    if (how == "one_to_spare") {
        interlock::thread_pool pool{"pool", 2};
        pool.submit([&] { pool.submit([] {}).get(); }).get();
    }
    if (how == "elsewhere") {
        interlock::thread_pool first{"first", 1};
        interlock::thread_pool second{"second", 1};
        first.submit([&] { second.submit([] {}).get(); }).get();
    }
    if (how == "ordered") {
        interlock::thread_pool first{"first", 1};
        interlock::thread_pool second{"second", 1};
        first.submit(one_way).get();
        second.submit(other_way).get();
    }
    return 0;
}
