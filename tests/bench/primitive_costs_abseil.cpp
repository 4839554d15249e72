// abseil's, with the deadlock check of its mutex on, which is what interlock's do besides. Of Barrier none is shown: one serves but once.
#include <absl/base/call_once.h>
#include <absl/synchronization/blocking_counter.h>
#include <absl/synchronization/mutex.h>
#include <absl/synchronization/notification.h>

#include "tests/bench/primitive_costs.hpp"

namespace {

class ABSL_LOCKABLE mutex {
public:
    void lock() ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex_) { mutex_.Lock(); }
    void unlock() ABSL_UNLOCK_FUNCTION(mutex_) { mutex_.Unlock(); }
    void lock_shared() ABSL_SHARED_LOCK_FUNCTION(mutex_) { mutex_.ReaderLock(); }
    void unlock_shared() ABSL_UNLOCK_FUNCTION(mutex_) { mutex_.ReaderUnlock(); }

private:
    absl::Mutex mutex_;
};

class condition {
public:
    void notify_one() { condition_.Signal(); }

private:
    absl::CondVar condition_;
};

class latch {
public:
    explicit latch(int expected) : counter_(expected) {}
    void count_down() { counter_.DecrementCount(); }
    void wait() { counter_.Wait(); }

private:
    absl::BlockingCounter counter_;
};

class event {
public:
    void set() { notification_.Notify(); }
    void wait() { notification_.WaitForNotification(); }

private:
    absl::Notification notification_;
};

}  // namespace

int main(int count, char** arguments) {
    using namespace interlock::bench;
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kReport);
    const auto call = [](absl::once_flag& flag) { absl::call_once(flag, [] {}); };
    benchmark::RegisterBenchmark("mutex", lock_unlock<mutex>);
    benchmark::RegisterBenchmark("shared_mutex, write", lock_unlock<mutex>);
    benchmark::RegisterBenchmark("shared_mutex, read", shared_lock<mutex>);
    benchmark::RegisterBenchmark("condition_variable, notify", notify_nobody<condition>);
    benchmark::RegisterBenchmark("latch of one", latch_of_one<latch>);
    benchmark::RegisterBenchmark("event", set_and_wait<event>);
    benchmark::RegisterBenchmark("call_once, done", pass_once<absl::once_flag, decltype(call)>, call);
    return run_costs(count, arguments);
}
