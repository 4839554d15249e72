// RLIMIT_AS counts all that is mapped, so also a log of a GiB. A limit that the program sets for itself, or for what it executes, is made larger by what is ours, and
// read as it was set. getrlimit(2), prlimit(2).
#include <sys/resource.h>
#include <sys/types.h>

#include <atomic>
#include <cerrno>

#include "instrument/preload/hook.hpp"
#include "instrument/recorder/own_mappings.hpp"

namespace interlock::preload {
namespace {

/// For what the recorder is yet to map, its library and libunwind.
constexpr rlim_t room_to_grow = rlim_t{64} << 20;

/// A limit as two words. No latch: a child of fork would find it held by a thread that it has not. A torn one is told by not being in force.
struct kept_limit {
    std::atomic<rlim_t> soft{0};
    std::atomic<rlim_t> hard{0};

    void keep(const rlimit& limit) noexcept {
        soft.store(limit.rlim_cur, std::memory_order_relaxed);
        hard.store(limit.rlim_max, std::memory_order_relaxed);
    }
    rlimit get() const noexcept { return {soft.load(std::memory_order_relaxed), hard.load(std::memory_order_relaxed)}; }
};
constinit kept_limit asked;             // by the program
constinit kept_limit in_force;          // for that; 0: it asked for none
constinit std::atomic<rlim_t> ours{0};  // always the same, so that a lower limit is never more than the one before

rlim_t size_of_own() noexcept {
    recorder::mapped_range own[32];  // the log and the tables come first
    rlim_t sum = room_to_grow;
    for (std::size_t i = 0, count = recorder::copy_own_mappings(own); i < count; ++i) sum += own[i].end - own[i].begin;
    return sum;
}

rlim_t enlarged(rlim_t limit) noexcept {
    const rlim_t more = ours.load(std::memory_order_relaxed);
    return limit > RLIM_INFINITY - more ? RLIM_INFINITY : limit + more;
}

bool is_same(const rlimit& one, const rlimit& other) noexcept {
    return one.rlim_cur == other.rlim_cur && one.rlim_max == other.rlim_max;
}

long prlimit_raw(pid_t process, int resource, const rlimit* wanted, rlimit* old) noexcept {
    return recorder::system_call(SYS_prlimit64, process, resource, reinterpret_cast<long>(wanted),
                                 reinterpret_cast<long>(old));
}

/// What the program believes to be in force.
rlimit as_asked(const rlimit& now) noexcept {
    const rlimit made = in_force.get();
    return made.rlim_max != 0 && is_same(now, made) ? asked.get() : now;
}

/// The child of a vfork, whose limits are its own while what we keep is its parent's.
bool is_guest_in_memory() noexcept {
    return recorder::process.generation->load(std::memory_order_relaxed) != 0 &&
           recorder::process.log.header()->pid != static_cast<std::uint32_t>(recorder::current_process_id());
}

/// The hard limit is lowered for good only where the program lowers it.
rlimit in_force_for(const rlimit& wanted, const rlimit& now) noexcept {
    const rlim_t hard = wanted.rlim_max == as_asked(now).rlim_max ? now.rlim_max : enlarged(wanted.rlim_max);
    const rlim_t soft = enlarged(wanted.rlim_cur);
    return {soft < hard ? soft : hard, hard};
}

long limit_own_address_space(const rlimit* wanted, rlimit* old) noexcept {
    rlimit now{};
    if (const long failed = prlimit_raw(0, RLIMIT_AS, nullptr, &now); recorder::is_error(failed)) return failed;
    const rlimit before = as_asked(now);
    if (wanted != nullptr) {
        if (wanted->rlim_cur > wanted->rlim_max) return -EINVAL;
        if (ours.load(std::memory_order_relaxed) == 0) ours.store(size_of_own(), std::memory_order_relaxed);
        const rlimit made = in_force_for(*wanted, now);
        if (const long failed = prlimit_raw(0, RLIMIT_AS, &made, nullptr); recorder::is_error(failed)) return failed;
        if (!is_guest_in_memory()) {
            asked.keep(*wanted);
            in_force.keep(made);
        }
    }
    if (old != nullptr) *old = before;
    return 0;
}

int limit(pid_t process, int resource, const rlimit* wanted, rlimit* old) noexcept {
    const bool own = resource == RLIMIT_AS && (process == 0 || process == recorder::current_process_id()) &&
                     recorder::process.recording.load(std::memory_order_acquire);
    const long result = own ? limit_own_address_space(wanted, old) : prlimit_raw(process, resource, wanted, old);
    if (!recorder::is_error(result)) return 0;
    errno = static_cast<int>(-result);
    return -1;
}

}  // namespace

// Both names of each, whatever the headers make of them: a limit has 64 bits by either.
#define INTERLOCK_NAMED(name) __asm__(name) __attribute__((visibility("default")))
extern "C" {
int interlock_getrlimit(int resource, rlimit* now) INTERLOCK_NAMED("getrlimit");
int interlock_getrlimit64(int resource, rlimit* now) INTERLOCK_NAMED("getrlimit64");
int interlock_setrlimit(int resource, const rlimit* wanted) INTERLOCK_NAMED("setrlimit");
int interlock_setrlimit64(int resource, const rlimit* wanted) INTERLOCK_NAMED("setrlimit64");
int interlock_prlimit(pid_t process, int resource, const rlimit* wanted, rlimit* old) INTERLOCK_NAMED("prlimit");
int interlock_prlimit64(pid_t process, int resource, const rlimit* wanted, rlimit* old) INTERLOCK_NAMED("prlimit64");

int interlock_getrlimit(int resource, rlimit* now) { return limit(0, resource, nullptr, now); }
int interlock_getrlimit64(int resource, rlimit* now) { return limit(0, resource, nullptr, now); }
int interlock_setrlimit(int resource, const rlimit* wanted) { return limit(0, resource, wanted, nullptr); }
int interlock_setrlimit64(int resource, const rlimit* wanted) { return limit(0, resource, wanted, nullptr); }
int interlock_prlimit(pid_t process, int resource, const rlimit* wanted, rlimit* old) {
    return limit(process, resource, wanted, old);
}
int interlock_prlimit64(pid_t process, int resource, const rlimit* wanted, rlimit* old) {
    return limit(process, resource, wanted, old);
}
}

}  // namespace interlock::preload
