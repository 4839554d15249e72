// To be told of findings while the program runs: to log them, to stop in a debugger, to fail a test of one's own.
//
//      interlock::on_finding([](const interlock::finding& found) { my_log(found.report); });
#pragma once

#include <interlock/config.hpp>
#include <interlock/recorder.hpp>

#include <functional>
#include <string_view>
#include <utility>

namespace interlock::inline INTERLOCK_MODE {

/// As the process itself knows it: what whole-log analysis finds is in the report alone. Valid during the call.
struct finding {
    std::string_view kind;    // "lock-order-cycle" or "data-race"
    std::string_view report;  // a few lines, with addresses instead of source lines
};

/// `callback` is called for each inversion that is a potential deadlock beyond doubt and each race, once for the same locks or places, on the
/// thread that makes it, just before it goes on: with the lock that closes the cycle, and whatever else the thread holds, acquired. A callback that
/// locks one of these, a logger's own mutex perhaps, hangs or fails as it would anywhere. Nothing that it does there is recorded; it must not wait for
/// other threads, and must not throw. With `suppressions` or `baseline` in INTERLOCK_OPTIONS the command interlock is asked first, on that thread, whether they
/// hide all errors of the log so far: while they do, nobody is told; once something is left, all that follows is. A
/// later call replaces it; an empty callback ends it. Where primitives do not record (INTERLOCK_OFF), nobody is ever told. Thread-safe.
inline void on_finding([[maybe_unused]] std::function<void(const finding&)> callback) {
#if INTERLOCK_RECORDS
    using function = std::function<void(const finding&)>;
    if (!callback) return interlock_v1_on_finding(nullptr, nullptr);
    // Never destroyed: another thread may be in a call of it.
    interlock_v1_on_finding(
        [](const interlock_finding* found, void* data) {
            (*static_cast<function*>(data))({found->kind, found->report});
        },
        new function(std::move(callback)));
#endif
}

}  // namespace interlock::inline INTERLOCK_MODE
