// Events a second that the reader checks, decodes and merges, from a log in memory to batches at a sink that only counts.
// Two programs: agents that lock each its own, and agents that pass locks to each other at every section.
#include <benchmark/benchmark.h>

#include <map>
#include <random>
#include <vector>

#include "analysis/trace/trace.hpp"
#include "tests/support/log_builder.hpp"

namespace interlock::trace {
namespace {

using format::event_kind;
using format::number;

constexpr std::uint32_t events = 4'000'000;

/// `locks` locks; each section (acquire, release) is of a random agent and, if `shared`, of a random lock.
const testing::log_image& log_of(std::uint32_t agents, bool shared) {
    static std::map<std::pair<std::uint32_t, bool>, testing::log_image> made;
    testing::log_image& image = made[{agents, shared}];
    if (!image.words.empty()) return image;
    testing::log_builder_options options;
    options.chunk_pages = 64;
    options.tick_shift = 4;
    options.ticks_per_record = 100;
    options.seal_at_end = true;
    testing::log_builder log(options);
    std::vector<format::agent_id> all;
    std::vector<format::object_id> locks;
    for (std::uint32_t i = 0; i < agents; ++i) {
        all.push_back(log.make_agent());
        locks.push_back(log.make_object());
        log.record(all.back(), event_kind::agent_start, 0, {}, 0, 1000 + i);
    }
    std::mt19937 random(1);
    for (std::uint32_t i = 0; i < events / 2; ++i) {
        const auto who = static_cast<std::uint32_t>(random() % agents);
        const format::object_id lock = locks[shared ? random() % agents : who];
        log.record(all[who], event_kind::acquire, 0, {}, number(lock), log.next_number(lock));
        log.record(all[who], event_kind::release, 0, {}, number(lock), log.next_number(lock));
    }
    image = log.image();
    return image;
}

void read_log(benchmark::State& state) {
    const testing::log_image& image = log_of(static_cast<std::uint32_t>(state.range(0)), state.range(1) != 0);
    std::uint64_t seen = 0;
    for (auto _ : state) {
        trace log;
        if (log.adopt("bench.ilk", image.bytes())) state.SkipWithError("unusable");
        if (log.feed([&](std::span<const event> batch) { seen += batch.size(); }, expectation::nothing_more))
            state.SkipWithError("not fed");
        if (!log.complete() || !log.well_formed()) state.SkipWithError("a loss in a whole log");
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(seen));
}
BENCHMARK(read_log)->ArgNames({"agents", "shared"})->ArgsProduct({{4, 64}, {0, 1}})->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace interlock::trace

BENCHMARK_MAIN();
