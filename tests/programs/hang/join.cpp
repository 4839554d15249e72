// The main thread joins a thread while it holds the lock that this thread waits for: no second lock is needed. A third thread
// ends the process once both have come to rest.
//
// expect: under-lock
//   acquisitions 1
//   dependencies at-least 1
//   finding deadlock observed edges=2 no=none via=work
// expect: after-unlock
//   acquisitions 2
//   dependencies at-least 0
//   clean

#include <mutex>
#include <string_view>
#include <thread>

#include "tests/programs/blocked.h"
#include "tests/programs/hand_over.h"

namespace {

std::mutex m;
int main_thread;
int worker_thread;

void work() {
    await_turn(1);
    say_thread(&worker_thread);
    const std::lock_guard wanted(m);
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    std::thread worker(work);
    m.lock();
    if (std::string_view(words[1]) == "after-unlock") {
        m.unlock();
        give_turn(1);
        worker.join();
        return 0;
    }
    std::thread([] {
        await_blocked(&worker_thread);
        await_blocked(&main_thread);
        _exit(0);
    }).detach();
    give_turn(1);
    await_blocked(&worker_thread);
    say_thread(&main_thread);
    worker.join();
    return 1;
}
