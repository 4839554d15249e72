#include "instrument/race/held.hpp"

#include "instrument/format/event.hpp"
#include "instrument/recorder/agent.hpp"

namespace interlock::race {

std::uint32_t read_held_path(thread& self) noexcept {
    constexpr std::uint32_t deep = 32;  // of more, the innermost
    self.held = 0;
    self.held_valid = true;
    if (self.self == nullptr || self.self->page == nullptr) return 0;
    const recorder::agent& agent = *self.self;
    const std::uint32_t count = agent.held_count();
    std::uint32_t live = 0;
    for (std::uint32_t i = count > deep ? count - deep : 0; i < count; ++i) {
        const std::uint64_t lead = agent.hold(i).lead;
        if (lead == 0) continue;
        ++live;
        const std::uint64_t hold = format::number(format::hold_object(lead)) |
                                   ((format::hold_flags(lead) & format::lock_flags::shared) != 0 ? shared_hold : 0);
        if (live != 1 || i + 1 != count) {
            self.held = held_paths.intern(self.held, hold);
            continue;
        }
        thread::single_hold& kept = self.singles[hold % (sizeof self.singles / sizeof *self.singles)];
        if (kept.hold != hold) kept = {hold, held_paths.intern(0, hold)};
        return self.held = kept.path;
    }
    return self.held;
}

std::uint32_t objects_of(std::uint32_t path, format::object_id* out, std::uint32_t out_max) noexcept {
    std::uint32_t count = 0;
    for (std::uint32_t at = path; at != 0; at = static_cast<std::uint32_t>(held_paths[at].first)) ++count;
    std::uint32_t place = count;
    for (std::uint32_t at = path; at != 0; at = static_cast<std::uint32_t>(held_paths[at].first)) {
        --place;
        if (place < out_max) out[place] = format::object_id{static_cast<std::uint32_t>(held_paths[at].second)};
    }
    return count;
}

}  // namespace interlock::race
