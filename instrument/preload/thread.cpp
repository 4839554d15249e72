// pthread_create, join, detach, names; C11 threads come here from c11.cpp.
#include "instrument/recorder/threads.hpp"

#include <cerrno>

#include "instrument/preload/cancellation.hpp"
#include "instrument/preload/hook.hpp"
#include "instrument/preload/thread_start.hpp"

namespace interlock::preload {

/// Runs on the new thread. Its frame is near the top of the stack: all frames of the program lie below.
void* thread_main(void* argument) {
    const thread_start start = *static_cast<thread_start*>(argument);
    recorder::process.memory.release(argument, sizeof(thread_start));
    recorder::adopt_thread(*start.self, reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)), start.stack_size);
    if (start.c11_function != nullptr)
        return reinterpret_cast<void*>(static_cast<long>(start.c11_function(start.argument)));
    return start.function(start.argument);
}

thread_start* prepare_thread(const call_point& from, const pthread_attr_t* attributes) noexcept {
    thread_start* start = nullptr;
    note(from, [&](agent& self) {
        start = recorder::process.memory.make<thread_start>();
        if (start == nullptr) return;
        start->self = recorder::announce_thread(self, from);
        if (start->self == nullptr) {
            recorder::process.memory.release(start, sizeof(thread_start));
            start = nullptr;
            return;
        }
        std::size_t size = 0;
        start->stack_size = attributes != nullptr && pthread_attr_getstacksize(attributes, &size) == 0
                                ? size
                                : recorder::process.thread_stack_size;
    });
    return start;
}

void abandon_thread(const call_point& from, thread_start* start) noexcept {
    note(from, [&](agent& self) {
        recorder::withdraw_thread(self, *start->self);
        recorder::process.memory.release(start, sizeof(thread_start));
    });
}

void note_created(const call_point& from, format::agent_id born, pthread_t handle) noexcept {
    note(from, [&](agent&) { recorder::set_handle_of_new(born, handle); });
}

void note_detach(const call_point& from, pthread_t handle) noexcept {
    note(from, [&](agent& self) {
        if (const format::agent_id other = recorder::agent_of(handle); other != format::agent_id::none)
            recorder::detached(self, other);
    });
}

INTERLOCK_HOOK int pthread_create(pthread_t* handle, const pthread_attr_t* attributes, void* (*function)(void*),
                                  void* argument) {
    const call_point from = here();
    thread_start* start = prepare_thread(from, attributes);
    if (start == nullptr) return real().pthread_create(handle, attributes, function, argument);
    start->function = function;
    start->argument = argument;
    const format::agent_id born = start->self->id;
    const int result = real().pthread_create(handle, attributes, thread_main, start);
    // The thread may have run and gone by now: `start` is not touched again if it was made.
    if (result != 0)
        abandon_thread(from, start);
    else
        note_created(from, born, *handle);
    return result;
}

namespace {

template <typename Real>
int join(pthread_t handle, std::uint8_t flags, const call_point& from, Real real_join) {
    format::agent_id other{};
    note(from, [&](agent& self) {
        other = recorder::agent_of(handle);
        if (other != format::agent_id::none) recorder::request_join(self, other, flags, from);
    });
    auto end = [&](int result) {
        if (other == format::agent_id::none) return;
        note(from, [&](agent& self) {
            if (result == 0)
                recorder::joined(self, other, from);
            else
                recorder::not_joined(self, other, result);
        });
    };
    auto cancelled = [&] { end(ECANCELED); };
    const int result = wait_cancellable(real_join, cancelled);
    end(result);
    return result;
}

}  // namespace

int join_thread(pthread_t handle, const call_point& from, int (*real_join)(pthread_t, int*), int* c11_result) {
    return join(handle, 0, from, [&] { return real_join(handle, c11_result); });
}

INTERLOCK_HOOK int pthread_join(pthread_t handle, void** value) {
    return join(handle, 0, here(), [&] { return real().pthread_join(handle, value); });
}

INTERLOCK_HOOK int pthread_tryjoin_np(pthread_t handle, void** value) {
    return join(handle, format::lock_flags::attempt, here(), [&] { return real().pthread_tryjoin_np(handle, value); });
}

INTERLOCK_HOOK int pthread_timedjoin_np(pthread_t handle, void** value, const timespec* until) {
    return join(handle, format::lock_flags::timed, here(),
                [&] { return real().pthread_timedjoin_np(handle, value, until); });
}

INTERLOCK_HOOK int pthread_clockjoin_np(pthread_t handle, void** value, clockid_t clock, const timespec* until) {
    return join(handle, format::lock_flags::timed, here(),
                [&] { return real().pthread_clockjoin_np(handle, value, clock, until); });
}

INTERLOCK_HOOK int pthread_detach(pthread_t handle) {
    note_detach(here(), handle);
    return real().pthread_detach(handle);
}

INTERLOCK_HOOK int pthread_setname_np(pthread_t handle, const char* name) {
    const call_point from = here();
    const int result = real().pthread_setname_np(handle, name);
    // A thread that has ended by now cannot be named in the kernel (ENOENT), but in the report it can.
    if (result == 0 || result == ENOENT) {
        note(from, [&](agent& self) {
            if (const format::agent_id other = recorder::agent_of(handle); other != format::agent_id::none)
                recorder::named(self, other, name);
        });
    }
    return result;
}

}  // namespace interlock::preload
