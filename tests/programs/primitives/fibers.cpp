// Fibers switched by hand and annotated: each is an agent, so it has its own locks and orders, whatever thread it is on.
//
// expect: inverted_by_chance
//   acquisitions 4
//   dependencies 2
//   threads 3
//   finding lock-order-cycle potential edges=2 locks=a,b threads=first,second functions=one_way,other_way
// expect: inverted_in_order
//   acquisitions 4
//   dependencies 2
//   threads 3
//   finding lock-order-cycle ordered edges=2 locks=a,b threads=first,second
// expect: agreed
//   acquisitions 4
//   dependencies 2
//   threads 3
//   clean
// expect: between_holds
//   acquisitions 2
//   dependencies 0
//   threads 3
//   clean
// expect: released_elsewhere
//   acquisitions 1
//   dependencies 0
//   threads 3
//   clean
// expect: left_held
//   acquisitions 1
//   dependencies 0
//   threads 2
//   finding held-at-thread-exit observed locks=a threads=first functions=take

#include <interlock/annotations.hpp>
#include <interlock/spinlock.hpp>

#include <ucontext.h>

#include <memory>
#include <mutex>
#include <string_view>
#include <thread>

namespace {

constinit interlock::spinlock a{"a"};
constinit interlock::spinlock b{"b"};

/// Runs its function on a stack of its own, a part each time it is resumed; between, it stands at yield().
class fiber {
public:
    fiber(const char* name, void (*work)()) : work_{work}, annotation_{name, stack_.get(), stack_size} {
        getcontext(&inside_);
        inside_.uc_stack.ss_sp = stack_.get();
        inside_.uc_stack.ss_size = stack_size;
        inside_.uc_link = nullptr;
        makecontext(&inside_, begin, 0);
    }
    void resume(interlock::fiber_order order = interlock::fiber_order::kept) {
        running_ = this;
        order_ = order;
        annotation_.switch_to(order);
        swapcontext(&outside_, &inside_);
    }
    static void yield() {
        fiber* const self = running_;
        interlock::fiber_annotation::switch_to_thread(self->order_);
        swapcontext(&self->inside_, &self->outside_);
    }

private:
    static void begin() {
        running_->work_();
        yield();
    }

    static constexpr std::size_t stack_size = 256 << 10;
    static inline fiber* running_;  // one at a time, on whatever thread
    void (*work_)();
    std::unique_ptr<char[]> stack_ = std::make_unique<char[]>(stack_size);
    ucontext_t inside_{};
    ucontext_t outside_{};
    interlock::fiber_order order_ = interlock::fiber_order::kept;
    interlock::fiber_annotation annotation_;
};

void one_way() {
    const std::lock_guard held(a);
    const std::lock_guard wanted(b);
}

void other_way() {
    const std::lock_guard held(b);
    const std::lock_guard wanted(a);
}

void hold_a_across() {
    const std::lock_guard held(a);
    fiber::yield();
}

void take_b() { const std::lock_guard held(b); }

void take() { a.lock(); }

void run_both(void (*one)(), void (*other)(), interlock::fiber_order order) {
    fiber first("first", one);
    fiber second("second", other);
    first.resume(order);
    second.resume(order);
}

}  // namespace

int main(int count, char** words) {
    const std::string_view how = count == 2 ? words[1] : "";
    if (how == "inverted_by_chance") run_both(one_way, other_way, interlock::fiber_order::by_chance);
    if (how == "inverted_in_order") run_both(one_way, other_way, interlock::fiber_order::kept);
    if (how == "agreed") run_both(one_way, one_way, interlock::fiber_order::by_chance);
    if (how == "between_holds") {
        fiber first("first", hold_a_across);
        fiber second("second", take_b);
        first.resume();
        second.resume();
        first.resume();
    }
    if (how == "released_elsewhere") {
        fiber first("first", hold_a_across);
        first.resume();
        std::thread([&] { first.resume(); }).join();
    }
    if (how == "left_held") fiber("first", take).resume();
    return 0;
}
