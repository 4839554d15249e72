// Queues as programs use them, each the clean way: producers end, then the queue is shut down, so no consumer waits for ever.
//
// expect: closed
//   acquisitions 0
//   dependencies 0
//   events queue_put 10
//   events queue_get 10
//   threads 3
//   clean
// expect: joined
//   acquisitions 0
//   dependencies 0
//   events queue_get 10
//   events queue_join 1
//   threads 2
//   clean

#include <interlock/queue.hpp>
#include <interlock/thread.hpp>

#include <string_view>

int main(int count, char** words) {
    const std::string_view how = count == 2 ? words[1] : "";
    interlock::queue<int> jobs{"jobs", 2};
    interlock::thread consumer("consumer", [&] {
        while (jobs.get()) jobs.task_done();
    });
    if (how == "closed") {
        interlock::thread("producer", [&] {
            for (int i = 0; i < 10; ++i) jobs.put(i);
            jobs.shutdown();
        }).join();
    } else {
        for (int i = 0; i < 10; ++i) jobs.put(i);
        jobs.join();
        jobs.shutdown();
    }
    consumer.join();
    return 0;
}
