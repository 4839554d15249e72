// What threads need that is no template.
#include <interlock/detail/fiber_place.hpp>
#include <interlock/detail/this_thread.hpp>

#include <pthread.h>

#include <cstring>
#include <new>
#include <vector>

namespace interlock::blocks {

void name_this_thread(const char* name) noexcept {
    char cut[16] = {};
    std::strncpy(cut, name, sizeof cut - 1);
    pthread_setname_np(pthread_self(), cut);
}

namespace {

struct late_call {
    void (*what)(void*) noexcept;
    void* argument;
};
using late_calls = std::vector<late_call>;

/// A key's destructor runs after those of thread-local objects.
pthread_key_t late_key() {
    static const pthread_key_t key = [] {
        pthread_key_t made = 0;
        if (pthread_key_create(&made, [](void* all) {
                for (const late_call& one : *static_cast<late_calls*>(all)) one.what(one.argument);
                delete static_cast<late_calls*>(all);
            }) != 0)
            throw std::bad_alloc();
        return made;
    }();
    return key;
}

}  // namespace

void at_thread_exit(void (*what)(void*) noexcept, void* argument) {
    const pthread_key_t key = late_key();
    auto* all = static_cast<late_calls*>(pthread_getspecific(key));
    if (all == nullptr) {
        all = new late_calls;
        pthread_setspecific(key, all);
    }
    all->push_back({what, argument});
}

fiber_place& this_fiber_place() noexcept {
    static thread_local fiber_place place;
    return place;
}

}  // namespace interlock::blocks
