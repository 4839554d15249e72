// The functions of an OpenMP runtime that the interposed ones stand before. There may be several runtimes in one process (extension modules
// bring their own copy of libgomp), so they are looked up for the library that calls: the one that the loader would have bound it to.
#pragma once

#include "instrument/preload/hook.hpp"

namespace interlock::preload {

/// libgomp's omp_lock_t and omp_nest_lock_t; LLVM's are larger. What is in them is the runtime's.
using omp_lock = int;
using omp_nest_lock = void;

using omp_body = void (*)(void*);

/// One line a function: name of the member = name of the symbol. `OMP(result, name, parameters)`. Names and parameters: libgomp's manual,
/// "The libgomp ABI", and its libgomp_g.h.
#define INTERLOCK_OPENMP_FUNCTIONS(OMP)                                                                               \
    OMP(void, omp_init_lock, (omp_lock*))                                                                             \
    OMP(void, omp_init_lock_with_hint, (omp_lock*, int))                                                              \
    OMP(void, omp_destroy_lock, (omp_lock*))                                                                          \
    OMP(void, omp_set_lock, (omp_lock*))                                                                              \
    OMP(int, omp_test_lock, (omp_lock*))                                                                              \
    OMP(void, omp_unset_lock, (omp_lock*))                                                                            \
    OMP(void, omp_init_nest_lock, (omp_nest_lock*))                                                                   \
    OMP(void, omp_init_nest_lock_with_hint, (omp_nest_lock*, int))                                                    \
    OMP(void, omp_destroy_nest_lock, (omp_nest_lock*))                                                                \
    OMP(void, omp_set_nest_lock, (omp_nest_lock*))                                                                    \
    OMP(int, omp_test_nest_lock, (omp_nest_lock*))                                                                    \
    OMP(void, omp_unset_nest_lock, (omp_nest_lock*))                                                                  \
    OMP(int, omp_get_num_threads, ())                                                                                 \
    OMP(void, GOMP_critical_start, ())                                                                                \
    OMP(void, GOMP_critical_end, ())                                                                                  \
    OMP(void, GOMP_critical_name_start, (void**))                                                                     \
    OMP(void, GOMP_critical_name_end, (void**))                                                                       \
    OMP(void, GOMP_atomic_start, ())                                                                                  \
    OMP(void, GOMP_atomic_end, ())                                                                                    \
    OMP(void, GOMP_barrier, ())                                                                                       \
    OMP(bool, GOMP_barrier_cancel, ())                                                                                \
    OMP(void, GOMP_loop_end, ())                                                                                      \
    OMP(bool, GOMP_loop_end_cancel, ())                                                                               \
    OMP(void, GOMP_sections_end, ())                                                                                  \
    OMP(bool, GOMP_sections_end_cancel, ())                                                                           \
    OMP(void, GOMP_parallel, (omp_body, void*, unsigned, unsigned))                                                   \
    OMP(void, GOMP_parallel_sections, (omp_body, void*, unsigned, unsigned, unsigned))                                \
    OMP(void, GOMP_parallel_loop_static, (omp_body, void*, unsigned, long, long, long, long, unsigned))               \
    OMP(void, GOMP_parallel_loop_dynamic, (omp_body, void*, unsigned, long, long, long, long, unsigned))              \
    OMP(void, GOMP_parallel_loop_guided, (omp_body, void*, unsigned, long, long, long, long, unsigned))               \
    OMP(void, GOMP_parallel_loop_nonmonotonic_dynamic, (omp_body, void*, unsigned, long, long, long, long, unsigned)) \
    OMP(void, GOMP_parallel_loop_nonmonotonic_guided, (omp_body, void*, unsigned, long, long, long, long, unsigned))  \
    OMP(void, GOMP_parallel_loop_runtime, (omp_body, void*, unsigned, long, long, long, unsigned))                    \
    OMP(void, GOMP_parallel_loop_nonmonotonic_runtime, (omp_body, void*, unsigned, long, long, long, unsigned))       \
    OMP(void, GOMP_parallel_loop_maybe_nonmonotonic_runtime, (omp_body, void*, unsigned, long, long, long, unsigned))

struct openmp_functions {
// NOLINTNEXTLINE(bugprone-macro-parentheses): a declarator's parts stand without parentheses
#define INTERLOCK_MEMBER(Result, name, parameters) Result(*name) parameters = nullptr;
    INTERLOCK_OPENMP_FUNCTIONS(INTERLOCK_MEMBER)
#undef INTERLOCK_MEMBER
};

/// Those of the runtime that the library with the address `caller` is bound to. A function it lacks is nullptr. Thread-safe.
const openmp_functions& openmp(std::uintptr_t caller) noexcept;

/// What this thread does from here on is done by that runtime, as far as its callers do not say.
void use_openmp(const openmp_functions& functions) noexcept;

/// One of its functions by name; nullptr: it lacks it. Thread-safe.
void* openmp_function(std::uintptr_t caller, const char* name) noexcept;

/// A library has gone: where it was another may come to lie.
void forget_openmp() noexcept;

/// Tasks run while their thread waits, at a barrier or for the end of a region: from the first of them on no such wait counts as one.
extern __attribute__((visibility("hidden"))) constinit std::atomic<bool> openmp_has_tasks;

}  // namespace interlock::preload
