// All the locks of the program `linked`, in a library of their own: the executable has no lock and refers to nothing of interlock.
#pragma once

/// Two threads that are alive together lock A and B one after the other, in opposite orders; they never block each other.
void invert();
/// The same, both in one order.
void agree();
/// In opposite orders, each time under one more lock.
void invert_under_gate();
/// In opposite orders, the second thread begun after the first was joined.
void invert_in_turn();
/// In opposite orders, one side by try_lock for its second.
void invert_by_trying();
/// In opposite orders; the first thread has locked before the second is created, and is joined while that lives.
void invert_across_join();
/// In opposite orders, all of it shared.
void invert_shared();
/// More pairs of locks, each nested once and always in one order, than the check in the program has room for.
void nest_many();
/// Three threads: A then B, B then C, C then A.
void ring();
