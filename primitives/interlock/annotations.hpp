// For locks of the user's own making, which interlock cannot know: a member of this type tells it, and Valgrind's tools and ThreadSanitizer, what the
// lock does. Where nothing records, nothing is left of it but what those tools are told.
//
//      class my_lock {
//          void lock() {
//              annotation_.request();
//              ... acquire ...
//              annotation_.acquired();
//          }
//          void unlock() {
//              annotation_.releasing();
//              ... release ...
//          }
//          interlock::lock_annotation annotation_{"my lock"};
//      };
#pragma once

#include <interlock/config.hpp>
#include <interlock/detail/record.hpp>
#include <interlock/detail/tools.hpp>

#include <cerrno>

namespace interlock::inline INTERLOCK_MODE {

enum class lock_mode : std::uint8_t { exclusive, shared };

/// A lock as its author tells of it. Calls are made by the thread (or fiber) that acquires or releases; one that holds it may acquire it again.
/// Each acquisition is a request, then exactly one of acquired and given_up.
class lock_annotation {
public:
    constexpr explicit lock_annotation(label what = {}) noexcept : record_{interlock_user_lock, what} {}
    ~lock_annotation() {
        record_.end();
        tools::gone(use(lock_mode::exclusive));
    }
    lock_annotation(const lock_annotation&) = delete;
    lock_annotation& operator=(const lock_annotation&) = delete;
    void set_label(label what) noexcept { record_.set_label(what); }

    /// Before blocking for it. `busy`: it looked so. `timed`: the request gives up by itself.
    void request([[maybe_unused]] lock_mode mode = lock_mode::exclusive, [[maybe_unused]] bool busy = false,
                 [[maybe_unused]] bool timed = false) noexcept {
        begin(static_cast<std::uint8_t>(flags_of(mode) | (busy ? interlock_contended : 0) |
                                        (timed ? interlock_timed : 0)));
    }
    /// Before a try, which does not block.
    void attempt(lock_mode mode = lock_mode::exclusive) noexcept {
        begin(static_cast<std::uint8_t>(flags_of(mode) | interlock_attempt));
    }
    void acquired([[maybe_unused]] lock_mode mode = lock_mode::exclusive) noexcept {
#if INTERLOCK_RECORDS
        interlock_v1_acquired(record_.object(), flags_of(mode));
#endif
        tools::acquire(use(mode), [] { return 0; });
    }
    /// The request was not granted: the try failed, or the time was over.
    void given_up([[maybe_unused]] lock_mode mode = lock_mode::exclusive,
                  [[maybe_unused]] bool timed = false) noexcept {
#if INTERLOCK_RECORDS
        interlock_v1_not_acquired(record_.object(), flags_of(mode), timed ? ETIMEDOUT : EBUSY);
#endif
    }
    /// Before its release.
    void releasing(lock_mode mode = lock_mode::exclusive) noexcept {
        record_.release(flags_of(mode), true, [&] { return tools::release(use(mode), [] { return 0; }); });
    }

private:
    static constexpr std::uint8_t flags_of(lock_mode mode) noexcept {
        return mode == lock_mode::shared ? std::uint8_t{interlock_shared} : std::uint8_t{0};
    }
    tools::lock_use use(lock_mode mode) const noexcept {
        return {this, sizeof *this, mode == lock_mode::shared, false, true};
    }
    void begin([[maybe_unused]] std::uint8_t flags) noexcept {
#if INTERLOCK_RECORDS
        interlock_v1_request(record_.object(), flags);
#endif
    }

    detail::record record_;
};

/// What its author knows to be ordered: everything a thread did before `before()` happens before what a thread does after an `after()` that
/// came later. An event that is set and passed, to the recorder.
class order_annotation {
public:
    constexpr explicit order_annotation(label what = {}) noexcept : record_{interlock_event, what} {}
    ~order_annotation() { record_.end(); }
    order_annotation(const order_annotation&) = delete;
    order_annotation& operator=(const order_annotation&) = delete;

    void before() noexcept {
        record_.step(interlock_event_set);
        tools::happens_before(this);
    }
    void after() noexcept {
        tools::happens_after(this);
        record_.step(interlock_event_pass);
    }

private:
    detail::record record_;
};

}  // namespace interlock::inline INTERLOCK_MODE
