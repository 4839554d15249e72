// pthread_barrier_*. Who passes a phase goes on after all who arrived in it: both steps bound segments and are recorded at either level.
#include "instrument/preload/hook.hpp"
#include "instrument/recorder/waits.hpp"

namespace interlock::preload {
namespace {

using format::event_kind;

object_id identify(agent& self, const pthread_barrier_t* barrier, const call_point& from) noexcept {
    return recorder::identify(self, barrier, format::object_type::barrier, from);
}

void step(agent& self, event_kind kind, object_id id, const call_point& from) noexcept {
    recorder::write(self, kind, 0, recorder::find_site(self, from).id, format::number(id),
                    recorder::draw(recorder::process.objects[id]));
    recorder::next_segment(self, kind, format::number(id));
}

}  // namespace

INTERLOCK_HOOK int pthread_barrier_wait(pthread_barrier_t* barrier) {
    const call_point from = here();
    object_id id{};
    note(from, [&](agent& self) {
        id = identify(self, barrier, from);
        if (id == object_id::none) return;
        recorder::notify_observer(recorder::observation::signalling, self, id, 0, from.site);
        step(self, event_kind::barrier_arrive, id, from);
        note_sharing(barrier);
        recorder::set_blocking_want(self, id, 0, event_kind::barrier_arrive, from);
    });
    const int result = real().pthread_barrier_wait(barrier);
    if (id == object_id::none) return result;
    // The barrier itself may be gone by now; its number is drawn from the recorder's own book.
    note(from, [&](agent& self) {
        recorder::clear_want(self);
        step(self, event_kind::barrier_complete, id, from);
        recorder::notify_observer(recorder::observation::signalled, self, id, 0);
    });
    return result;
}

INTERLOCK_HOOK int pthread_barrier_init(pthread_barrier_t* barrier, const pthread_barrierattr_t* attributes,
                                        unsigned parties) {
    const call_point from = here();
    const int result = real().pthread_barrier_init(barrier, attributes, parties);
    if (result != 0) return result;
    note(from, [&](agent& self) {
        const object_id id = recorder::begin_life(self, barrier, format::object_type::barrier, from);
        if (id != object_id::none)
            recorder::write(self, event_kind::barrier_register, 0, recorder::find_site(self, from).id,
                            format::number(id), parties);
        if (id != object_id::none)
            recorder::notify_observer(recorder::observation::barrier_sized, self, id, 0, parties);
    });
    return result;
}

INTERLOCK_HOOK int pthread_barrier_destroy(pthread_barrier_t* barrier) {
    const call_point from = here();
    note(from, [&](agent& self) { recorder::end_life(self, recorder::known(barrier), barrier, from); });
    return real().pthread_barrier_destroy(barrier);
}

}  // namespace interlock::preload
