// Somebody cuts the log under a program that locks: the program itself, from one thread, while others lock. It has a SIGBUS handler of its
// own, for a mapped file of its own that is cut too; the handler must see that fault and none of the recorder's.
// Arguments: the log ("-": none), how long it stays, the file of its own, `before` or `after` (when the handler is installed).
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

namespace {

constexpr std::size_t own_size = 4 * 4096;

std::mutex locks[4];
std::atomic<bool> cut{false};
std::atomic<int> started{0};
std::atomic<int> faults{0};
volatile char* own_file = nullptr;
sigjmp_buf out;

void on_fault(int, siginfo_t* info, void*) {
    ++faults;
    if (info->si_addr != const_cast<char*>(own_file) + own_size - 4096) _exit(20);
    siglongjmp(out, 1);
}

void install() {
    struct sigaction action = {};
    struct sigaction old = {};
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO;
    if (sigaction(SIGBUS, &action, &old) != 0 || old.sa_handler != SIG_DFL) _exit(21);
    if (sigaction(SIGBUS, nullptr, &old) != 0 || old.sa_sigaction != on_fault) _exit(22);
}

/// Nests two locks until the log is cut, and a good while after.
void work(int number, long& sections) {
    std::mutex& first = locks[number];
    std::mutex& second = locks[(number + 1) % 4];
    for (int left = 20000; left != 0; left -= cut.load(std::memory_order_relaxed)) {
        first.lock();
        if (second.try_lock()) second.unlock();
        first.unlock();
        if (++sections == 1000) ++started;
    }
}

bool shorten(const char* path, long size) {
    const int file = open(path, O_RDWR);
    const bool done = file >= 0 && ftruncate(file, size) == 0;
    close(file);
    return done;
}

bool own_fault_is_seen(const char* path) {
    const int file = open(path, O_RDWR | O_CREAT, 0600);
    if (file < 0 || ftruncate(file, own_size) != 0) return false;
    void* place = mmap(nullptr, own_size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (place == MAP_FAILED) return false;
    own_file = static_cast<char*>(place);
    if (!shorten(path, own_size - 4096)) return false;
    if (sigsetjmp(out, 1) == 0) own_file[own_size - 4096] = 1;
    return faults == 1;
}

}  // namespace

int main(int count, char** words) {
    if (count != 5) return 2;
    const bool before = std::strcmp(words[4], "before") == 0;
    if (before) install();
    long sections[4] = {};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back(work, i, std::ref(sections[i]));
    while (started.load() != 4) std::this_thread::yield();
    if (!before) install();
    if (std::strcmp(words[1], "-") != 0 && !shorten(words[1], std::atol(words[2]))) return 3;
    cut = true;
    for (std::thread& thread : threads) thread.join();
    if (!own_fault_is_seen(words[3])) return 4;
    std::thread late([&] { work(0, sections[0]); });
    late.join();
    std::puts("done");
}
