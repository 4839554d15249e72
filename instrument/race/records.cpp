#include "instrument/race/records.hpp"

namespace interlock::race {
namespace {

struct record_pool {
    recorder::spin_latch latch;
    record* free[record::class_count] = {};
};
constinit record_pool pool;
constexpr std::uint32_t own_max = 64;  // of the smallest

std::size_t class_for(std::uint32_t capacity) noexcept {
    std::size_t size_class = 0;
    while (size_class + 1 < record::class_count && record::capacity_of(size_class) < capacity) ++size_class;
    return size_class;
}

record* fresh_record(std::size_t size_class) noexcept {
    {
        const recorder::spin_guard guard(pool.latch);
        if (record* made = pool.free[size_class]) {
            pool.free[size_class] = made->next_free;
            return made;
        }
    }
    auto* made = static_cast<record*>(memory.allocate(record::size_of_class(size_class)));
    if (made != nullptr) made->state = size_class << record::class_shift;
    return made;
}

}  // namespace

record* make_record(record_cache& own, std::uint32_t capacity) noexcept {
    record* made = nullptr;
    if (capacity <= record::capacity_of(0) && own.first != nullptr) {
        made = own.first;
        own.first = made->next_free;
        --own.count;
    } else {
        const std::size_t size_class = class_for(capacity);
        if (record::capacity_of(size_class) < capacity) return nullptr;
        made = fresh_record(size_class);
        if (made == nullptr) return nullptr;
    }
    made->set_count(0);
    made->atomics = nullptr;
    return made;
}

void free_record(record_cache& own, record* gone) noexcept {
    while (atomic_clock* clock = gone->atomics) {
        gone->atomics = clock->next;
        clock->released.release();
        memory.release(clock, sizeof *clock);
    }
    gone->set_count(0);
    const std::uint32_t size_class = gone->size_class();
    if (size_class == 0 && own.count < own_max) {
        gone->next_free = own.first;
        own.first = gone;
        ++own.count;
        return;
    }
    const recorder::spin_guard guard(pool.latch);
    gone->next_free = pool.free[size_class];
    pool.free[size_class] = gone;
}

atomic_clock* make_atomic(record& into, unsigned offset, unsigned size) noexcept {
    auto* made = memory.make<atomic_clock>();
    if (made == nullptr) return nullptr;
    made->offset = static_cast<std::uint8_t>(offset);
    made->size = static_cast<std::uint8_t>(size);
    made->next = into.atomics;
    into.atomics = made;
    return made;
}

std::uint64_t head_of(record_cache& own, const record& of) noexcept {
    constexpr std::uint32_t version_mask = (1u << 15) - 1;
    ++own.versions;
    return head_bits::overflow | std::uint64_t{own.versions & version_mask} << 47 |
           reinterpret_cast<std::uint64_t>(&of);
}

void empty(record_cache& own) noexcept {
    const recorder::spin_guard guard(pool.latch);
    while (record* gone = own.first) {
        own.first = gone->next_free;
        gone->next_free = pool.free[0];
        pool.free[0] = gone;
    }
    own.count = 0;
}

void reset_records() noexcept {
    pool.latch.reset();
    memory.reset();
    for (record*& list : pool.free) list = nullptr;
}

}  // namespace interlock::race
