// Libraries come and go under threads that lock; at the end two that invert two locks each are loaded in turn, where the first lay as a rule.
// Arguments: the two libraries, how often they come and go before.
#include <dlfcn.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

namespace {

std::mutex a;
std::mutex b;
std::atomic<bool> stop{false};

using function = void (*)();

function find(void* library, const char* name) { return reinterpret_cast<function>(dlsym(library, name)); }

void storm(const char* path, int times) {
    for (int i = 0; i < times; ++i) {
        void* library = dlopen(path, RTLD_NOW);
        if (library == nullptr) _Exit(3);
        find(library, "forward")();
        dlclose(library);
    }
}

void invert(const char* path) {
    void* library = dlopen(path, RTLD_NOW);
    if (library == nullptr) _Exit(3);
    std::thread(find(library, "forward")).join();
    std::thread(find(library, "backward")).join();
    dlclose(library);
}

}  // namespace

int main(int count, char** words) {
    if (count != 4) return 2;
    std::vector<std::thread> locking;
    for (int i = 0; i < 2; ++i)
        locking.emplace_back([] {
            while (!stop) {
                const std::lock_guard outer(a);
                const std::lock_guard inner(b);
            }
        });
    std::thread first(storm, words[1], std::atoi(words[3]));
    std::thread second(storm, words[2], std::atoi(words[3]));
    first.join();
    second.join();
    stop = true;
    for (std::thread& thread : locking) thread.join();
    invert(words[1]);
    invert(words[2]);
    std::puts("done");
}
