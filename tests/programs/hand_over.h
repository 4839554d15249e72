// How threads of a corpus program take turns, so that both orders of an inversion happen without a hang. An atomic counter and
// a yield: nothing that a lock-order tool counts as ordering, and no sleep. For C and C++.
#pragma once

#include <sched.h>

static int hand_over_turn;

/// Waits until it is this turn. Pairs with the release in give_turn().
static inline void await_turn(int turn) {
    while (__atomic_load_n(&hand_over_turn, __ATOMIC_ACQUIRE) != turn) sched_yield();
}

/// Lets whoever waits for this turn go on. Pairs with the acquire in await_turn().
static inline void give_turn(int turn) { __atomic_store_n(&hand_over_turn, turn, __ATOMIC_RELEASE); }

/// The turn now, for threads that only look.
static inline int current_turn(void) { return __atomic_load_n(&hand_over_turn, __ATOMIC_ACQUIRE); }
