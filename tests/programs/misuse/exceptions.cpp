// Exceptions thrown through locked scopes: guards release on the way, a bare lock() stays held until its thread ends.
// (The unwinder has a once flag of its own, so dependencies have a floor only.)
//
// expect: guarded
//   acquisitions 4
//   dependencies at-least 1
//   stdout caught
//   clean
// expect: bare
//   acquisitions 2
//   dependencies at-least 0
//   stdout caught
//   finding held-at-thread-exit observed locks=a

#include <cstdio>
#include <mutex>
#include <stdexcept>
#include <string_view>
#include <thread>

namespace {

std::mutex a;
std::mutex b;

void fail() { throw std::runtime_error("no luck"); }

void guarded() {
    const std::lock_guard first(a);
    const std::lock_guard second(b);
    fail();
}

void bare() {
    a.lock();
    fail();
    a.unlock();
}

void work(bool careful) {
    try {
        careful ? guarded() : bare();
    } catch (const std::runtime_error&) {
        std::puts("caught");
    }
    if (!careful) return;
    // Nothing is held here any more, so this is no request under a lock.
    { const std::lock_guard once_more(b); }
    { const std::lock_guard once_more(a); }
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    const bool careful = std::string_view(words[1]) == "guarded";
    std::thread(work, careful).join();
    if (!careful) b.lock();
    if (!careful) b.unlock();
    return 0;
}
