// Parallel regions and what their teams meet at. All that a team does comes after the region's start and before its end: two latches, since
// whoever starts late must not be taken to come after those who have finished already. A team's barrier is a barrier.
//
// A thread keeps these objects for the regions that it opens, one set for each level of nesting, so that a region in a loop makes no new
// ones. libgomp's own threads come and go by pthread_create, and wait for their next region where nobody sees it.
#include "instrument/preload/openmp.hpp"
#include "instrument/recorder/interning.hpp"
#include "instrument/recorder/waits.hpp"

namespace interlock::preload {
namespace {

using format::event_kind;
using format::object_type;

constexpr std::uint32_t levels_max = 8;

/// The objects of the regions that one thread opens at one level of nesting; their addresses alone matter, `barrier` apart.
struct region_objects {
    char start;
    char end;
    bool born;              // `start` and `end`, in this thread's life: another one may have had this memory before
    bool barrier_spoiled;   // by a cancelled region: not all who arrived have passed
    std::uint32_t parties;  // registered of the barrier
    object_id registered;   // the life that `parties` was told of
    recorder::spin_latch latch;
};
constinit thread_local region_objects regions_of_thread[levels_max] = {};
constinit thread_local std::uint32_t open_regions = 0;

/// One region while it runs, in the frame of the hook that opened it.
struct team {
    omp_body body;
    void* data;
    call_point from;
    region_objects* objects;  // nullptr: the region is not seen
    const openmp_functions& runtime;
    pthread_t opener;
    object_id start;
    object_id end;
};
constinit thread_local team* this_team = nullptr;

constinit std::atomic<bool> told_deep_nesting{false};

void tell_deep_nesting(const call_point& from) noexcept {
    if (told_deep_nesting.exchange(true, std::memory_order_relaxed)) return;
    constexpr std::string_view detail = "regions nested more than 8 deep";
    note(from, [&](agent& self) {
        const format::string_id text = recorder::define_string(self, detail.data(), detail.size());
        recorder::write(self, event_kind::blind_spot, static_cast<std::uint8_t>(format::blind_spot::openmp),
                        recorder::find_site(self, from).id, format::number(text), 0);
    });
}

object_id object_at(agent& self, const void* key, bool born, object_type type, const call_point& from) noexcept {
    return born ? recorder::identify(self, key, type, from) : recorder::begin_life(self, key, type, from);
}

void step(agent& self, event_kind kind, object_id id, const call_point& from) noexcept {
    recorder::write(self, kind, 0, recorder::find_site(self, from).id, format::number(id),
                    recorder::draw(recorder::process.objects[id]));
    recorder::next_segment(self, kind, format::number(id));
}

/// What this agent did so far comes before whoever passes `id`.
void hand_on(agent& self, object_id id, const call_point& from) noexcept {
    recorder::notify_observer(recorder::observation::signalling, self, id, 0);
    step(self, event_kind::latch_count_down, id, from);
}

void take_over(agent& self, object_id id, const call_point& from) noexcept {
    step(self, event_kind::latch_pass, id, from);
    recorder::notify_observer(recorder::observation::signalled, self, id, 0);
}

/// What each member of a team runs in place of the region's body.
void run_member(void* argument) {
    team& of = *static_cast<team*>(argument);
    team* const outer = this_team;
    use_openmp(of.runtime);
    this_team = of.objects != nullptr ? &of : nullptr;
    if (of.objects == nullptr) {
        of.body(of.data);
        this_team = outer;
        return;
    }
    const auto frame = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    const call_point inside{of.from.site, frame, 0};
    const bool opened = pthread_equal(pthread_self(), of.opener) != 0;
    if (!opened) note(inside, [&](agent& self) { take_over(self, of.start, inside); });
    of.body(of.data);
    note(inside, [&](agent& self) {
        if (!opened) return hand_on(self, of.end, inside);
        if (openmp_has_tasks.load(std::memory_order_relaxed)) return;
        if (self.full)
            recorder::write(self, event_kind::latch_wait, 0, recorder::find_site(self, of.from).id,
                            format::number(of.end), 0);
        recorder::set_blocking_want(self, of.end, 0, event_kind::latch_wait, of.from);
    });
    this_team = outer;
}

/// Before the real function that opens a region.
void open_region(team& made) noexcept {
    const std::uint32_t level = open_regions++;
    if (level >= levels_max) return tell_deep_nesting(made.from);
    region_objects& objects = regions_of_thread[level];
    note(made.from, [&](agent& self) {
        made.start = object_at(self, &objects.start, objects.born, object_type::latch, made.from);
        made.end = object_at(self, &objects.end, objects.born, object_type::latch, made.from);
        if (made.start == object_id::none || made.end == object_id::none) return;
        objects.born = true;
        made.objects = &objects;
        hand_on(self, made.start, made.from);
    });
}

void close_region(const team& of) noexcept {
    --open_regions;
    if (of.objects == nullptr) return;
    note(of.from, [&](agent& self) {
        recorder::clear_want(self);
        take_over(self, of.end, of.from);
        if (!of.objects->barrier_spoiled) return;
        of.objects->barrier_spoiled = false;
        recorder::end_life(self, of.objects->registered, &of.objects->parties, of.from);
        of.objects->registered = object_id::none;
    });
}

/// `real_parallel(body, data)` opens the region, runs it and ends it.
template <typename Real>
__attribute__((always_inline)) inline void run_region(omp_body body, void* data, const call_point& from,
                                                      Real real_parallel) {
    team made{body, data, from, nullptr, openmp(from.site), pthread_self(), {}, {}};
    open_region(made);
    real_parallel(run_member, static_cast<void*>(&made));
    close_region(made);
}

/// Told by whoever comes first, so that the number of parties stands before every arrival.
void arrive(agent& self, team& of, int parties, object_id& id, const call_point& from) noexcept {
    region_objects& objects = *of.objects;
    const recorder::spin_guard guard(objects.latch);
    id = object_at(self, &objects.parties, objects.registered != object_id::none, object_type::barrier, from);
    if (id == object_id::none) return;
    if (objects.registered != id || objects.parties != static_cast<std::uint32_t>(parties)) {
        objects.registered = id;
        objects.parties = static_cast<std::uint32_t>(parties);
        recorder::write(self, event_kind::barrier_register, 0, recorder::find_site(self, from).id, format::number(id),
                        objects.parties);
        recorder::notify_observer(recorder::observation::barrier_sized, self, id, 0, objects.parties);
    }
    recorder::notify_observer(recorder::observation::signalling, self, id, 0);
    step(self, event_kind::barrier_arrive, id, from);
}

/// `real_wait()` is true where the region was cancelled, so that not all have met.
template <typename Real>
__attribute__((always_inline)) inline bool meet(const call_point& from, Real real_wait) {
    team* const of = this_team;
    if (of == nullptr) return real_wait();
    const int parties = openmp(from.site).omp_get_num_threads();
    object_id id{};
    note(from, [&](agent& self) {
        arrive(self, *of, parties, id, from);
        if (id != object_id::none && !openmp_has_tasks.load(std::memory_order_relaxed))
            recorder::set_blocking_want(self, id, 0, event_kind::barrier_arrive, from);
    });
    const bool cancelled = real_wait();
    if (id == object_id::none) return cancelled;
    note(from, [&](agent& self) {
        recorder::clear_want(self);
        if (cancelled) {
            __atomic_store_n(&of->objects->barrier_spoiled, true, __ATOMIC_RELAXED);
            return;
        }
        step(self, event_kind::barrier_complete, id, from);
        recorder::notify_observer(recorder::observation::signalled, self, id, 0);
    });
    return cancelled;
}

}  // namespace

INTERLOCK_HOOK void GOMP_barrier() {
    const call_point from = here();
    meet(from, [&] { return openmp(from.site).GOMP_barrier(), false; });
}

INTERLOCK_HOOK bool GOMP_barrier_cancel() {
    const call_point from = here();
    return meet(from, [&] { return openmp(from.site).GOMP_barrier_cancel(); });
}

INTERLOCK_HOOK void GOMP_loop_end() {
    const call_point from = here();
    meet(from, [&] { return openmp(from.site).GOMP_loop_end(), false; });
}

INTERLOCK_HOOK bool GOMP_loop_end_cancel() {
    const call_point from = here();
    return meet(from, [&] { return openmp(from.site).GOMP_loop_end_cancel(); });
}

INTERLOCK_HOOK void GOMP_sections_end() {
    const call_point from = here();
    meet(from, [&] { return openmp(from.site).GOMP_sections_end(), false; });
}

INTERLOCK_HOOK bool GOMP_sections_end_cancel() {
    const call_point from = here();
    return meet(from, [&] { return openmp(from.site).GOMP_sections_end_cancel(); });
}

INTERLOCK_HOOK void GOMP_parallel(omp_body body, void* data, unsigned threads, unsigned flags) {
    const call_point from = here();
    run_region(body, data, from,
               [&](omp_body run, void* with) { openmp(from.site).GOMP_parallel(run, with, threads, flags); });
}

INTERLOCK_HOOK void GOMP_parallel_sections(omp_body body, void* data, unsigned threads, unsigned count,
                                           unsigned flags) {
    const call_point from = here();
    run_region(body, data, from, [&](omp_body run, void* with) {
        openmp(from.site).GOMP_parallel_sections(run, with, threads, count, flags);
    });
}

/// Regions that are one loop, by how its iterations are dealt out.
#define INTERLOCK_PARALLEL_LOOP(name)                                                                         \
    INTERLOCK_HOOK void name(omp_body body, void* data, unsigned threads, long begin, long end, long step_by, \
                             long chunk, unsigned flags) {                                                    \
        const call_point from = here();                                                                       \
        run_region(body, data, from, [&](omp_body run, void* with) {                                          \
            openmp(from.site).name(run, with, threads, begin, end, step_by, chunk, flags);                    \
        });                                                                                                   \
    }
#define INTERLOCK_PARALLEL_RUNTIME_LOOP(name)                                                                 \
    INTERLOCK_HOOK void name(omp_body body, void* data, unsigned threads, long begin, long end, long step_by, \
                             unsigned flags) {                                                                \
        const call_point from = here();                                                                       \
        run_region(body, data, from, [&](omp_body run, void* with) {                                          \
            openmp(from.site).name(run, with, threads, begin, end, step_by, flags);                           \
        });                                                                                                   \
    }
INTERLOCK_PARALLEL_LOOP(GOMP_parallel_loop_static)
INTERLOCK_PARALLEL_LOOP(GOMP_parallel_loop_dynamic)
INTERLOCK_PARALLEL_LOOP(GOMP_parallel_loop_guided)
INTERLOCK_PARALLEL_LOOP(GOMP_parallel_loop_nonmonotonic_dynamic)
INTERLOCK_PARALLEL_LOOP(GOMP_parallel_loop_nonmonotonic_guided)
INTERLOCK_PARALLEL_RUNTIME_LOOP(GOMP_parallel_loop_runtime)
INTERLOCK_PARALLEL_RUNTIME_LOOP(GOMP_parallel_loop_nonmonotonic_runtime)
INTERLOCK_PARALLEL_RUNTIME_LOOP(GOMP_parallel_loop_maybe_nonmonotonic_runtime)
#undef INTERLOCK_PARALLEL_LOOP
#undef INTERLOCK_PARALLEL_RUNTIME_LOOP

}  // namespace interlock::preload
