// What users do with primitives, compiled once with std's and once with ours, recording off: off.py holds the two machine codes to each
// other, instruction by instruction count. Behind them what has no twin in std, for what it refers to.
#include <interlock/atomic.hpp>
#include <interlock/barrier.hpp>
#include <interlock/condition_variable.hpp>
#include <interlock/event.hpp>
#include <interlock/future.hpp>
#include <interlock/latch.hpp>
#include <interlock/mutex.hpp>
#include <interlock/queue.hpp>
#include <interlock/semaphore.hpp>
#include <interlock/shared_mutex.hpp>
#include <interlock/spinlock.hpp>
#include <interlock/thread.hpp>

#ifdef TWIN_STD
namespace twin = std;
#define NAMED(name)
#define AND_NAMED(name)
#else
namespace twin = interlock;
#define NAMED(name) \
    { name }
#define AND_NAMED(name) , name
#endif

#define FUNCTION extern "C" __attribute__((noinline))

twin::mutex global NAMED("global");

FUNCTION void lock_and_unlock(twin::mutex& m) {
    m.lock();
    m.unlock();
}

FUNCTION bool try_it(twin::mutex& m) { return m.try_lock(); }

FUNCTION long guarded_increment(long& counter) {
    const std::lock_guard held(global);
    return ++counter;
}

FUNCTION void lock_both(twin::mutex& a, twin::mutex& b) { const std::scoped_lock both(a, b); }

FUNCTION void construct_mutex(void* at) { new (at) twin::mutex NAMED("constructed"); }
FUNCTION void destroy_mutex(twin::mutex& m) { m.~mutex(); }

FUNCTION void lock_recursive(twin::recursive_mutex& m) { const std::lock_guard held(m); }
FUNCTION bool lock_in_time(twin::timed_mutex& m) { return m.try_lock_for(std::chrono::milliseconds(1)); }
FUNCTION bool lock_recursive_in_time(twin::recursive_timed_mutex& m) {
    return m.try_lock_for(std::chrono::milliseconds(1));
}
FUNCTION void initialise(twin::once_flag& once, void (*initialiser)()) { twin::call_once(once, initialiser); }

FUNCTION void lock_exclusively(twin::shared_mutex& m) { const std::lock_guard held(m); }
FUNCTION void lock_shared(twin::shared_mutex& m) { const std::shared_lock held(m); }
FUNCTION bool lock_shared_in_time(twin::shared_timed_mutex& m) {
    return m.try_lock_shared_for(std::chrono::milliseconds(1));
}
FUNCTION void construct_shared_mutex(void* at) { new (at) twin::shared_mutex NAMED("constructed"); }

FUNCTION void acquire_permit(twin::counting_semaphore<>& s) { s.acquire(); }
FUNCTION void release_permits(twin::counting_semaphore<>& s) { s.release(3); }
FUNCTION bool try_binary(twin::binary_semaphore& s) { return s.try_acquire(); }
FUNCTION void construct_semaphore(void* at) { new (at) twin::counting_semaphore<>(2 AND_NAMED("constructed")); }

FUNCTION void count_down(twin::latch& l) { l.count_down(); }
FUNCTION void wait_for_latch(twin::latch& l) { l.wait(); }
FUNCTION void construct_latch(void* at) { new (at) twin::latch(2 AND_NAMED("constructed")); }

FUNCTION void meet(twin::barrier<>& b) { b.arrive_and_wait(); }
FUNCTION void leave(twin::barrier<>& b) { b.arrive_and_drop(); }
FUNCTION void construct_barrier(void* at) { new (at) twin::barrier<>(2 AND_NAMED("constructed")); }

FUNCTION void wait_for_condition(twin::condition_variable& c, std::unique_lock<twin::mutex>& held) { c.wait(held); }
FUNCTION void wait_for_flag(twin::condition_variable& c, std::unique_lock<twin::mutex>& held, const bool& flag) {
    c.wait(held, [&] { return flag; });
}
FUNCTION void notify(twin::condition_variable& c) {
    c.notify_one();
    c.notify_all();
}
FUNCTION void wait_for_any(twin::condition_variable_any& c, std::unique_lock<std::recursive_mutex>& held) {
    c.wait(held);
}
FUNCTION void construct_condition(void* at) { new (at) twin::condition_variable NAMED("constructed"); }

FUNCTION int update_atomic(twin::atomic<int>& a) {
    a.fetch_add(2, std::memory_order_relaxed);
    a += 3;
    int expected = a.load(std::memory_order_acquire);
    a.compare_exchange_strong(expected, 5);
    a = 7;
    return a++;
}
FUNCTION void wait_for_atomic(twin::atomic<int>& a) { a.wait(1); }
FUNCTION void construct_atomic(void* at) { new (at) twin::atomic<int>(2 AND_NAMED("constructed")); }

FUNCTION void set_promise(twin::promise<int>& p) { p.set_value(3); }
FUNCTION int get_future(twin::future<int>& f) { return f.get(); }
FUNCTION void make_promise(void* at) { new (at) twin::promise<int> NAMED("made"); }
FUNCTION void run_task(twin::packaged_task<int()>& task) { task(); }

FUNCTION void join(twin::thread& t) { t.join(); }
FUNCTION void join_if_left(twin::jthread& t) { t.~jthread(); }

// What std does not have.
FUNCTION void ours_spin(interlock::spinlock& s) { const std::lock_guard held(s); }
FUNCTION void ours_spin_in_turn(interlock::ticket_lock& s) { const std::lock_guard held(s); }
FUNCTION void ours_upgrade(interlock::fair_shared_mutex& m) {
    m.lock_shared();
    m.upgrade();
    m.unlock();
}
FUNCTION void ours_set(interlock::auto_reset_event& e) {
    e.set();
    e.wait();
}
FUNCTION void ours_put(interlock::queue<int>& q) {
    q.put(1);
    q.get();
}
