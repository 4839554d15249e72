// The order check of the recorder, an edge at a time, beside abseil's graph of its deadlock detector: the same request again, new edges of an order
// that all keep, and the worst case of notes on incremental orders: one long chain whose edges come in random order.
#include <absl/synchronization/internal/graphcycles.h>
#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include "instrument/recorder/order_graph.hpp"

namespace interlock::recorder {
namespace {

using edges = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

/// Each lock is requested while one of the ten before it is held.
edges near_edges(std::uint32_t locks) {
    std::mt19937 random(1);
    edges made;
    for (std::uint32_t i = 2; i <= locks; ++i) made.emplace_back(i - 1 - random() % std::min(i - 1, 10u), i);
    return made;
}

edges shuffled_chain(std::uint32_t locks) {
    edges made;
    for (std::uint32_t i = 1; i < locks; ++i) made.emplace_back(i, i + 1);
    std::shuffle(made.begin(), made.end(), std::mt19937(1));
    return made;
}

void request(order_graph& graph, std::uint32_t held, std::uint32_t wanted) {
    order_request one;
    order_cycle found;
    one.agent = format::agent_id{1};
    one.held[one.held_count++] = format::object_id{held};
    one.wanted = format::object_id{wanted};
    benchmark::DoNotOptimize(graph.request(one, found));
}

void ours_again(benchmark::State& state) {
    auto memory = std::make_unique<arena>();
    order_graph graph{*memory};
    const edges all = near_edges(static_cast<std::uint32_t>(state.range(0)));
    for (const auto& [held, wanted] : all) request(graph, held, wanted);
    for (auto _ : state)
        for (const auto& [held, wanted] : all) request(graph, held, wanted);
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * all.size()));
}

void ours(benchmark::State& state, edges (*make)(std::uint32_t)) {
    const edges all = make(static_cast<std::uint32_t>(state.range(0)));
    for (auto _ : state) {
        auto memory = std::make_unique<arena>();
        order_graph graph{*memory};
        for (const auto& [held, wanted] : all) request(graph, held, wanted);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * all.size()));
}

void abseil(benchmark::State& state, edges (*make)(std::uint32_t)) {
    using absl::synchronization_internal::GraphCycles;
    const edges all = make(static_cast<std::uint32_t>(state.range(0)));
    std::vector<char> locks(static_cast<std::size_t>(state.range(0)) + 1);
    for (auto _ : state) {
        GraphCycles graph;
        for (const auto& [held, wanted] : all)
            benchmark::DoNotOptimize(graph.InsertEdge(graph.GetId(&locks[held]), graph.GetId(&locks[wanted])));
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * all.size()));
}

BENCHMARK(ours_again)->Arg(1'000);
BENCHMARK_CAPTURE(ours, new_edges, near_edges)->Arg(1'000)->Arg(10'000);
BENCHMARK_CAPTURE(abseil, new_edges, near_edges)->Arg(1'000)->Arg(10'000);
BENCHMARK_CAPTURE(ours, shuffled_chain, shuffled_chain)->Arg(1'000)->Arg(5'000);
BENCHMARK_CAPTURE(abseil, shuffled_chain, shuffled_chain)->Arg(1'000)->Arg(5'000);

}  // namespace
}  // namespace interlock::recorder

BENCHMARK_MAIN();
