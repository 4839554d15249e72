// Forks while locks of ours are held: by the idiom of pthread_atfork, which acquires before and releases on both sides, and by a thread whose
// child goes on in the section (not of a lock whose owner is told by its thread's number, as with std's). The child's locks are the parent's copies, whole; nothing of that is misuse.
//
// expect: around-the-fork
//   acquisitions 13
//   dependencies 5
//   logs 4
//   clean
// expect: inside-a-section
//   acquisitions 8
//   dependencies 4
//   logs 2
//   clean

#include <interlock/mutex.hpp>
#include <interlock/spinlock.hpp>

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <mutex>
#include <string_view>

namespace {

constinit interlock::mutex log_lock{"log"};
interlock::spinlock counter;

/// All are free, and can be had as ever; what the child has of them it leaves free.
void use_all() {
    const std::lock_guard first(log_lock);
    const std::lock_guard second(counter);
}

/// Status 0 of the child, or the end.
void fork_once(void (*in_child)()) {
    const pid_t child = fork();
    if (child == 0) {
        in_child();
        use_all();
        _exit(0);
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child || status != 0) abort();
}

void release_all() {
    counter.unlock();
    log_lock.unlock();
}

}  // namespace

int main(int, char** words) {
    use_all();
    if (std::string_view(words[1]) == "around-the-fork") {
        pthread_atfork([] { log_lock.lock(); }, [] { log_lock.unlock(); }, [] { log_lock.unlock(); });
        for (int i = 0; i < 3; ++i) fork_once([] {});
    } else {
        log_lock.lock();
        counter.lock();
        fork_once(release_all);
        release_all();
    }
    use_all();
}
