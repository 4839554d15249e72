// What programs tell of synchronisation that no hook can see: the __tsan_* interface of <sanitizer/tsan_interface.h>, and the Annotate*
// functions of Valgrind's and Google's "dynamic annotations".
#include <cstddef>
#include <cstdint>

#include "instrument/race/access.hpp"
#include "instrument/race/benign.hpp"
#include "instrument/race/synchronisation.hpp"

#define INTERLOCK_ABI extern "C" __attribute__((visibility("default")))
#define INTERLOCK_SITE reinterpret_cast<std::uintptr_t>(__builtin_return_address(0))

namespace {

using interlock::race::front;
using interlock::race::thread;

std::uintptr_t number(const volatile void* address) noexcept { return reinterpret_cast<std::uintptr_t>(address); }

void acquire(const volatile void* at) noexcept {
    if (front.self != nullptr) interlock::race::acquire_at(*front.self, number(at));
}
void release(const volatile void* at) noexcept {
    if (front.self != nullptr) interlock::race::release_at(*front.self, number(at));
}
void ignore_accesses(int change) noexcept {
    thread* const self = front.self;
    if (self == nullptr) return;
    self->ignored = static_cast<std::uint16_t>(self->ignored + change);
    show(*self);
}
void ignore_order(int change) noexcept {
    if (thread* self = front.self) self->ignored_order = static_cast<std::uint16_t>(self->ignored_order + change);
}

namespace mutex_flags {  // of <sanitizer/tsan_interface.h>
constexpr unsigned try_lock = 1u << 4;
constexpr unsigned try_lock_failed = 1u << 5;
}  // namespace mutex_flags

}  // namespace

INTERLOCK_ABI void __tsan_acquire(void* at) { acquire(at); }
INTERLOCK_ABI void __tsan_release(void* at) { release(at); }

// A mutex of the user's own. What the functions do between pre and post is its own affair.
INTERLOCK_ABI void __tsan_mutex_create(void*, unsigned) {}
INTERLOCK_ABI void __tsan_mutex_destroy(void*, unsigned) {}
INTERLOCK_ABI void __tsan_mutex_pre_lock(void*, unsigned) {
    ignore_accesses(1);
    ignore_order(1);
}
INTERLOCK_ABI void __tsan_mutex_post_lock(void* mutex, unsigned flags, int) {
    ignore_order(-1);
    ignore_accesses(-1);
    const bool failed = (flags & mutex_flags::try_lock) != 0 && (flags & mutex_flags::try_lock_failed) != 0;
    if (!failed) acquire(mutex);
}
INTERLOCK_ABI int __tsan_mutex_pre_unlock(void* mutex, unsigned) {
    release(mutex);
    ignore_accesses(1);
    ignore_order(1);
    return 1;
}
INTERLOCK_ABI void __tsan_mutex_post_unlock(void*, unsigned) {
    ignore_order(-1);
    ignore_accesses(-1);
}
INTERLOCK_ABI void __tsan_mutex_pre_signal(void*, unsigned) {
    ignore_accesses(1);
    ignore_order(1);
}
INTERLOCK_ABI void __tsan_mutex_post_signal(void*, unsigned) {
    ignore_order(-1);
    ignore_accesses(-1);
}
INTERLOCK_ABI void __tsan_mutex_pre_divert(void*, unsigned) {
    ignore_order(-1);
    ignore_accesses(-1);
}
INTERLOCK_ABI void __tsan_mutex_post_divert(void*, unsigned) {
    ignore_accesses(1);
    ignore_order(1);
}

INTERLOCK_ABI void __tsan_ignore_thread_begin() { ignore_accesses(1); }
INTERLOCK_ABI void __tsan_ignore_thread_end() { ignore_accesses(-1); }

// An object whose operations race as accesses of its first byte do.
INTERLOCK_ABI void* __tsan_external_register_tag(const char*) { return nullptr; }
INTERLOCK_ABI void __tsan_external_register_header(void*, const char*) {}
INTERLOCK_ABI void __tsan_external_assign_tag(void*, void*) {}
INTERLOCK_ABI void __tsan_external_read(void* at, void* caller, void*) {
    interlock::race::access_range(number(at), 1, interlock::race::access_mode::read, number(caller));
}
INTERLOCK_ABI void __tsan_external_write(void* at, void* caller, void*) {
    interlock::race::access_range(number(at), 1, interlock::race::access_mode::write, number(caller));
}

INTERLOCK_ABI void AnnotateHappensBefore(const char*, int, const volatile void* at) { release(at); }
INTERLOCK_ABI void AnnotateHappensAfter(const char*, int, const volatile void* at) { acquire(at); }
INTERLOCK_ABI void AnnotateCondVarSignal(const char*, int, const volatile void*) {}
INTERLOCK_ABI void AnnotateCondVarSignalAll(const char*, int, const volatile void*) {}
INTERLOCK_ABI void AnnotateCondVarWait(const char*, int, const volatile void*, const volatile void*) {}
INTERLOCK_ABI void AnnotateMutexIsNotPHB(const char*, int, const volatile void*) {}
INTERLOCK_ABI void AnnotateMutexIsUsedAsCondVar(const char*, int, const volatile void*) {}
INTERLOCK_ABI void AnnotateRWLockCreate(const char*, int, const volatile void*) {}
INTERLOCK_ABI void AnnotateRWLockCreateStatic(const char*, int, const volatile void*) {}
INTERLOCK_ABI void AnnotateRWLockDestroy(const char*, int, const volatile void*) {}
INTERLOCK_ABI void AnnotateRWLockAcquired(const char*, int, const volatile void* lock, long) { acquire(lock); }
INTERLOCK_ABI void AnnotateRWLockReleased(const char*, int, const volatile void* lock, long) { release(lock); }
INTERLOCK_ABI void AnnotateIgnoreReadsBegin(const char*, int) { ignore_accesses(1); }
INTERLOCK_ABI void AnnotateIgnoreReadsEnd(const char*, int) { ignore_accesses(-1); }
INTERLOCK_ABI void AnnotateIgnoreWritesBegin(const char*, int) { ignore_accesses(1); }
INTERLOCK_ABI void AnnotateIgnoreWritesEnd(const char*, int) { ignore_accesses(-1); }
INTERLOCK_ABI void AnnotateIgnoreSyncBegin(const char*, int) { ignore_order(1); }
INTERLOCK_ABI void AnnotateIgnoreSyncEnd(const char*, int) { ignore_order(-1); }
INTERLOCK_ABI void AnnotateNewMemory(const char*, int, const volatile void* at, std::size_t size) {
    interlock::race::forget_range(number(at), size);
}
INTERLOCK_ABI void AnnotateBenignRace(const char*, int, const volatile void* at, const char*) {
    interlock::race::add_benign(number(at), 8);
}
INTERLOCK_ABI void AnnotateBenignRaceSized(const char*, int, const volatile void* at, std::size_t size, const char*) {
    interlock::race::add_benign(number(at), size);
}
INTERLOCK_ABI void AnnotatePublishMemoryRange(const char*, int, const volatile void*, std::size_t) {}
INTERLOCK_ABI void AnnotateUnpublishMemoryRange(const char*, int, const volatile void*, std::size_t) {}
INTERLOCK_ABI void AnnotateThreadName(const char*, int, const char*) {}
INTERLOCK_ABI void AnnotateNoOp(const char*, int, const volatile void*) {}
INTERLOCK_ABI void AnnotateFlushState(const char*, int) {}
INTERLOCK_ABI void AnnotateFlushExpectedRaces(const char*, int) {}
INTERLOCK_ABI void AnnotateEnableRaceDetection(const char*, int, int) {}
// WebKit's names for three of them.
INTERLOCK_ABI void WTFAnnotateHappensBefore(const char*, int, const volatile void* at) { release(at); }
INTERLOCK_ABI void WTFAnnotateHappensAfter(const char*, int, const volatile void* at) { acquire(at); }
INTERLOCK_ABI void WTFAnnotateBenignRaceSized(const char*, int, const volatile void* at, std::size_t size,
                                              const char*) {
    interlock::race::add_benign(number(at), size);
}
INTERLOCK_ABI int RunningOnValgrind() { return 0; }
