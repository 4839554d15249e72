// sem_*, unnamed and named. Identity is the address: sem_open gives one name one address for as long as it is open.
#include <fcntl.h>

#include <cerrno>
#include <cstdarg>

#include "instrument/preload/cancellation.hpp"
#include "instrument/preload/hook.hpp"
#include "instrument/recorder/fast_path.hpp"
#include "instrument/recorder/semaphores.hpp"

namespace interlock::preload {
namespace {

using namespace format::lock_flags;

/// glibc keeps the value in the first 32 bits of a 64-bit word.
std::uint32_t value_of(const sem_t* semaphore) noexcept {
    return __atomic_load_n(reinterpret_cast<const std::uint32_t*>(semaphore), __ATOMIC_RELAXED);
}

object_id identify(agent& self, const sem_t* semaphore, const call_point& from) noexcept {
    return recorder::adopt_semaphore(self, semaphore, value_of(semaphore), from);
}

object_id begin_wait(sem_t* semaphore, std::uint8_t& flags, const call_point& from) noexcept {
    object_id id{};
    note(from, [&](agent& self) {
        id = identify(self, semaphore, from);
        if (id == object_id::none) return;
        if (value_of(semaphore) == 0) flags |= contended;
        note_sharing(semaphore);
        recorder::request_semaphore(self, id, flags, from);
    });
    return id;
}

void end_wait(object_id id, std::uint8_t flags, int error, const call_point& from) noexcept {
    if (id == object_id::none) return;
    note(from, [&](agent& self) {
        if (error == 0)
            recorder::semaphore_acquired(self, id, flags, from);
        else
            recorder::semaphore_not_acquired(self, id, flags, error, from);
    });
}

/// A wait that need not wait. False: it would have to after all.
bool wait_at_once(sem_t* semaphore, const call_point& from) noexcept {
    const int kept = errno;
    if (real().sem_trywait(semaphore) != 0) {
        errno = kept;
        return false;
    }
    note(from, [&](agent& self) {
        if (const object_id id = identify(self, semaphore, from); id != object_id::none)
            recorder::semaphore_granted(self, id, 0, from);
    });
    return true;
}

template <typename Real>
__attribute__((always_inline)) inline int wait(sem_t* semaphore, std::uint8_t flags, const call_point& from,
                                               Real real_wait) {
    const object_id id = begin_wait(semaphore, flags, from);
    auto cancelled = [&] { end_wait(id, flags, ECANCELED, from); };
    const int result = wait_cancellable(real_wait, cancelled);
    end_wait(id, flags, result == 0 ? 0 : errno, from);
    return result;
}

}  // namespace

INTERLOCK_HOOK int sem_wait(sem_t* semaphore) {
    const call_point from = here();
    if (recorder::common_agent() != nullptr && value_of(semaphore) != 0) {
        pthread_testcancel();  // sem_wait is where a cancellation takes effect, whether it waits or not
        if (wait_at_once(semaphore, from)) return 0;
    }
    return wait(semaphore, 0, from, [&] { return real().sem_wait(semaphore); });
}

INTERLOCK_HOOK int sem_timedwait(sem_t* semaphore, const timespec* until) {
    return wait(semaphore, timed, here(), [&] { return real().sem_timedwait(semaphore, until); });
}

INTERLOCK_HOOK int sem_clockwait(sem_t* semaphore, clockid_t clock, const timespec* until) {
    return wait(semaphore, timed, here(), [&] { return real().sem_clockwait(semaphore, clock, until); });
}

INTERLOCK_HOOK int sem_trywait(sem_t* semaphore) {
    const call_point from = here();
    std::uint8_t flags = attempt;
    const object_id id = begin_wait(semaphore, flags, from);
    const int result = real().sem_trywait(semaphore);
    end_wait(id, flags, result == 0 ? 0 : errno, from);
    return result;
}

INTERLOCK_HOOK int sem_post(sem_t* semaphore) {
    const call_point from = here();
    note(from, [&](agent& self) {
        if (const object_id id = identify(self, semaphore, from); id != object_id::none)
            recorder::semaphore_posting(self, id, from);
    });
    return real().sem_post(semaphore);
}

INTERLOCK_HOOK int sem_init(sem_t* semaphore, int shared_between_processes, unsigned value) {
    const call_point from = here();
    note(from, [&](agent& self) { recorder::about_to_init(self, recorder::known(semaphore), from); });
    const int result = real().sem_init(semaphore, shared_between_processes, value);
    if (result == 0) note(from, [&](agent& self) { recorder::begin_semaphore(self, semaphore, value, from); });
    return result;
}

INTERLOCK_HOOK int sem_destroy(sem_t* semaphore) {
    const call_point from = here();
    note(from, [&](agent& self) {
        const object_id id = recorder::known(semaphore);
        if (value_of(semaphore) == 0) recorder::about_to_destroy(self, id, from);
        recorder::end_life(self, id, semaphore, from);
    });
    return real().sem_destroy(semaphore);
}

INTERLOCK_HOOK sem_t* sem_open(const char* name, int flags, ...) {
    const call_point from = here();
    sem_t* semaphore = nullptr;
    if ((flags & O_CREAT) != 0) {
        va_list more;
        va_start(more, flags);
        const mode_t mode = va_arg(more, mode_t);
        const unsigned value = va_arg(more, unsigned);
        va_end(more);
        semaphore = real().sem_open(name, flags, mode, value);
    } else {
        semaphore = real().sem_open(name, flags);
    }
    if (semaphore == SEM_FAILED) return semaphore;
    note(from, [&](agent& self) {
        const object_id id = identify(self, semaphore, from);
        if (id != object_id::none)
            __atomic_fetch_add(&recorder::process.objects[id].open_count, std::uint16_t{1}, __ATOMIC_RELAXED);
    });
    return semaphore;
}

INTERLOCK_HOOK int sem_close(sem_t* semaphore) {
    const call_point from = here();
    // The last close unmaps it: its address may be another's from then on.
    note(from, [&](agent& self) {
        const object_id id = recorder::known(semaphore);
        if (id == object_id::none) return;
        std::uint16_t& count = recorder::process.objects[id].open_count;
        if (__atomic_fetch_sub(&count, std::uint16_t{1}, __ATOMIC_RELAXED) == 1)
            recorder::end_life(self, id, semaphore, from);
    });
    return real().sem_close(semaphore);
}

}  // namespace interlock::preload
