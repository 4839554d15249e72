#!/usr/bin/python3
"""CPython's threading.Lock tries its semaphore and waits only if that fails, so a program that crosses two of them without a hang
has made tries alone. That `with lock:` would have waited is seen where it met a lock that was taken, here a third one.
acquire(False) is a real try.

// expect: crossed
//   acquisitions at-least 4
//   dependencies at-least 2
//   only full
//   finding lock-order-cycle potential edges=2
// expect: tried
//   acquisitions at-least 4
//   dependencies at-least 2
//   harmless hold-and-wait 1
//   clean
// expect: agreed
//   acquisitions at-least 4
//   dependencies at-least 2
//   clean
"""
import os
import sys
import threading

FIRST, SECOND, THIRD = threading.Lock(), threading.Lock(), threading.Lock()


def nest(outer, inner):
    with outer:
        with inner:
            pass


def nest_trying(outer, inner):
    for lock in (outer, inner):
        if not lock.acquire(False):
            sys.exit(3)
    for lock in (inner, outer):
        lock.release()


def meet():
    with THIRD:
        pass


def run(function, *arguments):
    thread = threading.Thread(target=function, args=arguments)
    thread.start()
    return thread


def waits_for_a_lock(thread):
    """Whether it sleeps in futex(2) without a time-out, as in sem_wait; for the interpreter lock a thread waits with one."""
    with open(f"/proc/self/task/{thread.native_id}/syscall", encoding="ascii") as file:
        words = file.read().split()
    return len(words) > 4 and words[0] == "202" and int(words[2], 16) & 0x7f == 9 and int(words[4], 16) == 0


def main():
    how = sys.argv[1]
    with THIRD:
        met = run(meet)
        while not waits_for_a_lock(met):
            os.sched_yield()
    met.join()
    nested = nest_trying if how == "tried" else nest
    done = []  # a list and a yield: nothing that orders the threads for a lock-order tool

    def one():
        nested(FIRST, SECOND)
        done.append(1)

    def other():
        while not done:
            os.sched_yield()
        nested(*((FIRST, SECOND) if how == "agreed" else (SECOND, FIRST)))

    for thread in [run(one), run(other)]:
        thread.join()


main()
