// What the programs of this folder begin with. Each is built twice: with RACY it has a data race in every run, whatever the
// schedule; without it is the same program, clean.
#pragma once

#include <thread>

#ifdef RACY
inline constexpr bool racy = true;
#else
inline constexpr bool racy = false;
#endif

/// Reads what it is given, whatever the optimiser knows of it.
template <typename T>
void look(T seen) {
    asm volatile("" : : "r"(seen));
}

/// Runs both at once and waits for both.
template <typename First, typename Second>
void both(First first, Second second) {
    std::thread a(first);
    std::thread b(second);
    a.join();
    b.join();
}
