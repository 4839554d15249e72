// An inversion between a joined thread and what runs at exit: an atexit handler and a static destructor. The main
// thread nests twice at the same place, which is one dependency.
//
// expect: inverted
//   acquisitions 6
//   dependencies 2
//   finding lock-order-cycle ordered edges=2 locks=a,b via=leave,work
// expect: agreed
//   acquisitions 6
//   dependencies 2
//   clean

#include <cstdlib>
#include <mutex>
#include <string_view>
#include <thread>

namespace {

std::mutex a;
std::mutex b;
bool agreed;

void nest(std::mutex& first, std::mutex& second) {
    const std::lock_guard held(first);
    const std::lock_guard wanted(second);
}

void leave() { agreed ? nest(a, b) : nest(b, a); }

void work() { nest(a, b); }

struct last_words {
    ~last_words() { leave(); }
};

const last_words at_the_end;

}  // namespace

int main(int count, char** words) {
    agreed = count == 2 && std::string_view(words[1]) == "agreed";
    std::atexit(leave);
    std::thread(work).join();
    return 0;
}
