// Waits that come to syscall(SYS_futex): a future, atomic::wait; and other system calls through the same door.
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <future>
#include <thread>

int main() {
    std::promise<int> promise;
    std::thread waits([&] { std::printf("%d\n", promise.get_future().get()); });
    promise.set_value(5);
    waits.join();
    int word = 1;
    const timespec now{0, 0};
    std::printf("%ld ", syscall(SYS_futex, &word, FUTEX_WAIT, 2, nullptr, nullptr, 0));
    std::printf("%d\n", errno == EAGAIN);
    std::printf("%ld ", syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, 1, &now, nullptr, 1));
    std::printf("%d\n", errno == ETIMEDOUT);
    std::printf("%ld\n", syscall(SYS_futex, &word, FUTEX_WAKE, 1, nullptr, nullptr, 0));
    std::printf("%d\n", syscall(SYS_getpid) == getpid());
    std::printf("%ld ", syscall(SYS_close, -1));
    std::printf("%d\n", errno == EBADF);
}
