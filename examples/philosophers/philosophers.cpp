// Dining philosophers (Dijkstra, 1965): five at a round table, a fork between each two, and each needs both of his to eat.
//
//      philosophers left_first     each takes his left fork, then his right one: all five at once would starve
//      philosophers ordered        each takes the lower of his forks first: no cycle is possible
//      philosophers with_timeouts  as left_first, but who waits too long for his right fork puts down the left one
//
// Here they eat one after the other, so nobody ever starves; interlock tells what the next evening may bring.
//
// expect: left_first
//   stdout 5 have eaten
//   acquisitions 10
//   dependencies 5
//   finding lock-order-cycle potential edges=5 locks=fork-0,fork-1,fork-2,fork-3,fork-4 functions=dine no=none
// expect: ordered
//   stdout 5 have eaten
//   acquisitions 10
//   dependencies 5
//   clean
// expect: with_timeouts
//   stdout 5 have eaten
//   acquisitions 10
//   dependencies 5
//   finding lock-order-cycle escapable edges=5 locks=fork-0,fork-1,fork-2,fork-3,fork-4 functions=dine no=no_preemption timed=5

#include <interlock/mutex.hpp>
#include <interlock/thread.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <string_view>
#include <vector>

namespace {

using namespace std::chrono_literals;

constexpr unsigned seats = 5;

std::array<interlock::timed_mutex, seats> forks{interlock::timed_mutex{"fork-0"}, interlock::timed_mutex{"fork-1"},
                                                interlock::timed_mutex{"fork-2"}, interlock::timed_mutex{"fork-3"},
                                                interlock::timed_mutex{"fork-4"}};
std::atomic<unsigned> have_eaten = 0;

// Whose turn it is, is luck and not locking: an atomic that interlock does not take for an order.
void await_turn(unsigned seat) {
    while (have_eaten.load() != seat) std::this_thread::yield();
}

void dine(unsigned first, unsigned second, bool patient) {
    for (;;) {
        const std::unique_lock one(forks[first]);
        if (patient) {
            const std::unique_lock other(forks[second]);
            return;
        }
        const std::unique_lock other(forks[second], 1s);
        if (other.owns_lock()) return;
    }
}

}  // namespace

int main(int count, char** words) {
    const std::string_view how = count == 2 ? words[1] : "left_first";
    std::vector<interlock::thread> guests;
    for (unsigned seat = 0; seat < seats; ++seat) {
        guests.emplace_back("philosopher", [=] {
            const unsigned left = seat;
            const unsigned right = (seat + 1) % seats;
            await_turn(seat);
            if (how == "ordered")
                dine(std::min(left, right), std::max(left, right), true);
            else
                dine(left, right, how == "left_first");
            ++have_eaten;
        });
    }
    for (interlock::thread& one : guests) one.join();
    std::printf("%u have eaten\n", have_eaten.load());
}
