#!/usr/bin/python3
"""Holds patterns.txt and entries.txt to ThreadSanitizer itself: a program with a race in each function of the one, run once for each
pattern, and one with the reports of the other. Prints TAP; skips where GCC has no ThreadSanitizer.
Usage: tsan_patterns_test.py PATTERNS ENTRIES GCC..."""
import os
import pathlib
import subprocess
import sys
import tempfile



def rows_of(path):
    return [line.split("\t") for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


ROWS, ENTRIES = rows_of(sys.argv[1]), rows_of(sys.argv[2])
COMPILER = sys.argv[3:]
FUNCTIONS = sorted({row[1] for row in ROWS})

# File and module are named so that no pattern of the table matches them: a frame's file and module count too. The function
# to race in is argv[1]. Both threads race by the very function, called from 0: its stack is that function alone, as far as names go.
HEAD = """#include <pthread.h>
#include <string.h>
static int memory;
static pthread_barrier_t both;
"""
FUNCTION = """__attribute__((noinline)) void* %s(void* p) { pthread_barrier_wait(&both); memory++; return p; }
"""
MAIN = """int main(int n, char** v) {
    void* (*f)(void*) = 0;
    pthread_t t[2];
    (void)n;
%s    pthread_barrier_init(&both, 0, 2);
    pthread_create(t, 0, f, 0); pthread_create(t + 1, 0, f, 0);
    pthread_join(t[0], 0); pthread_join(t[1], 0);
    return 0;
}
"""

# What entries.txt describes. Those who race do so one after the other, since ThreadSanitizer misses some that are simultaneous; relaxed
# atomics order nothing for it. Locks are taken in conflicting orders one after the other, so that nobody gets stuck.
REPORTS = """#include <pthread.h>
#include <string.h>
static int memory;
static int is_race;
static int turn;
static pthread_mutex_t locks[2] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER};
__attribute__((noinline)) void touch(int which) {
    if (is_race) { memory++; return; }
    pthread_mutex_lock(&locks[which]); pthread_mutex_lock(&locks[!which]);
    pthread_mutex_unlock(&locks[!which]); pthread_mutex_unlock(&locks[which]);
}
__attribute__((noinline)) void* work(void* p) {
    while (is_race && p && __atomic_load_n(&turn, __ATOMIC_RELAXED) < 1) continue;
    touch(p != 0);
    __atomic_fetch_add(&turn, 1, __ATOMIC_RELAXED);
    while (is_race && __atomic_load_n(&turn, __ATOMIC_RELAXED) < 2) continue;
    return p;
}
__attribute__((noinline)) void launch(void) {
    pthread_t t[2];
    pthread_create(t, 0, work, 0);
    if (!is_race) pthread_join(t[0], 0);
    pthread_create(t + 1, 0, work, &memory);
    if (is_race) pthread_join(t[0], 0);
    pthread_join(t[1], 0);
}
int main(int n, char** v) {
    is_race = n > 1 && !strcmp(v[1], "race");
    launch();
    return 0;
}
"""


def compile_to(folder, name, text):
    (folder / f"{name}.c").write_text(text, encoding="utf-8")
    # The file is named relative to the folder: no word of the tables is in its path, nor in that of the program.
    return subprocess.run([*COMPILER, "-g", "-O1", "-fno-optimize-sibling-calls", "-fsanitize=thread", "-o", name, f"{name}.c", "-lpthread"],
                          cwd=folder, capture_output=True, text=True, check=False)


def build(folder):
    text = HEAD + "".join(FUNCTION % name for name in FUNCTIONS)
    text += MAIN % "".join(f'    if (!strcmp(v[1], "{name}")) f = {name};\n' for name in FUNCTIONS)
    return compile_to(folder, "X", text)


def is_suppressed(folder, entry, function, program="./X"):
    (folder / "S").write_text(f"{entry}\n", encoding="utf-8")
    done = subprocess.run(["setarch", "-R", program, function], cwd=folder, capture_output=True, text=True, timeout=60, check=False,
                          env={**os.environ, "TSAN_OPTIONS": "suppressions=S exitcode=66 atexit_sleep_ms=0 report_thread_leaks=0"})
    if done.returncode not in (0, 66):
        raise RuntimeError(f"{entry}: status {done.returncode}: {done.stderr[:500]}")
    return done.returncode == 0


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        if build(folder).returncode != 0 or is_suppressed(folder, "race_top:NOTHING_IS_CALLED_THIS", FUNCTIONS[0]):
            print("1..0 # SKIP ThreadSanitizer does not work here")
            return 0
        if (made := compile_to(folder, "Z", REPORTS)).returncode != 0:
            raise RuntimeError(made.stderr)
        # race_top looks at the innermost frame alone, not at main or the runtime's own.
        cases = [(f"race_top:{pattern}", function, "./X", expected) for pattern, function, expected in ROWS]
        cases += [(entry, report, "./Z", expected) for report, entry, expected in ENTRIES]
        print(f"1..{len(cases)}")
        for number, (entry, subject, program, expected) in enumerate(cases, 1):
            good = is_suppressed(folder, entry, subject, program) == (expected == "yes")
            print(f"{'ok' if good else 'not ok'} {number} - {entry.replace('#', '')} against {subject}: {expected}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
