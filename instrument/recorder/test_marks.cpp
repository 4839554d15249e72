#include "instrument/recorder/test_marks.hpp"

#include <atomic>
#include <cstring>

#include "instrument/recorder/interning.hpp"
#include "instrument/recorder/process.hpp"
#include "instrument/recorder/writer.hpp"

namespace interlock::recorder {
namespace {

struct last_mark {
    spin_latch latch;  // guards name and string
    char name[512] = "";
    format::string_id string{};  // of the name, once somebody has written it
    std::atomic<std::uint32_t> number{0};
    std::atomic<bool> in_test{false};
};
constinit last_mark last;

}  // namespace

bool is_in_test() noexcept { return last.in_test.load(std::memory_order_relaxed); }

void tell_test(agent& self) noexcept {
    // relaxed: the generation brought the agent here, or it is one operation late
    if (self.test_mark == last.number.load(std::memory_order_relaxed)) return;
    bool inside = false;
    {
        const spin_guard guard(last.latch);
        const bool told_before = self.test_mark != 0;
        self.test_mark = last.number.load(std::memory_order_relaxed);
        inside = last.in_test.load(std::memory_order_relaxed);
        if (!inside && !told_before) return;  // it was in none
        if (inside && last.string == format::string_id::none)
            last.string = define_string(self, last.name, std::strlen(last.name));
        write(self, inside ? format::event_kind::test_begin : format::event_kind::test_end, 0, {}, self.test_mark,
              inside ? format::number(last.string) : 0);
    }
    next_segment(self, inside ? format::event_kind::test_begin : format::event_kind::test_end, 0);
}

std::uint32_t mark_test(agent& self, const char* name, bool again) noexcept {
    {
        const spin_guard guard(last.latch);
        if (name != nullptr) {
            if (!again || std::strncmp(last.name, name, sizeof last.name - 1) != 0) last.string = {};
            std::strncpy(last.name, name, sizeof last.name - 1);
        }
        last.in_test.store(name != nullptr, std::memory_order_relaxed);
        last.number.fetch_add(1, std::memory_order_relaxed);
    }
    process.generation->fetch_add(1, std::memory_order_relaxed);
    tell_test(self);
    return self.test_mark;
}

void begin_tests_in_child(agent& self) noexcept {
    last.latch.reset();  // another thread may have held it at the fork
    last.string = {};
    tell_test(self);
}

}  // namespace interlock::recorder
