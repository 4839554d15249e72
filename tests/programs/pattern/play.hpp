// Plays a word such as ABBCCA: each pair of letters is one thread's section, which holds the first lock while it requests
// the second. All threads live at once and take turns, so every pair is unordered against every other.
#pragma once

#include <cstring>
#include <thread>
#include <vector>

#include "tests/programs/hand_over.h"

/// What one kind of lock does; `lock` is 0 for A, 1 for B ...
struct lock_kind {
    void (*acquire)(int lock);
    void (*release)(int lock);
};

inline void section(const lock_kind& kind, int turn, char first, char second) {
    await_turn(turn);
    kind.acquire(first - 'A');
    kind.acquire(second - 'A');
    kind.release(second - 'A');
    kind.release(first - 'A');
    give_turn(turn + 1);
}

/// Returns the program's exit status: 0, or 2 if the word is no list of pairs of A to D.
inline int play(const char* word, lock_kind kind) {
    const std::size_t size = word != nullptr ? std::strlen(word) : 0;
    if (size == 0 || size % 2 != 0 || std::strspn(word, "ABCD") != size) return 2;
    std::vector<std::thread> threads;
    for (std::size_t at = 0; at < size; at += 2)
        threads.emplace_back(section, kind, static_cast<int>(at / 2), word[at], word[at + 1]);
    for (std::thread& thread : threads) thread.join();
    return 0;
}
