// A bounded queue between two producers and two consumers, as everybody writes it: nothing to report.
//
// expect:
//   acquisitions at-least 4000
//   dependencies 0
//   stdout 2001000
//   clean

#include <condition_variable>
#include <cstdio>
#include <deque>
#include <mutex>
#include <thread>

namespace {

class queue {
public:
    void put(int item) {
        std::unique_lock lock(m_);
        room_.wait(lock, [this] { return items_.size() < 8; });
        items_.push_back(item);
        filled_.notify_one();
    }

    int next() {
        std::unique_lock lock(m_);
        filled_.wait(lock, [this] { return !items_.empty(); });
        const int item = items_.front();
        items_.pop_front();
        room_.notify_one();
        return item;
    }

private:
    std::mutex m_;
    std::condition_variable room_;
    std::condition_variable filled_;
    std::deque<int> items_;
};

queue items;

void produce(int from, int to) {
    for (int i = from; i <= to; ++i) items.put(i);
}

void consume(long& sum) {
    for (int i = 0; i < 1000; ++i) sum += items.next();
}

}  // namespace

int main() {
    long sums[2] = {0, 0};
    std::thread threads[] = {std::thread(produce, 1, 1000), std::thread(produce, 1001, 2000),
                             std::thread(consume, std::ref(sums[0])), std::thread(consume, std::ref(sums[1]))};
    for (std::thread& thread : threads) thread.join();
    std::printf("%ld\n", sums[0] + sums[1]);
    return 0;
}
