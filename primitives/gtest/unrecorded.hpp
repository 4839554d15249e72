// What the listener does for itself: on the program's threads, and not of the program.
#pragma once

#include <exception>
#include <mutex>

#include <interlock/recorder.hpp>

namespace interlock::gtest {

/// Runs `what`; nothing that this thread does meanwhile is recorded. Returns the exception that it ended by, if any.
template <typename What>
std::exception_ptr do_unrecorded(What&& what) {
    struct call {
        What& what;
        std::exception_ptr failed;
    } made{what, nullptr};
    interlock_v1_unrecorded(
        [](void* data) {
            auto& call_of = *static_cast<call*>(data);
            try {
                call_of.what();
            } catch (...) {
                call_of.failed = std::current_exception();
            }
        },
        &made);
    return made.failed;
}

/// A mutex of which the log knows nothing: who holds it holds no lock. For std::lock_guard and its kind. Thread-safe.
class unrecorded_mutex {
public:
    void lock() {
        do_unrecorded([this] { mutex_.lock(); });
    }
    void unlock() {
        do_unrecorded([this] { mutex_.unlock(); });
    }

private:
    std::mutex mutex_;
};

}  // namespace interlock::gtest
