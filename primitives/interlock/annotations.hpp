// For locks and fibers of the user's own making, which interlock cannot know: members of these types tell it, and Valgrind's tools and ThreadSanitizer,
// what they do. Where nothing records, nothing is left of them but what those tools are told.
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
#include <interlock/detail/fiber_place.hpp>
#include <interlock/detail/record.hpp>
#include <interlock/detail/tools.hpp>

#include <cerrno>
#include <cstddef>

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

/// What a switch of fibers says of order.
enum class fiber_order : std::uint8_t {
    kept,       // what ran until here comes before what runs from here on: the program says who is next
    by_chance,  // a scheduler's accident, which orders nothing
};

/// A fiber: a stack that threads run by hand (ucontext, Boost.Context). To interlock it is an agent of its own, which holds and waits for locks
/// on whatever thread runs it; what thread it is on says nothing of who owns them.
///
///      interlock::fiber_annotation annotation{"parser", stack, stack_size};
///      annotation.switch_to();
///      swapcontext(&scheduler, &parser);
///      ...                                                         in the fiber, on its way back:
///      interlock::fiber_annotation::switch_to_thread();
///      swapcontext(&parser, &scheduler);
///
/// A pthread mutex (interlock::mutex too) belongs to its thread, whatever runs there: a fiber that goes on elsewhere must not hold one. Locks that know no owner
/// (spin locks, semaphores, annotated ones) go with the fiber.
/// Calls are made by who runs. Cost: some tens of nanoseconds a switch; a creation some microseconds, the memory of a thread's records.
class fiber_annotation {
public:
    /// Created by who calls. `name` is copied. `stack` is the lowest byte of its stack; without it reports have the innermost place alone of what it does, and
    /// Valgrind guesses at each switch.
    explicit fiber_annotation([[maybe_unused]] const char* name = nullptr, const void* stack = nullptr,
                              std::size_t stack_size = 0) noexcept
        : tool_{tools::make_fiber(stack, stack_size)} {
#if INTERLOCK_RECORDS
        interlock_v1_agent_create(&agent_, name);
        if (stack != nullptr) interlock_v1_agent_stack(&agent_, stack, stack_size);
#endif
    }
    /// Its end. Precondition: it runs nowhere. What it holds is reported as held by a thread that has ended.
    ~fiber_annotation() {
#if INTERLOCK_RECORDS
        interlock_v1_agent_end(&agent_);
#endif
        tools::end_fiber(tool_);
    }
    fiber_annotation(const fiber_annotation&) = delete;
    fiber_annotation& operator=(const fiber_annotation&) = delete;

    /// Just before the calling thread switches to it. Precondition: it runs nowhere.
    __attribute__((always_inline)) void switch_to(fiber_order order = fiber_order::kept) noexcept {
        blocks::fiber_place& place = blocks::this_fiber_place();
        if (!place.in_fiber) place.thread_tool = tools::this_fiber();
        before_switch(place, order);
#if INTERLOCK_RECORDS
        interlock_agent left;
        interlock_v1_agent_switch(&agent_, &left);
        if (!place.in_fiber) place.thread_agent = left;
#endif
        place.in_fiber = true;
        after_switch(place, tool_, order);
    }
    /// Just before a fiber switches to the stack of the thread that runs it. Without effect where none runs.
    __attribute__((always_inline)) static void switch_to_thread(fiber_order order = fiber_order::kept) noexcept {
        blocks::fiber_place& place = blocks::this_fiber_place();
        if (!place.in_fiber) return;
        before_switch(place, order);
#if INTERLOCK_RECORDS
        interlock_agent left;
        interlock_v1_agent_switch(&place.thread_agent, &left);
#endif
        place.in_fiber = false;
        after_switch(place, place.thread_tool, order);
    }
    /// The caller goes on after all that it did. Precondition: it has come to its end.
    void join() noexcept {
#if INTERLOCK_RECORDS
        interlock_v1_agent_follow(&agent_);
#endif
    }

private:
    // Inlined, as their callers: ThreadSanitizer's shadow stack is the next one's before they return.
    __attribute__((always_inline)) static void before_switch([[maybe_unused]] blocks::fiber_place& place,
                                                             [[maybe_unused]] fiber_order order) noexcept {
#if INTERLOCK_RECORDS
        if (order == fiber_order::kept) interlock_v1_step(&place.switches, interlock_future_set, 0);
#endif
    }
    __attribute__((always_inline)) static void after_switch([[maybe_unused]] blocks::fiber_place& place,
                                                            [[maybe_unused]] tools::fiber to,
                                                            [[maybe_unused]] fiber_order order) noexcept {
#if INTERLOCK_RECORDS
        if (order == fiber_order::kept) interlock_v1_step(&place.switches, interlock_future_get, 0);
#endif
        tools::switch_fiber(to, order == fiber_order::kept);
    }

    tools::fiber tool_;
#if INTERLOCK_RECORDS
    interlock_agent agent_{};
#endif
};

}  // namespace interlock::inline INTERLOCK_MODE
