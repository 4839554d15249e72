// What a primitive tells the recorder of itself; nothing, at no cost, where recording is off. Between the primitives and recorder.hpp.
#pragma once

#include <interlock/config.hpp>
#include <interlock/label.hpp>

#if INTERLOCK_RECORDS
#include <interlock/fast_path.hpp>
#endif

#include <type_traits>

namespace interlock::inline INTERLOCK_MODE::detail {

#if INTERLOCK_RECORDS

/// Begins its life where it is constructed at run time; a constant-initialised one is met at its first operation.
class record {
public:
    constexpr explicit record(interlock_type type, label what = {}, std::uint32_t value = 0,
                              bool native = false) noexcept
        : object_{0, what.name, what.of, value, static_cast<std::uint8_t>(type), what.subclass, native, 0} {
        if (!native) begin();
    }
    record(const record&) = delete;
    record& operator=(const record&) = delete;

    /// For who carries a pthread mutex behind this: once that is initialised.
    constexpr void begin() noexcept {
        if (!std::is_constant_evaluated()) interlock_v1_create(&object_);
    }

    void set_label(label what) noexcept {
        object_.name = what.name;
        object_.of = what.of;
        object_.subclass = what.subclass;
        interlock_v1_describe(&object_);
    }
    /// `busy`: it is destroyed while held.
    void end(bool busy = false) noexcept { interlock_v1_destroy(&object_, busy); }

    /// Runs `acquire()`, which returns 0 or an error number, between the note of the request and the note of what came of it.
    template <typename Acquire>
    __attribute__((always_inline)) int acquire(std::uint8_t flags, Acquire acquire) {
        const bool told = interlock_v1_request(&object_, flags);
        const int result = acquire();
        if (!told) return result;
        if (result == 0)
            interlock_v1_acquired(&object_, flags);
        else
            interlock_v1_not_acquired(&object_, flags, result);
        return result;
    }

    /// The same for what can be had without waiting: `at_once()` acquires it if it is free, and returns 0, or an error number.
    template <typename AtOnce, typename Acquire>
    __attribute__((always_inline)) int acquire(std::uint8_t flags, AtOnce at_once, Acquire wait) {
        const std::uintptr_t site = fast_path::here();
        if (__builtin_expect(at_once() != 0, 0))
            return acquire_slowly(static_cast<std::uint8_t>(flags | interlock_contended), wait, site);
        fast_path::granted(&object_, flags, site);
        return 0;
    }
    /// As acquire(), told of another place than this.
    template <typename Acquire>
    __attribute__((always_inline)) int acquire_for(const interlock_place& from, std::uint8_t flags, Acquire acquire) {
        const bool told = interlock_v1_request_at(&object_, flags, &from);
        const int result = acquire();
        if (told && result == 0) interlock_v1_acquired_at(&object_, flags, &from);
        if (told && result != 0) interlock_v1_not_acquired_at(&object_, flags, result, &from);
        return result;
    }

    /// As release(), told of another place than this.
    template <typename Release>
    __attribute__((always_inline)) int release_for(const interlock_place& from, std::uint8_t flags, bool cannot_fail,
                                                   Release release) {
        interlock_foreign_release other;
        const bool by_other = interlock_v1_release_at(&object_, flags, cannot_fail, &other, &from);
        const int result = release();
        if (__builtin_expect(by_other, 0)) interlock_v1_released_by_other_at(&other, flags, result == 0, &from);
        return result;
    }

    /// Runs `release()`, which returns 0 or an error number, after the note of it. `cannot_fail`: it asks nobody who the owner is.
    template <typename Release>
    __attribute__((always_inline)) int release(std::uint8_t flags, bool cannot_fail, Release release) {
        if (__builtin_expect(fast_path::released(&object_), 1)) return release();
        return release_slowly(flags, cannot_fail, release);
    }

    /// Told before what has an effect on others, after what is an effect of others.
    __attribute__((always_inline)) void step(interlock_step what, std::uint8_t flags = 0) noexcept {
        interlock_v1_step(&object_, what, flags);
    }
    /// Runs `block()` between the notes that this agent wants something of the object, and no longer.
    template <typename Block>
    __attribute__((always_inline)) auto wait(interlock_step what, std::uint8_t flags, Block block) {
        interlock_v1_wait(&object_, what, flags);
        auto result = block();
        interlock_v1_end_wait(&object_);
        return result;
    }

    interlock_object* object() noexcept { return &object_; }

private:
    /// Not inlined, so that what asks for it may be.
    template <typename Acquire>
    __attribute__((noinline)) int acquire_slowly(std::uint8_t flags, Acquire acquire, std::uintptr_t site) {
        const auto* const frame = static_cast<fast_path::frame_record>(__builtin_frame_address(0));
        return acquire_for(fast_path::caller_of(frame, site), flags, acquire);
    }

    template <typename Release>
    __attribute__((noinline)) int release_slowly(std::uint8_t flags, bool cannot_fail, Release release) {
        const auto* const frame = static_cast<fast_path::frame_record>(__builtin_frame_address(0));
        return release_for(fast_path::caller_of(frame, 0), flags, cannot_fail, release);
    }

    interlock_object object_;
};

#else

class record {
public:
    constexpr explicit record(interlock_type, label = {}, std::uint32_t = 0, bool = false) noexcept {}
    record(const record&) = delete;
    record& operator=(const record&) = delete;
    void set_label(label) noexcept {}
    void end(bool = false) noexcept {}
    template <typename Acquire>
    __attribute__((always_inline)) int acquire(std::uint8_t, Acquire acquire) {
        return acquire();
    }
    template <typename AtOnce, typename Acquire>
    __attribute__((always_inline)) int acquire(std::uint8_t, AtOnce, Acquire wait) {
        return wait();
    }
    template <typename Release>
    __attribute__((always_inline)) int release(std::uint8_t, bool, Release release) {
        return release();
    }
    void step(interlock_step, std::uint8_t = 0) noexcept {}
    template <typename Block>
    __attribute__((always_inline)) auto wait(interlock_step, std::uint8_t, Block block) {
        return block();
    }
};

#endif

}  // namespace interlock::inline INTERLOCK_MODE::detail
