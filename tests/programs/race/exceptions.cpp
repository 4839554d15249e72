// Exceptions unwind through frames whose ends must be noted; one is carried to another thread.
#include <exception>
#include <mutex>
#include <stdexcept>

#include "tests/programs/race/both.hpp"

static std::exception_ptr carried;
static std::mutex guard;
static int depth_reached = 0;

static void fail(int depth) {
    const std::lock_guard lock(guard);
    if (depth > depth_reached) depth_reached = depth;
    throw std::runtime_error("far enough");
}

static void go(int depth) {
    if (depth == 20) fail(depth);
    go(depth + 1);
}

static void try_it() {
    for (int i = 0; i < 50; ++i) {
        try {
            go(0);
        } catch (const std::runtime_error&) {
            std::unique_lock lock(guard, std::defer_lock);
            if (!racy) lock.lock();
            carried = std::current_exception();
        }
    }
}

int main() {
    both(try_it, try_it);
    try {
        std::rethrow_exception(carried);
    } catch (const std::exception& e) {
        return e.what()[0] == 'f' ? 0 : 1;
    }
}
