// Data that clang's thread-safety analysis knows to be guarded, compiled by thread_safety.py for each lock there is (LOCK, of a KIND). Each line that ends in
// "wrong" must be warned of, and no other.
#include <interlock/hierarchy.hpp>
#include <interlock/mutex.hpp>
#include <interlock/shared_mutex.hpp>
#include <interlock/spinlock.hpp>

#define PLAIN 0
#define TIMED 1
#define SHARED 2

namespace {

template <typename Lock>
struct guarded {
    Lock lock;
    int value INTERLOCK_GUARDED_BY(lock) = 0;

    void increase() INTERLOCK_REQUIRES(lock) { ++value; }

    void with_calls() {
        lock.lock();
        increase();
        lock.unlock();
    }
    void with_a_guard() {
        const interlock::lock_guard held(lock);
        increase();
    }
    void if_it_is_free() {
        if (!lock.try_lock()) return;
        increase();
        lock.unlock();
    }
    void without() {
        increase();  // wrong
    }
    void released_too_early() {
        lock.lock();
        lock.unlock();
        ++value;  // wrong
    }
    void never_released() {
        lock.lock();
        ++value;
    }  // wrong
    void twice() {
        lock.lock();
        lock.lock();  // wrong
        lock.unlock();
    }
    void guard_is_gone() {
        { const interlock::lock_guard held(lock); }
        ++value;  // wrong
    }
    void tried_and_not_asked() {
        static_cast<void>(lock.try_lock());
        ++value;  // wrong
    }
};

template <typename Lock>
struct shared : guarded<Lock> {
    using guarded<Lock>::lock;
    using guarded<Lock>::value;

    int look() INTERLOCK_REQUIRES_SHARED(lock) { return value; }

    int with_calls_shared() {
        lock.lock_shared();
        const int seen = look();
        lock.unlock_shared();
        return seen;
    }
    int with_a_guard_shared() {
        const interlock::shared_lock_guard held(lock);
        return look();
    }
    int if_it_is_free_to_share() {
        if (!lock.try_lock_shared()) return 0;
        const int seen = look();
        lock.unlock_shared();
        return seen;
    }
    void upgraded() {
        if constexpr (requires { lock.upgrade(); }) {
            lock.lock_shared();
            lock.upgrade();
            ++value;
            lock.downgrade();
            look();
            lock.unlock_shared();
        }
    }
    void written_by_a_reader() {
        lock.lock_shared();
        ++value;  // wrong
        lock.unlock_shared();
    }
    void released_by_the_wrong_call() {
        lock.lock_shared();
        lock.unlock();  // wrong
    }
};

template <typename Lock>
struct timed : guarded<Lock> {
    using guarded<Lock>::lock;
    using guarded<Lock>::value;

    void in_time() {
        if (!lock.try_lock_for(std::chrono::milliseconds(1))) return;
        ++value;
        lock.unlock();
    }
    void in_time_or_not() {
        static_cast<void>(lock.try_lock_for(std::chrono::milliseconds(1)));
        ++value;  // wrong
    }
};

struct ordered {
    interlock::mutex first INTERLOCK_ACQUIRED_BEFORE(second);
    interlock::mutex second;
    void against() {
        second.lock();
        first.lock();  // wrong
        first.unlock();
        second.unlock();
    }
};

template struct guarded<LOCK>;
#if KIND == SHARED
template struct shared<LOCK>;
#elif KIND == TIMED
template struct timed<LOCK>;
#endif

}  // namespace
