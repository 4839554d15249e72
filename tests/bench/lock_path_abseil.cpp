// The lock path of absl::Mutex with its deadlock check on, the peer that a program links.
#include <absl/synchronization/mutex.h>

#include "tests/bench/lock_path.hpp"

namespace {

class abseil_mutex {
public:
    void lock() ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex_) { mutex_.Lock(); }
    void unlock() ABSL_UNLOCK_FUNCTION(mutex_) { mutex_.Unlock(); }

private:
    absl::Mutex mutex_;
};

}  // namespace

int main(int argc, char** argv) {
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kReport);
    return interlock::bench::lock_path<abseil_mutex>::run(argc, argv);
}
