// What a new thread is started with, for the pthread and the C11 way alike.
#pragma once

#include <pthread.h>
#include <threads.h>

#include "instrument/recorder/agent.hpp"

namespace interlock::preload {

struct thread_start {
    void* (*function)(void*);
    thrd_start_t c11_function;
    void* argument;
    recorder::agent* self;
    std::size_t stack_size;
};

/// Announces a thread; nullptr: create it plainly, nothing is recorded of it until it locks.
thread_start* prepare_thread(const recorder::call_point& from, const pthread_attr_t* attributes) noexcept;
/// It was created: the handle is known before the thread has told it itself.
void note_created(const recorder::call_point& from, format::agent_id born, pthread_t handle) noexcept;
/// It is about to be detached.
void note_detach(const recorder::call_point& from, pthread_t handle) noexcept;
/// It could not be created.
void abandon_thread(const recorder::call_point& from, thread_start* start) noexcept;
/// Start routine of every announced thread; the argument is its thread_start.
void* thread_main(void* argument);

/// A join through a C11 function.
int join_thread(pthread_t handle, const recorder::call_point& from, int (*real_join)(pthread_t, int*), int* c11_result);

}  // namespace interlock::preload
