// Layouts: bits/struct_mutex.h and bits/struct_rwlock.h, checked below; which word of which lock is waited on, and what the words mean:
// glibc's nptl/pthread_mutex_lock.c, pthread_rwlock_common.c, pthread_cond_wait.c, sem_waitcommon.c, pthread_barrier_wait.c, since
// version 2.25. A kernel call's arguments: futex(2).
#include "analysis/snapshot/waits.hpp"

#include <linux/futex.h>
#include <pthread.h>

#include <algorithm>
#include <cstddef>
#include <optional>

namespace interlock::snapshot {
namespace {

using mutex_words = decltype(pthread_mutex_t::__data);
using rwlock_words = decltype(pthread_rwlock_t::__data);
static_assert(offsetof(mutex_words, __owner) == 8 && offsetof(mutex_words, __kind) == 16);
static_assert(offsetof(rwlock_words, __wrphase_futex) == 8 && offsetof(rwlock_words, __writers_futex) == 12 &&
              offsetof(rwlock_words, __cur_writer) == 24 && offsetof(rwlock_words, __flags) == 48);

namespace mutex_kind {
constexpr unsigned type = 3;
constexpr unsigned robust = 16;
constexpr unsigned inherits_priority = 32;
constexpr unsigned protects_priority = 64;
constexpr unsigned process_shared = 128;
constexpr unsigned elision = 256 | 512;
constexpr unsigned all = type | robust | inherits_priority | protects_priority | process_shared | elision;
}  // namespace mutex_kind

namespace rwlock_state {
constexpr unsigned write_phase = 1;
constexpr unsigned write_locked = 2;
constexpr unsigned reader_waits = 4;
constexpr unsigned reader_shift = 3;
}  // namespace rwlock_state

constexpr std::uint64_t first_group_signals = 40;  // of a condition; the second's are behind
constexpr std::uint64_t round_of_barrier = 4;
constexpr unsigned contended = 2;  // a mutex's lock word that somebody waits for

/// futex(2), as the thread called it.
struct futex_call {
    std::uint64_t address = 0;
    unsigned operation = 0;
    unsigned value = 0;
    bool is_timed = false;

    explicit futex_call(const user_regs_struct& registers)
        : address(registers.rdi),
          operation(static_cast<unsigned>(registers.rsi) & static_cast<unsigned>(FUTEX_CMD_MASK)),
          value(static_cast<unsigned>(registers.rdx)),
          is_timed(registers.r10 != 0) {}

    bool waits() const noexcept { return operation == FUTEX_WAIT || operation == FUTEX_WAIT_BITSET; }
    bool locks() const noexcept { return operation == FUTEX_LOCK_PI || operation == FUTEX_LOCK_PI2; }
};

const thread* find_thread(const image& of, std::uint64_t id) {
    const auto found = std::lower_bound(of.threads.begin(), of.threads.end(), id,
                                        [](const thread& one, std::uint64_t wanted) { return one.id < wanted; });
    return found == of.threads.end() || found->id != id ? nullptr : &*found;
}

void set_holder(wait& into, const image& of, std::uint64_t id, bool is_process_shared) {
    into.holder_id = id;
    if (id == 0)
        into.holder = holder::nobody;
    else if (find_thread(of, id) != nullptr)
        into.holder = holder::a_thread;
    else
        into.holder = is_process_shared ? holder::other_process : holder::gone;
}

/// Whether the owner, whose number the word at `address` has, is no more. Precondition: the kernel does not release the lock for him.
bool is_left(const image& of, const wait& by, std::uint64_t address) {
    const bool anywhere = by.holder == holder::other_process;
    if (!anywhere && by.holder != holder::gone) return false;
    return of.is_left ? of.is_left(by.holder_id, address, anywhere) : of.complete && !anywhere;
}

waited_for type_of(unsigned kind) {
    switch (kind & mutex_kind::type) {
        case PTHREAD_MUTEX_RECURSIVE_NP: return waited_for::recursive_mutex;
        case PTHREAD_MUTEX_ERRORCHECK_NP: return waited_for::error_checking_mutex;
        case PTHREAD_MUTEX_ADAPTIVE_NP: return waited_for::adaptive_mutex;
        default: return waited_for::mutex;
    }
}

/// Whether there is a mutex at the futex that is waited on as a mutex is; then it is in `into`.
bool read_mutex(const image& of, const futex_call& waits, wait& into) {
    const auto words = read_value<mutex_words>(of.read, waits.address);
    if (!words) return false;
    const auto kind = static_cast<unsigned>(words->__kind);
    const auto lock = static_cast<unsigned>(words->__lock);
    if ((kind & ~mutex_kind::all) != 0) return false;
    const bool names_owner = (kind & (mutex_kind::robust | mutex_kind::inherits_priority)) != 0;
    if ((kind & mutex_kind::inherits_priority) != 0 ? !waits.locks() : !waits.waits()) return false;
    if (!names_owner && (kind & mutex_kind::protects_priority) == 0 && (lock > contended || waits.value != contended))
        return false;
    into.what = type_of(kind);
    into.address = waits.address;
    const std::uint64_t owner = names_owner ? lock & FUTEX_TID_MASK : static_cast<unsigned>(words->__owner);
    set_holder(into, of, lock == 0 ? 0 : owner, (kind & mutex_kind::process_shared) != 0);
    if (!names_owner) into.is_left = is_left(of, into, into.address + offsetof(mutex_words, __owner));
    // Locked, and the owner's name not written yet or withdrawn already.
    if (lock != 0 && owner == 0) into.holder = (lock & FUTEX_OWNER_DIED) != 0 ? holder::gone : holder::untold;
    return true;
}

/// Where the rwlock lies whose word is waited on: readers wait for the end of the write phase, or, behind preferred writers, on the
/// readers' word; writers for the primary writer (used: 2 + 1), or for the readers to leave (used: 2).
std::uint64_t rwlock_address(const futex_call& waits, bool reads) {
    constexpr unsigned used = 2;
    if (reads)
        return (waits.value & rwlock_state::reader_waits) != 0
                   ? waits.address
                   : waits.address - offsetof(rwlock_words, __wrphase_futex);
    return waits.address -
           (waits.value == used ? offsetof(rwlock_words, __wrphase_futex) : offsetof(rwlock_words, __writers_futex));
}

bool read_rwlock(const image& of, const futex_call& waits, bool reads, wait& into) {
    const std::uint64_t address = rwlock_address(waits, reads);
    const auto words = read_value<rwlock_words>(of.read, address);
    if (!words || !waits.waits() || address % alignof(rwlock_words) != 0 ||
        words->__flags > PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP)
        return false;
    into.what = words->__flags == PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP ? waited_for::writer_priority_rwlock
                                                                               : waited_for::rwlock;
    into.address = address;
    into.is_shared = reads;
    const unsigned state = words->__readers;
    into.readers = state >> rwlock_state::reader_shift;
    constexpr unsigned writing = rwlock_state::write_phase | rwlock_state::write_locked;
    if ((state & writing) == writing && words->__cur_writer != 0)
        set_holder(into, of, static_cast<unsigned>(words->__cur_writer), words->__shared != 0);
    else if (into.readers > 0 && (state & rwlock_state::write_phase) == 0)
        into.holder = holder::readers;
    into.is_left = is_left(of, into, address + offsetof(rwlock_words, __cur_writer));
    return true;
}

/// Waits on a group's signals by deadline and bit set; for its mutex, once woken, as any thread does.
bool read_condition(const image& of, const futex_call& waits, wait& into) {
    if (waits.locks() || (waits.operation == FUTEX_WAIT && waits.value == contended)) {
        into.is_timed = false;
        return read_mutex(of, waits, into);
    }
    if (!waits.waits()) return false;
    into.what = waited_for::condition;
    into.address =
        waits.address - first_group_signals - (waits.address % alignof(pthread_cond_t) == 0 ? 0 : sizeof(unsigned));
    return true;
}

bool read_join(const image& of, const futex_call& waits, wait& into) {
    if (!waits.waits() || waits.value == 0) return false;
    into.what = waited_for::end_of_thread;
    into.address = waits.value;
    const auto now = read_value<unsigned>(of.read, waits.address);
    set_holder(into, of, now.value_or(waits.value) == 0 ? 0 : waits.value, false);
    return true;
}

/// A request for a mutex with priority inheritance that the kernel refused (EDEADLK, ESRCH): glibc then waits on a zero of its own, for
/// ever. Which mutex it was, the words do not tell.
bool is_refused(const user_regs_struct& registers, const futex_call& waits) {
    constexpr std::uint64_t reach = 4096;  // of glibc's own frames
    return waits.waits() && waits.value == 0 && !waits.is_timed && waits.address >= registers.rsp &&
           waits.address - registers.rsp < reach;
}

/// The thread that the kernel says has the mutex with priority inheritance at `address`; 0: there is no such mutex there, or nobody has it.
std::uint64_t inheriting_owner(const image& of, std::uint64_t address) {
    if (address == 0 || address % alignof(pthread_mutex_t) != 0) return 0;
    const auto words = read_value<mutex_words>(of.read, address);
    if (!words) return 0;
    const auto kind = static_cast<unsigned>(words->__kind);
    if ((kind & mutex_kind::inherits_priority) == 0 || (kind & ~mutex_kind::all) != 0) return 0;
    return static_cast<unsigned>(words->__lock) & FUTEX_TID_MASK;
}

/// Where glibc's frames below the user's may have the mutex from: registers that calls keep, and the stack up to where those of the caller
/// are kept. They have its address, or that of its kind.
std::vector<std::uint64_t> addresses_at_hand(const image& of, const user_regs_struct& registers,
                                             const futex_call& waits) {
    constexpr std::uint64_t kept_by_lock = 128;
    std::vector<std::uint64_t> out = {registers.rbx, registers.rbp, registers.r12,
                                      registers.r13, registers.r14, registers.r15};
    const std::uint64_t begin = (registers.rsp + 7) / 8 * 8;
    for (std::uint64_t at = begin; at < waits.address + kept_by_lock; at += 8)
        if (const auto word = read_value<std::uint64_t>(of.read, at)) out.push_back(*word);
    const std::size_t words = out.size();
    for (std::size_t i = 0; i < words; ++i) out.push_back(out[i] - offsetof(mutex_words, __kind));
    return out;
}

/// Whether the thread `id` waits, through others, for the one of wait `back`, or for one that was refused as it was: why the kernel refused.
bool leads_back(const image& of, const std::vector<wait>& all, std::uint64_t id, const wait& back) {
    for (std::size_t steps = 0; steps <= all.size(); ++steps) {
        const auto found =
            std::find_if(all.begin(), all.end(), [&](const wait& one) { return of.threads[one.thread].id == id; });
        if (found == all.end()) return false;
        if (found->thread == back.thread || found->holder == holder::refusing) return true;
        if (found->holder != holder::a_thread) return false;
        id = found->holder_id;
    }
    return false;
}

/// Which mutex a refused request was for, if the thread has one at hand, and but one, that the kernel had to refuse it.
void find_refused(const image& of, const std::vector<wait>& all, wait& one) {
    const user_regs_struct& registers = *of.threads[one.thread].registers;
    std::uint64_t address = 0;
    for (const std::uint64_t candidate : addresses_at_hand(of, registers, futex_call(registers))) {
        const std::uint64_t owner = candidate == address ? 0 : inheriting_owner(of, candidate);
        if (owner == 0 || (find_thread(of, owner) != nullptr && !leads_back(of, all, owner, one))) continue;
        if (address != 0) return;
        address = candidate;
    }
    const auto words = read_value<mutex_words>(of.read, address);
    if (address == 0 || !words) return;
    const auto kind = static_cast<unsigned>(words->__kind);
    one.what = type_of(kind);
    one.address = address;
    set_holder(one, of, static_cast<unsigned>(words->__lock) & FUTEX_TID_MASK,
               (kind & mutex_kind::process_shared) != 0);
    one.is_left = is_left(of, one, address + offsetof(mutex_words, __lock));
}

bool set_plain(const futex_call& waits, waited_for what, std::uint64_t address, wait& into) {
    if (!waits.waits()) return false;
    into.what = what;
    into.address = address;
    return true;
}

bool read_object(const image& of, call what, const futex_call& waits, wait& into) {
    switch (what) {
        case call::mutex_lock: return read_mutex(of, waits, into);
        case call::rwlock_read: return read_rwlock(of, waits, true, into);
        case call::rwlock_write: return read_rwlock(of, waits, false, into);
        case call::condition_wait: return read_condition(of, waits, into);
        case call::join: return read_join(of, waits, into);
        case call::semaphore_wait: return set_plain(waits, waited_for::semaphore, waits.address, into);
        case call::barrier_wait: return set_plain(waits, waited_for::barrier, waits.address - round_of_barrier, into);
        case call::once: return set_plain(waits, waited_for::once, waits.address, into);
        case call::static_guard: return set_plain(waits, waited_for::static_guard, waits.address, into);
        case call::unknown: return false;
    }
    return false;
}

}  // namespace

std::vector<wait> find_waits(const image& of, const unwinder& stacks, places& names) {
    std::vector<wait> out;
    for (std::size_t i = 0; i < of.threads.size(); ++i) {
        const thread& one = of.threads[i];
        if (!one.registers) continue;
        const futex_call waits(*one.registers);
        wait made;
        made.thread = i;
        made.stack = stacks.frames(one);
        made.is_timed = waits.is_timed;
        const blocking_call in = find_call(of, made.stack, names);
        made.function = in.function;
        if (in.what == call::mutex_lock && is_refused(*one.registers, waits)) {
            made.what = waited_for::mutex;
            made.holder = holder::refusing;
        } else if (!read_object(of, in.what, waits, made)) {
            made.what = waited_for::something;
            made.address = waits.address;
        }
        out.push_back(std::move(made));
    }
    std::vector<wait> found = out;  // what each is refused for hangs on the others as they are
    for (wait& one : found)
        if (one.holder == holder::refusing) find_refused(of, out, one);
    return found;
}

}  // namespace interlock::snapshot
