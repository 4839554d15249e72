#include "instrument/recorder/waits.hpp"

#include <iterator>

#include "instrument/recorder/modules.hpp"
#include "instrument/recorder/system_call.hpp"

namespace interlock::recorder {
namespace {

/// By the unwinder: what waits is called from the C++ library as a rule, which keeps no frame pointers.
__attribute__((noinline)) void unwind_want(agent& self, const call_point& from) noexcept {
    std::uint64_t addresses[stack_frames_max];
    learn_module(self, from.site);
    std::size_t count = unwind_addresses(from, addresses);
    if (count < 2) {  // the short way ends in some libraries, where the long one goes on
        frame frames[stack_frames_max];
        count = unwind_known(self, from, frames);
        for (std::size_t i = 0; i < count; ++i) addresses[i] = frames[i].address;
    }
    const auto caller = [&](std::size_t i) { return i + 1 < count ? addresses[i + 1] : 0; };
    constexpr std::size_t near = std::size(decltype(format::state_page::want_callers){});
    for (std::size_t i = 0; i < near; ++i) self.page->want_callers[i] = caller(i);
    for (std::size_t i = 0; i < std::size(self.page->want_callers_beyond); ++i)
        self.page->want_callers_beyond[i] = caller(near + i);
}

}  // namespace

void set_blocking_want(agent& self, format::object_id object, std::uint8_t flags, format::event_kind operation,
                       const call_point& from) noexcept {
    self.page->want_ticks = time_stamp_counter();
    if (has_room_to_unwind(self, from.stack_pointer))
        unwind_want(self, from);
    else
        self.page->want_callers[0] = self.page->want_callers_beyond[0] = 0;
    set_want(self, object, static_cast<std::uint8_t>(flags | format::lock_flags::contended), operation, from);
}

}  // namespace interlock::recorder
