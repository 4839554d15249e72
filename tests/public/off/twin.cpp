// What users do with primitives, compiled once with std's and once with ours, recording off: off.py holds the two machine codes to each
// other, instruction by instruction count.
#include <interlock/mutex.hpp>

#ifdef TWIN_STD
namespace twin = std;
#define NAMED(name)
#else
namespace twin = interlock;
#define NAMED(name) \
    { name }
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

FUNCTION void construct(void* at) { new (at) twin::mutex NAMED("constructed"); }
FUNCTION void destroy(twin::mutex& m) { m.~mutex(); }
