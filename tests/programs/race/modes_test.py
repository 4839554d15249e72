#!/usr/bin/python3
"""What the race runtime does besides finding races: its modes, libraries that come late, a foreign runtime in its place, other layouts of
the address space, exit statuses and suppressions. TAP.

Called: modes_test.py INTERLOCK LIBRARY... (in link order)
"""
import json
import pathlib
import resource
import subprocess
import sys

from hooked import FOLDER, INTERLOCK, LINKS, build, call, kinds

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import tap  # noqa: E402

# A race in each of 128 functions, every access in an epoch of its own; and an inversion of two locks.
MANY = """
#include <sched.h>
#include <mutex>
#include <thread>
#include <utility>
long words[128];
int turn = 0;
std::mutex guard, other;
template <int N> __attribute__((noinline)) void touch() { words[N] = words[N] + 1; }
template <int... N> void all(std::integer_sequence<int, N...>) {
    std::mutex own;  // each release begins an epoch, and orders nobody
    ((touch<N>(), own.lock(), own.unlock()), ...);
}
void first() {
    all(std::make_integer_sequence<int, 128>());
    guard.lock(); other.lock(); other.unlock(); guard.unlock();
    __atomic_store_n(&turn, 1, __ATOMIC_RELAXED);
}
void second() {
    all(std::make_integer_sequence<int, 128>());
    while (__atomic_load_n(&turn, __ATOMIC_RELAXED) == 0) sched_yield();
    other.lock(); guard.lock(); guard.unlock(); other.unlock();
}
int main() {
    std::thread a(first), b(second);
    a.join(); b.join();
}
"""
LIBRARY = """
long shared_word = 0;
extern "C" void bump() { shared_word = shared_word + 1; }
"""
LOADER = """
#include <dlfcn.h>
#include <mutex>
#include <thread>
std::mutex guard;
int main(int count, char** arguments) {
    std::thread([] {}).join();
    void* library = dlopen(arguments[1], RTLD_NOW);
    auto bump = reinterpret_cast<void (*)()>(dlsym(library, "bump"));
    auto run = [&] { if (count > 2) guard.lock(); bump(); if (count > 2) guard.unlock(); };
    std::thread a(run), b(run);
    a.join(); b.join();
}
"""


# What a task did is ordered by taskwait, which nobody sees.
TASKS = """
#include <sched.h>
long word = 0;
int done = 0;
int main() {
#pragma omp parallel num_threads(2)
#pragma omp single
    {
#pragma omp task
        {
            word = 1;
            __atomic_store_n(&done, 1, __ATOMIC_RELAXED);
        }
        while (__atomic_load_n(&done, __ATOMIC_RELAXED) == 0) sched_yield();
#pragma omp taskwait
        word = 2;
    }
}
"""


def what_openmp_tasks_order_is_no_race_for_certain():
    status, said, findings = call(build("tasks", TASKS, "-fopenmp"))
    assert [(one["kind"], one["verdict"], one["severity"]) for one in findings] == [("data-race", "unverifiable", "warning")], findings
    assert "by what is not seen" in findings[0]["why"] and status == 66, (status, findings)
    assert "interlock: data race" not in said and "[unverifiable]" in said, said


def detect_finds_both():
    status, said, findings = call(build("many", MANY))
    assert status == 66 and kinds(findings) == ["data-race", "lock-order-cycle"], (status, kinds(findings), said[-400:])


def sync_only_finds_what_locks_show():
    status, said, findings = call(build("many", MANY), options="race=sync-only")
    assert status == 66 and kinds(findings) == ["lock-order-cycle"], (status, kinds(findings), said[-400:])


def off_finds_no_race():
    _, _, findings = call(build("many", MANY), options="race=off")
    assert kinds(findings) == ["lock-order-cycle"], kinds(findings)


def times_found(percent):
    """How many of the races were found: one defect by its place, told with its occurrences."""
    _, _, findings = call(build("many", MANY), options=f"race=sample:race_sample={percent}")
    return sum(one["occurrences"] for one in findings if one["kind"] == "data-race")


def sampling_misses_as_often_as_its_square_says():
    """Both epochs must be looked at: each of 128 races is found with the square of the share. Five standard deviations are allowed."""
    full, half = times_found(100), times_found(50)
    print(f"# of {full} occurrences, {half} with half of the epochs: missed {1 - half / full:.2f}, expected 0.75")
    assert full >= 128, full
    assert abs(half / full - 0.25) < 5 * (0.25 * 0.75 / 128) ** 0.5, (half, full)


def a_library_that_comes_late_is_seen():
    library = build("late.so", LIBRARY, "-fPIC", "-shared")
    program = build("loader", LOADER)
    status, said, findings = call(program, library)
    assert status == 66 and kinds(findings) == ["data-race"], (status, kinds(findings), said[-400:])
    assert any("shared_word" in side.get("memory", "") for one in findings for side in one["accesses"]), findings
    status, said, findings = call(program, library, "guarded")
    assert status == 0 and not findings, (status, findings, said[-400:])


def the_compilers_own_runtime_is_refused():
    for place in (["-fsanitize=thread", *LINKS], [*LINKS, "-fsanitize=thread"]):
        program = FOLDER / "foreign"
        build("many", MANY)
        subprocess.run(["g++", "-pthread", FOLDER / "many.o", "-o", program, *place], check=True)
        done = subprocess.run([program], capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 2 and "another ThreadSanitizer runtime is in this process" in done.stderr, (done.returncode, done.stderr[-300:])
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr


def layouts_of_any_kind():
    """No randomisation, an unlimited stack (which lays mappings out upwards), position-dependent code: found, or a line says why not."""
    unlimited = lambda: resource.setrlimit(resource.RLIMIT_STACK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))  # noqa: E731
    program = build("many", MANY)
    status, said, findings = call(build("fixed", MANY, "-no-pie", "-fno-pie"))
    assert status == 66 and "data-race" in kinds(findings), (status, said[-300:])
    status, said, findings = call("/usr/bin/setarch", "-R", program)
    assert status == 66 and "data-race" in kinds(findings), (status, said[-300:])
    if resource.getrlimit(resource.RLIMIT_STACK)[1] == resource.RLIM_INFINITY:
        status, said, findings = call(program, before=unlimited)
        assert "data-race" in kinds(findings) or "no race detection" in said, (status, said[-300:])


def suppressions_and_statuses_are_those_of_deadlocks():
    program = build("many", MANY)
    (FOLDER / "all.supp").write_text("race:touch\ndeadlock:first\n", encoding="utf-8")
    status, said, _ = call(program, options=f"suppressions={FOLDER}/all.supp")
    assert status == 0, (status, said[-400:])
    (FOLDER / "races.supp").write_text("race:words\n", encoding="utf-8")
    status, said, _ = call(program, options=f"suppressions={FOLDER}/races.supp")
    assert status == 66 and "data-race" not in said.split("SUMMARY")[-1], (status, said[-400:])
    status, _, _ = call(program, options="exitcode=77")
    assert status == 77, status


def sarif_has_races_beside_cycles():
    call(build("many", MANY))
    logs = sorted(map(str, FOLDER.glob("*.ilk")))
    done = subprocess.run([INTERLOCK, "analyze", "--format", "sarif", *logs], capture_output=True, text=True, check=False)
    assert done.returncode == 66, done
    rules = {one["ruleId"] for one in json.loads(done.stdout)["runs"][0]["results"]}
    assert any("race" in one.lower() for one in rules) and len(rules) > 1, rules


tap.run(*tap.cases_in(globals(), times_found))
