#include "analysis/trace/tick_clock.hpp"

namespace interlock::trace {

namespace {

constexpr std::uint64_t span_ns_min = 1'000;
// No counter that a processor of today has lies outside.
constexpr double ticks_per_second_min = 1e6;
constexpr double ticks_per_second_max = 1e11;

}  // namespace

void tick_clock::add(std::uint64_t ticks, std::uint64_t monotonic_ns) noexcept {
    const pair read{ticks, monotonic_ns};
    if (!any_ || ticks < first_.ticks) first_ = read;
    if (!any_ || ticks > last_.ticks) last_ = read;
    any_ = true;
}

double tick_clock::ticks_per_second() const noexcept {
    if (last_.ns < first_.ns + span_ns_min) return 0;
    const double found =
        static_cast<double>(last_.ticks - first_.ticks) * 1e9 / static_cast<double>(last_.ns - first_.ns);
    return found >= ticks_per_second_min && found <= ticks_per_second_max ? found : 0;
}

double tick_clock::seconds_at(std::uint64_t ticks) const noexcept {
    const double frequency = ticks_per_second();
    if (frequency == 0) return 0;
    const double since =
        ticks >= first_.ticks ? static_cast<double>(ticks - first_.ticks) : -static_cast<double>(first_.ticks - ticks);
    return since / frequency;
}

double tick_clock::ns_of(std::uint64_t ticks) const noexcept {
    const double frequency = ticks_per_second();
    return frequency == 0 ? 0 : static_cast<double>(ticks) * 1e9 / frequency;
}

}  // namespace interlock::trace
