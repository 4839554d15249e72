// The __tsan_atomic* entry points, both compilers'. Each does the operation it stands for, sequentially consistent on x86 whatever
// was asked (a stronger order is always allowed), and notes the order that was asked for.
#include "instrument/race/atomics.hpp"

namespace interlock::race {

__extension__ using wide = unsigned __int128;

namespace {

/// cmpxchg16b: the one 16-byte operation that all x86-64 processors of use have. `expected` gets what was there.
bool exchange_wide(volatile wide* at, wide& expected, wide desired) noexcept {
    auto low = static_cast<std::uint64_t>(expected);
    auto high = static_cast<std::uint64_t>(expected >> 64);
    bool done = false;
    asm volatile("lock cmpxchg16b %1"
                 : "=@ccz"(done), "+m"(*at), "+a"(low), "+d"(high)
                 : "b"(static_cast<std::uint64_t>(desired)), "c"(static_cast<std::uint64_t>(desired >> 64))
                 : "memory");
    expected = static_cast<wide>(high) << 64 | low;
    return done;
}

template <typename T>
T load(const volatile T* at) noexcept {
    if constexpr (sizeof(T) == 16) {
        wide seen = 0;
        exchange_wide(const_cast<volatile wide*>(at), seen, 0);
        return seen;
    } else {
        return __atomic_load_n(at, __ATOMIC_SEQ_CST);
    }
}

template <typename T>
bool exchange_if(volatile T* at, T& expected, T desired) noexcept {
    if constexpr (sizeof(T) == 16)
        return exchange_wide(at, expected, desired);
    else
        return __atomic_compare_exchange_n(at, &expected, desired, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

template <typename T, typename Change>
T change(volatile T* at, Change make) noexcept {
    T seen = load(at);
    while (!exchange_if(at, seen, make(seen))) {
    }
    return seen;
}

template <typename T>
std::uintptr_t address_of(const volatile T* at) noexcept {
    return reinterpret_cast<std::uintptr_t>(at);
}

/// The second cell of a 16-byte atomic: accessed with the first, ordered by it.
template <typename T>
void access_rest(const volatile T* at, bool writes, std::uintptr_t site) noexcept {
    if constexpr (sizeof(T) == 16)
        access_slowly(address_of(at) + cell_span, 0xff, writes ? access_mode::atomic_write : access_mode::atomic_read,
                      site);
}

template <typename T>
T atomic_load(const volatile T* at, int order, std::uintptr_t site) noexcept {
    std::uint64_t head = 0;
    if (atomic_step::is_quiet(address_of(at), sizeof(T), false, head)) {
        const T value = load(at);
        if (atomic_step::still_quiet(address_of(at), head)) return value;
    }
    std::uint64_t version = 0;
    if (sizeof(T) <= cell_span && acquires(order_of(order)) &&
        atomic_step::is_known(address_of(at), sizeof(T), head, version)) {
        const T value = load(at);
        if (atomic_step::still_known(address_of(at), head, version)) return value;
    }
    T value{};
    {
        atomic_step step(address_of(at), sizeof(T), site);
        value = load(at);
        step.note(atomic_effect::load, order_of(order));
    }
    access_rest(at, false, site);
    return value;
}

template <typename T>
void atomic_store(volatile T* at, T value, int order, std::uintptr_t site) noexcept {
    {
        atomic_step step(address_of(at), sizeof(T), site);
        if constexpr (sizeof(T) == 16)
            change(at, [value](T) { return value; });
        else
            __atomic_store_n(at, value, __ATOMIC_SEQ_CST);
        step.note(atomic_effect::store, order_of(order));
    }
    access_rest(at, true, site);
}

template <typename T, typename Change>
T atomic_update(volatile T* at, int order, std::uintptr_t site, Change make) noexcept {
    std::uint64_t head = 0;
    // Relaxed, where nobody has released anything: it hands on nothing, and goes on with nothing.
    if (order_of(order) == memory_order::relaxed && atomic_step::is_quiet(address_of(at), sizeof(T), true, head) &&
        !atomic_step::has_fence())
        return change(at, make);
    T before{};
    {
        atomic_step step(address_of(at), sizeof(T), site);
        before = change(at, make);
        step.note(atomic_effect::update, order_of(order));
    }
    access_rest(at, true, site);
    return before;
}

template <typename T>
bool atomic_exchange_if(volatile T* at, T& expected, T desired, int order, int failure_order,
                        std::uintptr_t site) noexcept {
    bool done = false;
    {
        atomic_step step(address_of(at), sizeof(T), site);
        done = exchange_if(at, expected, desired);
        step.note(done ? atomic_effect::update : atomic_effect::load, order_of(done ? order : failure_order));
    }
    access_rest(at, done, site);
    return done;
}

}  // namespace
}  // namespace interlock::race

// One line an entry point. INTERLOCK_SITE is the address that calls it.
#define INTERLOCK_ABI extern "C" __attribute__((visibility("default")))
#define INTERLOCK_SITE reinterpret_cast<std::uintptr_t>(__builtin_return_address(0))
// NOLINTBEGIN(bugprone-macro-parentheses): a type and a declarator stand without parentheses
#define INTERLOCK_UPDATE(bits, T, name, expression)                                                   \
    INTERLOCK_ABI T __tsan_atomic##bits##_##name(volatile T* at, T value, int order) {                \
        return interlock::race::atomic_update(at, order, INTERLOCK_SITE,                              \
                                              [value](T old) { return static_cast<T>(expression); }); \
    }
#define INTERLOCK_EXCHANGE_IF(bits, T, name)                                                                         \
    INTERLOCK_ABI int __tsan_atomic##bits##_##name(volatile T* at, T* expected, T desired, int order, int on_fail) { \
        return interlock::race::atomic_exchange_if(at, *expected, desired, order, on_fail, INTERLOCK_SITE);          \
    }
#define INTERLOCK_ATOMICS(bits, T)                                                                               \
    INTERLOCK_ABI T __tsan_atomic##bits##_load(const volatile T* at, int order) {                                \
        return interlock::race::atomic_load(at, order, INTERLOCK_SITE);                                          \
    }                                                                                                            \
    INTERLOCK_ABI void __tsan_atomic##bits##_store(volatile T* at, T value, int order) {                         \
        interlock::race::atomic_store(at, value, order, INTERLOCK_SITE);                                         \
    }                                                                                                            \
    INTERLOCK_UPDATE(bits, T, exchange, (static_cast<void>(old), value))                                         \
    INTERLOCK_UPDATE(bits, T, fetch_add, old + value)                                                            \
    INTERLOCK_UPDATE(bits, T, fetch_sub, old - value)                                                            \
    INTERLOCK_UPDATE(bits, T, fetch_and, old& value)                                                             \
    INTERLOCK_UPDATE(bits, T, fetch_or, old | value)                                                             \
    INTERLOCK_UPDATE(bits, T, fetch_xor, old ^ value)                                                            \
    INTERLOCK_UPDATE(bits, T, fetch_nand, ~(old & value))                                                        \
    INTERLOCK_EXCHANGE_IF(bits, T, compare_exchange_strong)                                                      \
    INTERLOCK_EXCHANGE_IF(bits, T, compare_exchange_weak)                                                        \
    INTERLOCK_ABI T __tsan_atomic##bits##_compare_exchange_val(volatile T* at, T expected, T desired, int order, \
                                                               int on_fail) {                                    \
        interlock::race::atomic_exchange_if(at, expected, desired, order, on_fail, INTERLOCK_SITE);              \
        return expected;                                                                                         \
    }
// NOLINTEND(bugprone-macro-parentheses)

INTERLOCK_ATOMICS(8, std::uint8_t)
INTERLOCK_ATOMICS(16, std::uint16_t)
INTERLOCK_ATOMICS(32, std::uint32_t)
INTERLOCK_ATOMICS(64, std::uint64_t)
INTERLOCK_ATOMICS(128, interlock::race::wide)

INTERLOCK_ABI void __tsan_atomic_thread_fence(int order) {
    interlock::race::fence(interlock::race::order_of(order));
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

INTERLOCK_ABI void __tsan_atomic_signal_fence(int) { __atomic_signal_fence(__ATOMIC_SEQ_CST); }
