#include "analysis/detectors/condition_waits.hpp"

#include "analysis/detectors/misuse.hpp"
#include "instrument/format/payload.hpp"

namespace interlock::detectors {

using format::event_kind;
using format::object_id;

void condition_waits::see(const trace::event& e) {
    switch (e.kind) {
        case event_kind::spurious_wake: {
            trusted one{object_id{e.object}, object_id{e.sequence}, observed(findings::kind::wait_without_loop, e)};
            one.made.reasons.front().what = fact::woken_spuriously;
            set_place(one.made, e);
            woken_.insert_or_assign(e.agent, std::move(one));
            break;
        }
        case event_kind::condition_wait: see_wait(e); break;
        case event_kind::notify_one:
            if (const auto it = sleeping_.find(e.object); it != sleeping_.end() && it->second.count != 0)
                --it->second.count;
            break;
        case event_kind::notify_all: sleeping_.erase(e.object); break;
        case event_kind::release: see_release(e); break;
        default: break;  // reason: no other kind is about conditions
    }
}

void condition_waits::see_wait(const trace::event& e) {
    if (const auto it = woken_.find(e.agent); it != woken_.end() && number(it->second.condition) == e.object)
        woken_.erase(it);
    const format::wait_payload wait = format::decode_wait(e.more[0]);
    // A timed wait may be over long before the log says so.
    if (wait.mutex == object_id::none || (wait.flags & format::lock_flags::timed) != 0) return;
    sleepers& others = sleeping_[e.object];
    if (others.count != 0 && others.mutex != wait.mutex && told_.insert(e.object).second) {
        draft made = observed(findings::kind::condition_two_mutexes, e);
        made.other = graph::lock_of(wait.mutex);
        drafts_.push_back(std::move(made));
    }
    if (others.count == 0 || others.mutex == wait.mutex) {
        others.mutex = wait.mutex;
        ++others.count;
    }
}

void condition_waits::see_release(const trace::event& e) {
    const auto it = woken_.find(e.agent);
    if (it == woken_.end() || number(it->second.mutex) != e.object) return;
    if ((e.flags & format::lock_flags::by_condition) == 0) drafts_.push_back(std::move(it->second.made));
    woken_.erase(it);
}

}  // namespace interlock::detectors
