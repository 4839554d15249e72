// The library's beginning: are we alone, is the recorder there, is there room for the shadow. Each "no" is one line, and the program runs on
// undetected; another ThreadSanitizer in the process ends it, since its shadow and ours cannot both be.
#include "instrument/race/runtime.hpp"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <unistd.h>

#include "instrument/race/benign.hpp"
#include "instrument/race/descriptors.hpp"
#include "instrument/race/report.hpp"
#include "instrument/race/shadow.hpp"
#include "instrument/race/synchronisation.hpp"
#include "instrument/race/thread.hpp"
#include "instrument/recorder/message.hpp"
#include "instrument/recorder/options.hpp"

extern "C" void __tsan_init();

namespace interlock::race {

namespace {

struct code_range {
    std::uintptr_t begin;
    std::uintptr_t end;
};
constexpr std::uint32_t ranges_max = 512;
constinit code_range instrumented[ranges_max]{};
constinit std::atomic<std::uint32_t> instrumented_count{0};
constinit code_range standard_library{};
constinit recorder::spin_latch range_latch;
constinit bool started = false;

bool find_code(std::uintptr_t address, code_range& out) noexcept {
    dl_find_object found;
    if (_dl_find_object(reinterpret_cast<void*>(address), &found) != 0) return false;
    out = {reinterpret_cast<std::uintptr_t>(found.dlfo_map_start),
           reinterpret_cast<std::uintptr_t>(found.dlfo_map_end)};
    return true;
}

bool contains(const code_range& range, std::uintptr_t address) noexcept {
    return address >= range.begin && address < range.end;
}

void say(const char* what) noexcept {
    recorder::message text;
    (text << "interlock: " << what << "\n").print();
}

/// Whose code a symbol of the whole program is bound to.
bool is_bound_to(const char* symbol, const void* inside) noexcept {
    code_range bound{};
    code_range wanted{};
    void* const found = dlsym(RTLD_DEFAULT, symbol);
    return found != nullptr && find_code(reinterpret_cast<std::uintptr_t>(found), bound) &&
           find_code(reinterpret_cast<std::uintptr_t>(inside), wanted) && bound.begin == wanted.begin;
}

void read_mode(const recorder::options& settings) noexcept {
    runtime.mode = static_cast<mode>(settings.race);
    runtime.sample_percent = settings.race_sample;
}

__attribute__((constructor(101))) void begin() noexcept { start_runtime(); }

}  // namespace

void begin_in_child() noexcept {
    front.own = head_bits::nobodys;
    front.self = nullptr;
    runtime.looking.store(false, std::memory_order_relaxed);
    reset_records();
    contexts.reset_latch();
    held_paths.reset_latch();
    descriptors.reset_latch();
    range_latch.reset();
    reset_reports();
    reset_benign();
    adopt_descriptors();
    forget_objects();
    keep_only(nullptr);
    if (runtime.mode != mode::off) wipe_shadow();
}

void note_instrumented(std::uintptr_t address, std::uintptr_t& begin, std::uintptr_t& size) noexcept {
    code_range range{};
    if (!find_code(address, range)) return;
    begin = range.begin;
    size = range.end - range.begin;
    if (is_instrumented(address)) return;
    const recorder::spin_guard guard(range_latch);
    const std::uint32_t count = instrumented_count.load(std::memory_order_relaxed);
    if (count == ranges_max) return;
    instrumented[count] = range;
    instrumented_count.store(count + 1, std::memory_order_release);  // pairs with is_instrumented()
}

bool is_instrumented(std::uintptr_t address) noexcept {
    const std::uint32_t count = instrumented_count.load(std::memory_order_acquire);
    for (std::uint32_t i = 0; i < count; ++i)
        if (contains(instrumented[i], address)) return true;
    return false;
}

bool is_call_of_ours(std::uintptr_t site) noexcept {
    return is_instrumented(site) || (front.top != front.limit && front.top->return_address == site);
}

bool is_standard_library(std::uintptr_t address) noexcept {
    if (standard_library.begin == 0) {
        void* const symbol = dlsym(RTLD_DEFAULT, "_ZSt9terminatev");
        if (symbol == nullptr || !find_code(reinterpret_cast<std::uintptr_t>(symbol), standard_library))
            standard_library.begin = 1;  // a C program
    }
    return contains(standard_library, address);
}

void start_runtime() noexcept {
    if (started) return;
    started = true;
    if (!is_bound_to("__tsan_init", reinterpret_cast<const void*>(&start_runtime))) {
        say("another ThreadSanitizer runtime is in this process: give -fsanitize=thread to the compiler only, never "
            "when linking");
        _exit(2);
    }
    const auto observe_recorder =
        reinterpret_cast<recorder::observe_function>(dlsym(RTLD_DEFAULT, recorder::observe_symbol));
    if (observe_recorder == nullptr ||
        !is_bound_to("pthread_mutex_lock", reinterpret_cast<const void*>(observe_recorder)))
        return say("no race detection: libinterlock does not come before libc; link as pkg-config interlock-race says");
    if (!reserve_shadow()) return;
    runtime.recorder = observe_recorder(observe);
    if (runtime.recorder == nullptr) return;
    read_mode(*runtime.recorder->settings);
    adopt_descriptors();
    pthread_atfork(nullptr, nullptr, begin_in_child);
}

}  // namespace interlock::race
