// Whether primitives record, and what every header of theirs needs: the namespace of the mode, and clang's thread-safety attributes.
//
// Recording is on unless NDEBUG or INTERLOCK_OFF is defined; INTERLOCK_ON keeps it on under NDEBUG. The two modes are two inline
// namespaces, so parts of a program that were compiled in different modes and meet in a signature do not link.
#pragma once

#if defined(INTERLOCK_ON) && defined(INTERLOCK_OFF)
#error "INTERLOCK_ON and INTERLOCK_OFF are both defined"
#endif

#if defined(NDEBUG) && !defined(INTERLOCK_ON) && !defined(INTERLOCK_OFF)
#define INTERLOCK_OFF 1
#endif

#if defined(INTERLOCK_OFF)
#define INTERLOCK_MODE bare
#define INTERLOCK_RECORDS 0
#else
#define INTERLOCK_MODE recorded
#define INTERLOCK_RECORDS 1
#endif

// The code is compiled for ThreadSanitizer.
#if defined(__SANITIZE_THREAD__)
#define INTERLOCK_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define INTERLOCK_TSAN 1
#endif
#endif
#ifndef INTERLOCK_TSAN
#define INTERLOCK_TSAN 0
#endif

#if defined(__clang__)
#define INTERLOCK_ATTRIBUTE(x) __attribute__((x))
#else
#define INTERLOCK_ATTRIBUTE(x)
#endif

// Of what tells its place to the recorder: that of its caller.
#define INTERLOCK_INLINE __attribute__((always_inline)) inline

// https://clang.llvm.org/docs/ThreadSafetyAnalysis.html; its checks are -Wthread-safety.
#define INTERLOCK_CAPABILITY(kind) INTERLOCK_ATTRIBUTE(capability(kind))
#define INTERLOCK_SCOPED_CAPABILITY INTERLOCK_ATTRIBUTE(scoped_lockable)
#define INTERLOCK_GUARDED_BY(lock) INTERLOCK_ATTRIBUTE(guarded_by(lock))
#define INTERLOCK_PT_GUARDED_BY(lock) INTERLOCK_ATTRIBUTE(pt_guarded_by(lock))
#define INTERLOCK_ACQUIRED_BEFORE(...) INTERLOCK_ATTRIBUTE(acquired_before(__VA_ARGS__))
#define INTERLOCK_ACQUIRED_AFTER(...) INTERLOCK_ATTRIBUTE(acquired_after(__VA_ARGS__))
#define INTERLOCK_REQUIRES(...) INTERLOCK_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define INTERLOCK_REQUIRES_SHARED(...) INTERLOCK_ATTRIBUTE(requires_shared_capability(__VA_ARGS__))
#define INTERLOCK_ACQUIRE(...) INTERLOCK_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define INTERLOCK_ACQUIRE_SHARED(...) INTERLOCK_ATTRIBUTE(acquire_shared_capability(__VA_ARGS__))
#define INTERLOCK_RELEASE(...) INTERLOCK_ATTRIBUTE(release_capability(__VA_ARGS__))
#define INTERLOCK_RELEASE_SHARED(...) INTERLOCK_ATTRIBUTE(release_shared_capability(__VA_ARGS__))
#define INTERLOCK_TRY_ACQUIRE(...) INTERLOCK_ATTRIBUTE(try_acquire_capability(__VA_ARGS__))
#define INTERLOCK_TRY_ACQUIRE_SHARED(...) INTERLOCK_ATTRIBUTE(try_acquire_shared_capability(__VA_ARGS__))
#define INTERLOCK_EXCLUDES(...) INTERLOCK_ATTRIBUTE(locks_excluded(__VA_ARGS__))
#define INTERLOCK_NO_THREAD_SAFETY_ANALYSIS INTERLOCK_ATTRIBUTE(no_thread_safety_analysis)
