#include "instrument/recorder/findings.hpp"

#include <fcntl.h>
#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <cstring>

#include "instrument/recorder/exit_report.hpp"
#include "instrument/recorder/order_check.hpp"
#include "instrument/recorder/process.hpp"
#include "instrument/recorder/system_call.hpp"

namespace interlock::recorder {
namespace {

struct listener {
    finding_callback callback;
    void* data;
};
constinit listener none{nullptr, nullptr};
/// Never freed: another thread may be calling it. nullptr: nobody ever asked.
constinit std::atomic<const listener*> listening{&none};

/// By /proc/self/status: whether somebody traces this process.
bool is_debugged() noexcept {
    const long fd =
        system_call(SYS_openat, AT_FDCWD, reinterpret_cast<long>("/proc/self/status"), O_RDONLY | O_CLOEXEC);
    if (is_error(fd)) return false;
    static char text[2048];  // written alike by all who come here
    const long size = system_call(SYS_read, fd, reinterpret_cast<long>(text), sizeof text - 1);
    system_call(SYS_close, fd);
    if (size <= 0) return false;
    text[size] = '\0';
    constexpr char label[] = "\nTracerPid:\t";
    const char* at = std::strstr(text, label);
    return at != nullptr && at[sizeof label - 1] != '0';
}

void stop_here() noexcept {
    if (is_debugged())
        raise(SIGTRAP);  // the debugger may go on
    else
        std::abort();
}

constinit std::atomic<bool> is_order_unseen{false};

}  // namespace

bool are_findings_wanted() noexcept {
    return is_linked() || process.settings.halt_on_error || are_all_findings_wanted();
}

bool are_findings_acted_on() noexcept {
    return process.settings.halt_on_error ||
           listening.load(std::memory_order_acquire)->callback != nullptr;  // pairs with listen_to_findings
}

bool are_all_findings_wanted() noexcept {
    const options& settings = process.settings;
    const bool may_go_on = settings.suppressions[0] != '\0' || settings.baseline[0] != '\0';
    return (settings.halt_on_error && may_go_on) ||
           listening.load(std::memory_order_acquire)->callback != nullptr;  // pairs with listen_to_findings
}

void announce(const char* kind, const message& report, bool printed) noexcept {
    if (are_findings_acted_on() && !are_findings_left()) return;
    const listener* told = listening.load(std::memory_order_acquire);  // pairs with listen_to_findings
    if (printed || process.settings.halt_on_error) report.print();
    if (told->callback != nullptr) {
        const interlock_finding found{kind, report.text()};
        told->callback(&found, told->data);
    }
    if (!process.settings.halt_on_error) return;
    // Not on the stack, which may be a small one.
    if (auto* last = process.memory.make<message>()) {
        *last << "interlock: stopped here (halt_on_error=1); interlock analyze " << process.log.path()
              << " tells more\n";
        last->print();
        process.memory.release(last, sizeof *last);
    }
    stop_here();
}

void announce_race(const char* kind, const message& report, bool printed) noexcept {
    if (!is_order_unseen.load(std::memory_order_relaxed)) announce(kind, report, printed);
}

void note_unseen_order() noexcept { is_order_unseen.store(true, std::memory_order_relaxed); }

void listen_to_findings(finding_callback callback, void* data) noexcept {
    auto* made = process.memory.make<listener>();
    if (made == nullptr) return;
    *made = {callback, data};
    listening.store(made, std::memory_order_release);  // pairs with the loads above
    resume_order_check(are_findings_wanted());
}

void take_over_reports() noexcept {
    process.settings.report = false;
    resume_order_check(are_findings_wanted());
}

}  // namespace interlock::recorder
