// Locks and unlocks from two threads until it is told to stop or is killed; each thread's own count of finished sections stands in a
// file that the test reads afterwards. Arguments: the file, the number of sections of each thread (0: for ever).
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <thread>

namespace {

std::mutex first;
std::mutex second;

void work(std::atomic<unsigned long>& count, unsigned long sections, std::mutex& mutex) {
    for (unsigned long i = 0; sections == 0 || i < sections; ++i) {
        mutex.lock();
        mutex.unlock();
        count.store(i + 1, std::memory_order_relaxed);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const int file = open(argv[1], O_RDWR);
    if (file < 0) return 3;
    void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (page == MAP_FAILED) return 4;
    auto* counts = static_cast<std::atomic<unsigned long>*>(page);
    const unsigned long sections = std::strtoul(argv[2], nullptr, 10);
    std::thread other([&] { work(counts[0], sections, first); });
    work(counts[1], sections, second);
    other.join();
}
