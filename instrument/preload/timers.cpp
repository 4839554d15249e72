// What libc does on threads of its own, which it starts unseen: a timer's or a queue's notification may wake any thread.
#include <mqueue.h>
#include <signal.h>
#include <time.h>

#include "instrument/preload/hook.hpp"

namespace interlock::preload {
namespace {

void note_notification(const sigevent* how, const call_point& from) noexcept {
    if (how == nullptr || how->sigev_notify != SIGEV_THREAD) return;
    // The notification is any code: it may post, and notify any condition, as another process could that shares it.
    using namespace format::process_status;
    note(from, [](agent&) { recorder::process.log.add_status(woken_from_outside | shares_objects); });
}

}  // namespace

INTERLOCK_HOOK int timer_create(clockid_t clock, sigevent* how, timer_t* made) {
    note_notification(how, here());
    return real().timer_create(clock, how, made);
}

INTERLOCK_HOOK int mq_notify(mqd_t queue, const sigevent* how) {
    note_notification(how, here());
    return real().mq_notify(queue, how);
}

}  // namespace interlock::preload
