#include "cli/stack_room.hpp"

#include <csignal>
#include <cstddef>

#include <pthread.h>
#include <sys/resource.h>

namespace interlock::cli {
namespace {

constexpr std::size_t room = std::size_t{8} << 20;  // what Linux gives by default

struct call {
    const std::function<int()>& work;
    int result = 0;
};

void* run(void* what) {
    auto& one = *static_cast<call*>(what);
    one.result = one.work();
    return nullptr;
}

}  // namespace

int with_stack_room(const std::function<int()>& work) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= room) return work();
    pthread_attr_t how;
    ::pthread_attr_init(&how);
    ::pthread_attr_setstacksize(&how, room);
    call one{work};
    pthread_t thread{};
    const bool started = ::pthread_create(&thread, &how, run, &one) == 0;
    ::pthread_attr_destroy(&how);
    if (!started) return work();
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
    ::pthread_join(thread, nullptr);
    return one.result;
}

}  // namespace interlock::cli
