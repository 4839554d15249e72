// A pool that sums in parallel, the wrong way and the right way to wait for parts of one's own work.
//
//      pool nested     a task that waits for a task of its own pool, which has one worker: it would wait for ever, and gives up here
//      pool flat       the parts are submitted and waited for from outside
//
// expect: nested
//   stdout no sum
//   acquisitions 0
//   dependencies 0
//   finding pool-exhausted escapable locks=sums functions=sum_of_parts
// expect: flat
//   stdout the sum is 5050
//   acquisitions 0
//   dependencies 0
//   clean

#include <interlock/thread_pool.hpp>

#include <cstdio>
#include <string_view>
#include <vector>

namespace {

using namespace std::chrono_literals;

long sum(int from, int to) {
    long all = 0;
    for (int i = from; i < to; ++i) all += i;
    return all;
}

bool sum_of_parts(interlock::thread_pool& pool) {
    const interlock::future<long> part = pool.submit(sum, 1, 101);
    return part.wait_for(10ms) == std::future_status::ready;
}

}  // namespace

int main(int count, char** words) {
    const bool nested = count == 2 && std::string_view(words[1]) == "nested";
    interlock::thread_pool pool{"sums", nested ? 1u : 4u};
    if (nested) {
        std::puts(pool.submit([&] { return sum_of_parts(pool); }).get() ? "a sum" : "no sum");
        return 0;
    }
    std::vector<interlock::future<long>> parts;
    for (int from = 1; from <= 100; from += 25) parts.push_back(pool.submit(sum, from, from + 25));
    long all = 0;
    for (interlock::future<long>& part : parts) all += part.get();
    std::printf("the sum is %ld\n", all);
}
