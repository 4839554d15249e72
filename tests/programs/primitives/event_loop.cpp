// A handler that keeps its loop longer than the bound, and one that does not. What is too long is measured by the loop itself; the slow one
// watches the same clock, so a machine under load changes nothing.
//
// expect: slow
//   acquisitions 0
//   dependencies 0
//   finding handler-overrun observed locks=loop functions=post_it threads=main
// expect: quick
//   acquisitions 0
//   dependencies 0
//   events task_finish 1
//   clean
// expect: under_lock
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle single-thread edges=2 locks=a,b functions=one_way,other_way

#include <interlock/event_loop.hpp>
#include <interlock/mutex.hpp>

#include <string_view>

namespace {

using namespace std::chrono_literals;

interlock::mutex a{"a"};
interlock::mutex b{"b"};

void post_it(interlock::event_loop& loop, bool slow) {
    loop.post([&loop, slow] {
        const auto begin = interlock::event_loop::clock::now();
        while (slow && interlock::event_loop::clock::now() < begin + 20ms) continue;
        loop.stop();
    });
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
    interlock::event_loop loop{"loop", how == "slow" ? 10ms : std::chrono::milliseconds(1h)};
    if (how == "under_lock") {
        loop.post(one_way);
        loop.post(other_way);
    }
    post_it(loop, how == "slow");
    loop.run();
    return 0;
}
