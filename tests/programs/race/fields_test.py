#!/usr/bin/python3
"""What a report says of a race, field by field: each on a program that has just that. TAP.

Called: fields_test.py INTERLOCK LIBRARY... (in link order)
"""
import pathlib
import re
import sys

from hooked import build, call

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import tap  # noqa: E402

HEAD = """
#include <pthread.h>
#include <sched.h>
#include <cstdlib>
#include <mutex>
#include <thread>
static int turn = 0;
void wait_for(int number) { while (__atomic_load_n(&turn, __ATOMIC_RELAXED) != number) sched_yield(); }
void pass_on(int number) { __atomic_store_n(&turn, number, __ATOMIC_RELAXED); }
std::mutex guard, other;
template <typename First, typename Second> void both(First first, Second second) {
    std::thread a([&] { pthread_setname_np(pthread_self(), "alice"); first(); pass_on(1); });
    std::thread b([&] { pthread_setname_np(pthread_self(), "bob"); wait_for(1); second(); });
    a.join(); b.join();
}
"""


def race_of(name, body):
    """(the one race that it has, what it said)."""
    _, said, findings = call(build(name, HEAD + body))
    races = [one for one in findings if one["kind"] == "data-race"]
    assert len(races) == 1 and len(findings) == 1, (findings, said[-400:])
    return races[0], said


def sides(race):
    return {one["does"]: one for one in race["accesses"]}


def a_global_is_told_by_name_and_offset():
    race, _ = race_of("global", "struct several { int a; long words[4]; } table; int main() { both([] { table.words[2] = 1; }, [] { table.words[2] = 2; }); }")
    assert {one["memory"] for one in race["accesses"]} == {"global table.words[2]"}, race["accesses"]


def width_and_kind_of_each_side():
    race, _ = race_of("width", "long word; int main() { both([] { word = 1; }, [] { volatile char seen = *(volatile char*)&word; (void)seen; }); }")
    found = sides(race)
    assert found["write"]["size"] == 8 and found["read"]["size"] == 1, found
    race, _ = race_of("atomic", "long word; int main() { both([] { __atomic_store_n(&word, 1, __ATOMIC_RELEASE); }, [] { word = 2; }); }")
    assert set(sides(race)) == {"atomic-write", "write"} or set(sides(race)) == {"atomic_write", "write"}, race["accesses"]
    assert "atomic" in race["advice"], race["advice"]


def a_heap_block_has_its_allocation():
    race, _ = race_of("heap", "int* block; int* make() { return static_cast<int*>(std::malloc(40)); }"
                              "int main() { std::thread([] { block = make(); }).join(); both([] { block[3] = 1; }, [] { block[3] = 2; }); }")
    memory = race["accesses"][0]["memory"]
    assert re.fullmatch(r"heap block of 40 bytes at offset 12, allocated in make(\(\))? \(heap\.cpp:\d+\)", memory), memory


def a_freed_block_is_told_as_freed():
    race, _ = race_of("freed", "int* block; int main() { std::thread([] { block = static_cast<int*>(std::malloc(40)); block[3] = 1; }).join();"
                               "both([] { std::free(block); }, [] { volatile int seen = block[3]; (void)seen; }); }")
    assert race["accesses"][0]["memory"].startswith("freed heap block of 40 bytes at offset 12"), race["accesses"]
    assert "free" in sides(race), race["accesses"]
    assert race["advice"].startswith("free it when nobody can use it any more"), race["advice"]


def a_stack_has_its_thread():
    race, _ = race_of("stack", "long* shared; int main() { both([] { long own = 0; shared = &own; pass_on(1); wait_for(2); own = 1; },"
                               "[] { long* const at = __atomic_load_n(&shared, __ATOMIC_RELAXED); *at = 2; pass_on(2); }); }".replace(
                                   "shared = &own;", "__atomic_store_n(&shared, &own, __ATOMIC_RELAXED);"))
    assert {one["memory"] for one in race["accesses"]} == {"stack of alice"}, race["accesses"]


def the_last_synchronisation_that_both_share():
    race, _ = race_of("last", "long word; int main() { both([] { guard.lock(); guard.unlock(); word = 1; },"
                              "[] { guard.lock(); guard.unlock(); word = 2; }); }")
    assert "by guard" in race["why"], race["why"]
    race, _ = race_of("never", "long word; int main() { both([] { word = 1; }, [] { word = 2; }); }")
    assert race["why"] == "nothing that these two threads did orders one after the other", race["why"]


def locks_that_each_side_held():
    race, _ = race_of("locks", "long word; int main() { both([] { std::lock_guard hold(guard); word = 1; }, [] { std::lock_guard hold(other); word = 2; }); }")
    names = {one["id"]: one["name"] for one in race["locks"]}
    assert sorted(names[lock] for side in race["accesses"] for lock in side["locks_held"]) == ["guard", "other"], race["accesses"]
    assert "agree on one" in race["advice"], race["advice"]


def which_lock_guards_it_elsewhere():
    """Three threads: one guards the word, two do not; the race of those two has the third's lock in its advice."""
    _, said, findings = call(build("elsewhere", HEAD + """
long word;
__attribute__((noinline)) void first() { word = 1; }
__attribute__((noinline)) void second() { word = 2; }
__attribute__((noinline)) void third() { std::lock_guard hold(guard); word = 3; }
int main() {
    std::thread a([] { first(); pass_on(1); });
    std::thread b([] { wait_for(1); second(); pass_on(2); });
    std::thread c([] { wait_for(2); third(); });
    a.join(); b.join(); c.join();
}
"""))
    bare = [one for one in findings if not any(side["locks_held"] for side in one["accesses"])]
    assert len(findings) == 2 and len(bare) == 1, (findings, said[-300:])
    assert re.match(r"guard guards it elsewhere, in third", bare[0]["advice"]), bare[0]["advice"]


def both_stacks_and_where_threads_were_created():
    race, _ = race_of("stacks", "long word; __attribute__((noinline)) void inner() { word = word + 1; } __attribute__((noinline)) void outer() { inner(); asm(\"\"); }"
                                "int main() { both(outer, outer); }")
    for side in race["accesses"]:
        functions = [frame["function"] for frame in side["stack"]]
        assert functions[0].startswith("inner") and functions[1].startswith("outer"), functions
    assert all(one["created_at"] for one in race["threads"] if one.get("name") != "main"), race["threads"]


def threads_are_called_alike_at_once_and_at_the_end():
    race, said = race_of("named", "long word; int main() { both([] { word = 1; }, [] { word = 2; }); }")
    short = [line for line in said.splitlines() if line.startswith("interlock: ") and " by " in line]
    assert len(short) == 2 and " by bob in " in short[0] and " by alice in " in short[1], short
    assert {one["name"] for one in race["threads"]} >= {"alice", "bob"}, race["threads"]
    _, said, _ = call(build("nameless", "#include <thread>\nlong word; int main() { std::thread a([] { word = 1; }), b([] { word = 2; }); a.join(); b.join(); }"))
    told = re.findall(r" by tid (\d+) in ", said)
    assert len(told) == 2 and all(f"(tid {one})" in said for one in told), said


tap.run(*tap.cases_in(globals(), race_of, sides))
