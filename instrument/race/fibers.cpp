// Fibers, as <sanitizer/tsan_interface.h> tells of them: each has a clock, a slot and a shadow call stack of its own. A switch orders
// what the fiber left behind before what the next one does, unless the program says that it does not.
#include "instrument/race/sections.hpp"
#include "instrument/race/synchronisation.hpp"
#include "instrument/race/thread.hpp"

#define INTERLOCK_ABI extern "C" __attribute__((visibility("default")))

namespace {

using interlock::race::front;
using interlock::race::thread;

constexpr unsigned no_order = 1;  // __tsan_switch_to_fiber_no_sync

void switch_to(thread& next, bool ordered) noexcept {
    thread& self = *front.self;
    self.frames = front.base;
    self.frames_top = front.top;
    if (ordered) {
        learn(next, self.known, 0);
        advance(self);
    }
    next.self = self.self;  // the agent is the thread
    next.held_valid = false;
    front.self = &next;
    front.base = next.frames;
    front.top = next.frames_top;
    if (front.base == nullptr) {
        front.limit = nullptr;
        interlock::race::make_frames();
    } else {
        front.limit = interlock::race::end_of_frames(front.base);
    }
    show(next);
}

}  // namespace

INTERLOCK_ABI void* __tsan_get_current_fiber() { return front.self; }

INTERLOCK_ABI void* __tsan_create_fiber(unsigned) {
    interlock::race::begin_looking();
    if (front.self == nullptr) return nullptr;
    thread* const made = interlock::race::make_thread(front.self, front.self->id);
    if (made == nullptr) return nullptr;
    made->id = {};             // who looks for the thread shall not find its fiber
    begin_epoch(*front.self);  // what follows, the fiber does not know
    return made;
}

INTERLOCK_ABI void __tsan_destroy_fiber(void* fiber) {
    if (fiber == nullptr || fiber == front.self) return;
    auto& gone = *static_cast<thread*>(fiber);
    forget_sections(gone);
    end_thread(gone);
    free_thread(gone);
}

INTERLOCK_ABI void __tsan_switch_to_fiber(void* fiber, unsigned flags) {
    if (fiber != nullptr && fiber != front.self && front.self != nullptr)
        switch_to(*static_cast<thread*>(fiber), (flags & no_order) == 0);
}

INTERLOCK_ABI void __tsan_set_fiber_name(void*, const char*) {}
