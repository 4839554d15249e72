// The door for who watches this process from inside: test runners, and programs that want to be told of findings.
#include "instrument/preload/hook.hpp"
#include "instrument/recorder/declared.hpp"
#include "instrument/recorder/exit_report.hpp"
#include "instrument/recorder/findings.hpp"
#include "instrument/recorder/interlock/recorder.hpp"
#include "instrument/recorder/test_marks.hpp"

namespace interlock::preload {
namespace {

const char* expanded(const char* option, char (&into)[recorder::path_size_max]) noexcept {
    if (!recorder::expand_log_path(option, "", 0, into, sizeof into)) into[0] = '\0';
    return into;
}

}  // namespace

INTERLOCK_HOOK std::uint32_t interlock_v1_mark_test(const char* name, bool again) {
    std::uint32_t made = 0;
    note(here(), [&](agent& self) { made = recorder::mark_test(self, name, again); });
    return made;
}

INTERLOCK_HOOK bool interlock_v1_recording(interlock_recording* told) {
    static char suppressions[recorder::path_size_max];
    static char baseline[recorder::path_size_max];
    static char order[recorder::path_size_max];
    static char prefix[recorder::path_size_max];
    const recorder::options& settings = recorder::process.settings;
    told->fail_unchecked = settings.fail_unchecked;
    if (!recorder::process.recording.load(std::memory_order_acquire)) return false;
    *told = {recorder::process.log.path(),
             expanded(settings.suppressions, suppressions),
             expanded(settings.baseline, baseline),
             expanded(settings.lock_order, order),
             expanded(settings.strip_path_prefix, prefix),
             settings.fail_on,
             settings.log_path_chosen || settings.run[0] != 0 || settings.run[1] != 0,
             settings.halt_on_error,
             settings.fail_unchecked};
    return true;
}

INTERLOCK_HOOK void interlock_v1_take_over_reports() { recorder::take_over_reports(); }

INTERLOCK_HOOK void interlock_v1_unrecorded(void (*work)(void*), void* data) {
    if (!note(here(), [&](agent&) { work(data); })) work(data);
}

INTERLOCK_HOOK std::uint32_t interlock_v1_this_agent() {
    std::uint32_t id = 0;
    note(here(), [&](agent& self) { id = format::number(self.id); });
    return id;
}

INTERLOCK_HOOK bool interlock_v1_is_lock_at(void* address, std::uint32_t object) {
    // No operation: it may be asked where nothing is recorded.
    if (!recorder::process.recording.load(std::memory_order_acquire)) return true;
    const format::object_id id{object};
    const recorder::object_info& info = recorder::process.objects[id];
    if ((info.flags.load(std::memory_order_relaxed) & recorder::object_flags::declared) != 0)
        return recorder::known(*static_cast<interlock_object*>(address)) == id;
    const format::object_type type = info.type;
    if (format::is_pthread_mutex(type)) return recorder::known(static_cast<pthread_mutex_t*>(address)) == id;
    if (format::is_pthread_rwlock(type)) return recorder::known(static_cast<pthread_rwlock_t*>(address)) == id;
    return true;
}

INTERLOCK_HOOK void interlock_v1_on_finding(void (*callback)(const interlock_finding*, void*), void* data) {
    recorder::listen_to_findings(callback, data);
}

}  // namespace interlock::preload
