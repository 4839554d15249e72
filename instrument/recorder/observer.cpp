#include "instrument/recorder/observer.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "instrument/recorder/findings.hpp"
#include "instrument/recorder/interning.hpp"
#include "instrument/recorder/modules.hpp"
#include "instrument/recorder/process.hpp"
#include "instrument/recorder/writer.hpp"

namespace interlock::recorder {

constinit std::atomic<observer_function> observer{nullptr};

void notify_observer(observation what, agent& self, format::object_id object, std::uint8_t flags,
                     std::size_t size) noexcept {
    if (const observer_function call = observer.load(std::memory_order_acquire); __builtin_expect(call != nullptr, 0))
        call(what, self, format::number(object), flags, process.objects[object].address, size);
}

void install_observer(observer_function call) noexcept {
    observer.store(call, std::memory_order_release);  // pairs with the loads in notify_observer
    process.generation->fetch_add(1, std::memory_order_relaxed);
}

namespace {

void leave_agent(agent& self) noexcept { leave(self); }

agent* enter_agent(std::uintptr_t stack_pointer) noexcept { return enter(stack_pointer); }

format::stack_id intern_frames(agent& self, const std::uint64_t* frames, std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; ++i) learn_module(self, frames[i]);
    return intern_stack(self, {frames, count});
}

void write_alarm(agent& self, format::event_kind kind, std::uint8_t flags, std::uint32_t defect, std::uint32_t times,
                 std::span<const format::slot> slots) noexcept {
    const std::uint64_t gap = ticks(self);
    format::slot* at = reserve(self, 1 + slots.size());
    if (at == nullptr) return;
    for (std::size_t i = 0; i < slots.size(); ++i) commit(at[1 + i], slots[i]);
    commit(*at, format::encode(kind, flags, {}, gap, defect, times));
}

void write_race(agent& self, std::uint32_t defect, std::uint32_t times, const format::race_payload& race) noexcept {
    write_alarm(self, format::event_kind::alarm_race, 0, defect, times, format::encode(race));
}

void write_atomicity(agent& self, std::uint32_t defect, std::uint32_t times, std::uint8_t flags,
                     const format::race_payload& race, const format::access_payload& check) noexcept {
    const auto sides = format::encode(race);
    std::array<format::slot, format::race_slots + 1> slots;
    std::copy(sides.begin(), sides.end(), slots.begin());
    slots.back() = format::encode(check);
    write_alarm(self, format::event_kind::alarm_atomicity, flags, defect, times, slots);
}

format::object_type type_of_object(format::object_id object) noexcept { return process.objects[object].type; }

}  // namespace

const observer_services services = {enter_agent,     leave_agent,    intern_frames,     write_race,
                                    write_atomicity, type_of_object, &process.settings, announce_race};

}  // namespace interlock::recorder
