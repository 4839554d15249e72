// pthread_once: what std::call_once comes to.
#include "instrument/preload/once_steps.hpp"

#include "instrument/recorder/scopes.hpp"
#include "instrument/recorder/waits.hpp"

namespace interlock::preload {

using format::event_kind;

namespace {

constexpr int done_bit = 2;     // glibc's __PTHREAD_ONCE_DONE
constexpr int running_bit = 1;  // __PTHREAD_ONCE_INPROGRESS

constinit recorder::spin_latch birth_latch;

/// Flags that this thread has passed, so that a later call costs nothing. Forgotten whenever an initialiser has run anywhere,
/// since only then can an address have become another flag's.
struct passed_flag {
    const int* flag;
    std::uint32_t initialised;
};
constexpr std::size_t passed_size = 16;
constinit thread_local passed_flag passed[passed_size] = {};
constinit std::atomic<std::uint32_t> initialised_count{1};

passed_flag& passed_entry(const int* flag) noexcept {
    return passed[(reinterpret_cast<std::uintptr_t>(flag) >> 3) % passed_size];
}

/// What the real function cannot hand to the routine.
struct once_call {
    void (*routine)();
    call_point from;
    object_id id;
    bool ran;
    once_call* outer;
};
constinit thread_local once_call* this_call = nullptr;

void run_initialiser() {
    once_call& call = *this_call;
    const auto frame = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    call.ran = true;
    note(call.from, [&](agent& self) {
        once_begun(self, call.id, call.from);
        recorder::open_initialiser(self, frame, call.id);
    });
    call.routine();
    const call_point inside{call.from.site, frame, call.from.frame_pointer};
    note(inside, [&](agent& self) {
        recorder::close_initialiser(self, frame);
        once_done(self, call.id, call.from);
    });
}

void remember(const int* flag) noexcept {
    passed_entry(flag) = {flag, initialised_count.load(std::memory_order_relaxed)};
}

}  // namespace

object_id identify_once(agent& self, const volatile void* flag, bool done, format::object_type type,
                        const call_point& from) noexcept {
    const recorder::spin_guard guard(birth_latch);
    const object_id id = recorder::known(flag);
    if (done) return id;
    if (id == object_id::none) return recorder::identify(self, flag, type, from);
    // acquire: pairs with once_done(). The flag is read after it: where an initialiser has just come to its end, the flag says for some more time that it
    // runs, and what the caller read of it before may be older still.
    const std::uint8_t flags = recorder::process.objects[id].flags.load(std::memory_order_acquire);
    if ((flags & recorder::object_flags::initialised) == 0) return id;
    if (__atomic_load_n(static_cast<const volatile int*>(flag), __ATOMIC_RELAXED) != 0) return id;
    return recorder::begin_life(self, flag, type, from);
}

void request_once(agent& self, object_id id, bool running, const call_point& from) noexcept {
    const recorder::site_entry& site = recorder::find_site(self, from);
    recorder::note_dependency(self, id, recorder::with_context(self, 0), from, site);
    if (running)
        recorder::set_blocking_want(self, id, 0, event_kind::once_wait, from);
    else
        recorder::set_want(self, id, 0, event_kind::once_wait, from);
    if (running) recorder::write(self, event_kind::once_wait, 0, site.id, format::number(id), 0);
}

void once_begun(agent& self, object_id id, const call_point& from) noexcept {
    const recorder::site_entry& site = recorder::find_site(self, from);
    recorder::clear_want(self);
    recorder::add_hold(self, id, 0, recorder::process.objects[id].address, from, site);
    recorder::write(self, event_kind::once_begin, 0, site.id, format::number(id), 0);
    recorder::step_in_order(self.id, event_kind::once_begin, format::number(id));
}

void once_done(agent& self, object_id id, const call_point& from) noexcept {
    recorder::object_info& info = recorder::process.objects[id];
    if (const std::uint32_t index = recorder::find_hold(self, id); index != recorder::none_held)
        recorder::remove_hold(self, index);
    recorder::notify_observer(recorder::observation::signalling, self, id, 0);
    info.flags.fetch_or(recorder::object_flags::initialised, std::memory_order_release);  // see identify_once()
    recorder::write(self, event_kind::once_done, 0, recorder::find_site(self, from).id, format::number(id),
                    recorder::draw(info));
    recorder::next_segment(self, event_kind::once_done, format::number(id));
}

void once_aborted(agent& self, object_id id, const call_point& from) noexcept {
    if (const std::uint32_t index = recorder::find_hold(self, id); index != recorder::none_held)
        recorder::remove_hold(self, index);
    recorder::write(self, event_kind::once_abort, 0, recorder::find_site(self, from).id, format::number(id), 0);
    recorder::step_in_order(self.id, event_kind::once_abort, format::number(id));
}

void once_passed(agent& self, object_id id, const call_point& from) noexcept {
    if (self.page->want != 0) recorder::clear_want(self);
    recorder::write(self, event_kind::once_pass, 0, recorder::find_site(self, from).id, format::number(id),
                    recorder::draw(recorder::process.objects[id]));
    recorder::next_segment(self, event_kind::once_pass, format::number(id));
    recorder::notify_observer(recorder::observation::signalled, self, id, 0);
}

int run_once(int* flag, void (*routine)(), int (*real_once)(int*, void (*)()), const call_point& from) {
    // acquire: as the real function does, so that what the initialiser wrote is seen
    const int word = __atomic_load_n(flag, __ATOMIC_ACQUIRE);
    if ((word & done_bit) != 0) {
        const passed_flag& known = passed_entry(flag);
        if (known.flag == flag && known.initialised == initialised_count.load(std::memory_order_relaxed))
            return real_once(flag, routine);
        remember(flag);
    }
    once_call call{routine, from, object_id::none, false, this_call};
    note(from, [&](agent& self) {
        call.id = identify_once(self, flag, (word & done_bit) != 0, format::object_type::once, from);
        if (call.id == object_id::none) return;
        request_once(self, call.id, (word & running_bit) != 0, from);
        if ((word & done_bit) != 0) once_passed(self, call.id, from);
    });
    if (call.id == object_id::none || (word & done_bit) != 0) return real_once(flag, routine);
    this_call = &call;
    const int result = real_once(flag, run_initialiser);
    this_call = call.outer;
    if (call.ran)
        initialised_count.fetch_add(1, std::memory_order_relaxed);
    else
        note(from, [&](agent& self) { once_passed(self, call.id, from); });
    remember(flag);
    return result;
}

INTERLOCK_HOOK int pthread_once(pthread_once_t* flag, void (*routine)()) {
    return run_once(flag, routine, real().pthread_once, here());
}

}  // namespace interlock::preload
