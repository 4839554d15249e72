// Promises, tasks and async by the names they were given. A promise that is destroyed unset is told where somebody gets it; a result of
// async is waited for by joining its thread, so what that thread needs is seen; a future's value orders what lies before it.
//
// expect: broken
//   acquisitions 0
//   dependencies 0
//   finding broken-promise observed locks=answer functions=ask
// expect: broken_task
//   acquisitions 0
//   dependencies 0
//   finding broken-promise observed locks=work functions=ask
// expect: never_asked
//   acquisitions 0
//   dependencies 0
//   events future_abandon 1
//   clean
// expect: kept
//   acquisitions 0
//   dependencies 0
//   events future_set 1
//   events future_get 1
//   clean
// expect: async_under_lock
//   acquisitions 2
//   dependencies 1
//   threads 2
//   finding lock-order-cycle ordered edges=2 threads=main,auditor via=audit_all
// expect: async_without_lock
//   acquisitions 2
//   dependencies 0
//   threads 2
//   clean
// expect: ordered_by_value
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle ordered edges=2 locks=a,b functions=one_way,other_way
// expect: ordered_by_wait
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle ordered edges=2 locks=a,b functions=one_way,other_way
// expect: ordered_by_timed_wait
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle ordered edges=2 locks=a,b functions=one_way,other_way
// expect: timed_out
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b functions=one_way,other_way

#include <interlock/future.hpp>
#include <interlock/mutex.hpp>
#include <interlock/thread.hpp>

#include <chrono>
#include <optional>
#include <string_view>

#include "tests/programs/hand_over.h"

namespace {

interlock::mutex books{"books"};
interlock::mutex a{"a"};
interlock::mutex b{"b"};

bool ask(interlock::future<int> future) {
    try {
        return future.get() == 42;
    } catch (const std::future_error&) {
        return false;
    }
}

void break_promise(bool asked) {
    std::optional<interlock::promise<int>> promise(std::in_place, "answer");
    interlock::future<int> future = promise->get_future();
    promise.reset();
    if (asked) ask(std::move(future));
}

void break_task() {
    interlock::future<int> future;
    {
        interlock::packaged_task<int()> task{"work", [] { return 42; }};
        future = task.get_future();
    }
    ask(std::move(future));
}

void keep() {
    interlock::promise<int> promise{"answer"};
    interlock::future<int> future = promise.get_future();
    interlock::thread setter("setter", [&] { promise.set_value(42); });
    ask(std::move(future));
    setter.join();
}

void count() { const std::lock_guard held(books); }

/// The auditor has counted before the lock is acquired here, this time.
void audit_all(bool under_lock) {
    interlock::promise<void> counted;
    interlock::future<void> was_counted = counted.get_future();
    interlock::future<void> audit = interlock::async(std::launch::async, "auditor", [&] {
        count();
        counted.set_value();
    });
    was_counted.get();
    std::unique_lock held(books);
    if (!under_lock) held.unlock();
    audit.get();
}

void one_way() {
    const std::lock_guard first(a);
    const std::lock_guard second(b);
}

void other_way() {
    const std::lock_guard first(b);
    const std::lock_guard second(a);
}

/// `pass` waits for the value, or does not: then the turn is all that orders the two, as in any run by chance.
template <typename Pass>
void order_by(bool set, Pass pass) {
    interlock::promise<void> done;
    interlock::thread first("first", [&] {
        one_way();
        if (set) done.set_value();
        give_turn(1);
    });
    interlock::thread second("second", [&, past = done.get_future()]() mutable {
        pass(past);
        await_turn(1);
        other_way();
    });
    first.join();
    second.join();
}

}  // namespace

int main(int count, char** words) {
    const std::string_view how = count == 2 ? words[1] : "";
    if (how == "broken") break_promise(true);
    if (how == "broken_task") break_task();
    if (how == "never_asked") break_promise(false);
    if (how == "kept") keep();
    if (how == "async_under_lock") audit_all(true);
    if (how == "async_without_lock") audit_all(false);
    using namespace std::chrono_literals;
    if (how == "ordered_by_value") order_by(true, [](auto& past) { past.get(); });
    if (how == "ordered_by_wait") order_by(true, [](auto& past) { past.wait(); });
    if (how == "ordered_by_timed_wait") {
        order_by(true, [](auto& past) {
            while (past.wait_for(1h) != std::future_status::ready) {
            }
        });
    }
    if (how == "timed_out") order_by(false, [](auto& past) { static_cast<void>(past.wait_for(1ms)); });
    return 0;
}
