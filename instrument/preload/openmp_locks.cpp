// omp_*_lock, `omp critical`, and the lock behind atomic operations that the processor does not have. libgomp waits for them inline, by
// the futex system call itself.
#include <cerrno>

#include "instrument/preload/openmp.hpp"
#include "instrument/recorder/interning.hpp"

namespace interlock::preload {
namespace {

using namespace format::lock_flags;
using format::object_type;

/// What is the same for all critical regions without a name, and for all atomic operations: they have no address of their own.
struct nameless {
    const char* name;
};
constinit nameless unnamed_critical{"critical"};
constinit nameless atomic_operations{"atomic"};

void* key_of(const void* lock) noexcept { return const_cast<void*>(lock); }

/// A free lock of libgomp is 0. With another runtime this is a guess, and no more is made of it.
std::uint8_t busy_flag(const void* lock) noexcept {
    return __atomic_load_n(static_cast<const int*>(lock), __ATOMIC_RELAXED) != 0 ? contended : std::uint8_t{0};
}

std::uint32_t draw_of(const agent& self, object_id id) noexcept {
    return self.full ? recorder::draw(recorder::process.objects[id]) : 0;
}

object_id identify(agent& self, const void* lock, object_type type, const call_point& from) noexcept {
    const object_id id = recorder::identify(self, lock, type, from);
    if (id == object_id::none || (lock != &unnamed_critical && lock != &atomic_operations)) return id;
    std::atomic<std::uint8_t>& flags = recorder::process.objects[id].flags;
    if ((flags.fetch_or(recorder::object_flags::name_given, std::memory_order_relaxed) &
         recorder::object_flags::name_given) != 0)
        return id;
    const char* const name = static_cast<const nameless*>(lock)->name;
    const format::string_id text = recorder::define_string(self, name, __builtin_strlen(name));
    recorder::write(self, format::event_kind::lock_name, 0, recorder::find_site(self, from).id, format::number(id),
                    format::number(text));
    return id;
}

object_id begin_request(const void* lock, object_type type, std::uint8_t flags, const call_point& from) noexcept {
    object_id id{};
    note(from, [&](agent& self) {
        id = identify(self, lock, type, from);
        if (id != object_id::none) recorder::request(self, id, flags, from);
    });
    return id;
}

void end_request(object_id id, std::uint8_t flags, bool granted, const call_point& from) noexcept {
    if (id == object_id::none) return;
    note(from, [&](agent& self) {
        if (granted)
            recorder::acquired(self, id, flags, draw_of(self, id), from);
        else
            recorder::not_acquired(self, id, flags, EBUSY, from);
    });
}

/// `real_set()` blocks until the lock is had.
template <typename Real>
__attribute__((always_inline)) inline void set(const void* lock, object_type type, std::uint8_t flags,
                                               const call_point& from, Real real_set) {
    const object_id id = begin_request(lock, type, flags, from);
    real_set();
    end_request(id, flags, true, from);
}

/// `real_test()` returns 0 where the lock is not to be had.
template <typename Real>
__attribute__((always_inline)) inline int test(const void* lock, object_type type, const call_point& from,
                                               Real real_test) {
    const object_id id = begin_request(lock, type, attempt, from);
    const int result = real_test();
    end_request(id, attempt, result != 0, from);
    return result;
}

template <typename Real>
__attribute__((always_inline)) inline void unset(const void* lock, object_type type, const call_point& from,
                                                 Real real_unset) {
    recorder::foreign_release other;
    note(from, [&](agent& self) {
        const object_id id = identify(self, lock, type, from);
        if (id == object_id::none) return;
        const std::uint32_t sequence = recorder::holds(self, id) ? draw_of(self, id) : 0;
        if (!recorder::releasing(self, id, 0, sequence, from)) other = recorder::releasing_of_other(self, id, true);
    });
    real_unset();
    if (other.lock != object_id::none)
        note(from, [&](agent& self) { recorder::released_by_other(self, other, 0, true, from); });
}

template <typename Real>
__attribute__((always_inline)) inline void init(const void* lock, object_type type, const call_point& from,
                                                Real real_init) {
    note(from, [&](agent& self) { recorder::about_to_init(self, recorder::known(key_of(lock)), from); });
    real_init();
    note(from, [&](agent& self) { recorder::begin_life(self, lock, type, from); });
}

template <typename Real>
__attribute__((always_inline)) inline void destroy(const void* lock, const call_point& from, Real real_destroy) {
    object_id id{};
    note(from, [&](agent& self) {
        id = recorder::known(lock);
        if (busy_flag(lock) != 0) recorder::about_to_destroy(self, id, from);
    });
    real_destroy();
    note(from, [&](agent& self) { recorder::end_life(self, id, lock, from); });
}

}  // namespace

INTERLOCK_HOOK void omp_init_lock(omp_lock* lock) {
    const call_point from = here();
    init(lock, object_type::omp_lock, from, [&] { openmp(from.site).omp_init_lock(lock); });
}

INTERLOCK_HOOK void omp_init_lock_with_hint(omp_lock* lock, int hint) {
    const call_point from = here();
    init(lock, object_type::omp_lock, from, [&] { openmp(from.site).omp_init_lock_with_hint(lock, hint); });
}

INTERLOCK_HOOK void omp_destroy_lock(omp_lock* lock) {
    const call_point from = here();
    destroy(lock, from, [&] { openmp(from.site).omp_destroy_lock(lock); });
}

INTERLOCK_HOOK void omp_set_lock(omp_lock* lock) {
    const call_point from = here();
    set(lock, object_type::omp_lock, busy_flag(lock), from, [&] { openmp(from.site).omp_set_lock(lock); });
}

INTERLOCK_HOOK int omp_test_lock(omp_lock* lock) {
    const call_point from = here();
    return test(lock, object_type::omp_lock, from, [&] { return openmp(from.site).omp_test_lock(lock); });
}

INTERLOCK_HOOK void omp_unset_lock(omp_lock* lock) {
    const call_point from = here();
    unset(lock, object_type::omp_lock, from, [&] { openmp(from.site).omp_unset_lock(lock); });
}

INTERLOCK_HOOK void omp_init_nest_lock(omp_nest_lock* lock) {
    const call_point from = here();
    init(lock, object_type::omp_nest_lock, from, [&] { openmp(from.site).omp_init_nest_lock(lock); });
}

INTERLOCK_HOOK void omp_init_nest_lock_with_hint(omp_nest_lock* lock, int hint) {
    const call_point from = here();
    init(lock, object_type::omp_nest_lock, from, [&] { openmp(from.site).omp_init_nest_lock_with_hint(lock, hint); });
}

INTERLOCK_HOOK void omp_destroy_nest_lock(omp_nest_lock* lock) {
    const call_point from = here();
    destroy(lock, from, [&] { openmp(from.site).omp_destroy_nest_lock(lock); });
}

INTERLOCK_HOOK void omp_set_nest_lock(omp_nest_lock* lock) {
    const call_point from = here();
    set(lock, object_type::omp_nest_lock, busy_flag(lock), from, [&] { openmp(from.site).omp_set_nest_lock(lock); });
}

INTERLOCK_HOOK int omp_test_nest_lock(omp_nest_lock* lock) {
    const call_point from = here();
    return test(lock, object_type::omp_nest_lock, from, [&] { return openmp(from.site).omp_test_nest_lock(lock); });
}

INTERLOCK_HOOK void omp_unset_nest_lock(omp_nest_lock* lock) {
    const call_point from = here();
    unset(lock, object_type::omp_nest_lock, from, [&] { openmp(from.site).omp_unset_nest_lock(lock); });
}

INTERLOCK_HOOK void GOMP_critical_start() {
    const call_point from = here();
    set(&unnamed_critical, object_type::omp_critical, contended, from,
        [&] { openmp(from.site).GOMP_critical_start(); });
}

INTERLOCK_HOOK void GOMP_critical_end() {
    const call_point from = here();
    unset(&unnamed_critical, object_type::omp_critical, from, [&] { openmp(from.site).GOMP_critical_end(); });
}

/// The compiler makes one pointer for each name, the same in all of the program, in which libgomp keeps its lock.
INTERLOCK_HOOK void GOMP_critical_name_start(void** name) {
    const call_point from = here();
    set(name, object_type::omp_critical, busy_flag(name), from,
        [&] { openmp(from.site).GOMP_critical_name_start(name); });
}

INTERLOCK_HOOK void GOMP_critical_name_end(void** name) {
    const call_point from = here();
    unset(name, object_type::omp_critical, from, [&] { openmp(from.site).GOMP_critical_name_end(name); });
}

INTERLOCK_HOOK void GOMP_atomic_start() {
    const call_point from = here();
    set(&atomic_operations, object_type::omp_critical, contended, from, [&] { openmp(from.site).GOMP_atomic_start(); });
}

INTERLOCK_HOOK void GOMP_atomic_end() {
    const call_point from = here();
    unset(&atomic_operations, object_type::omp_critical, from, [&] { openmp(from.site).GOMP_atomic_end(); });
}

}  // namespace interlock::preload
