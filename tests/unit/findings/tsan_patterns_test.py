#!/usr/bin/python3
"""Holds patterns.txt to ThreadSanitizer itself: a program with a race in each function of the table, run once for each pattern.
Prints TAP; skips where GCC has no ThreadSanitizer. Usage: tsan_patterns_test.py TABLE GCC..."""
import os
import pathlib
import subprocess
import sys
import tempfile

ROWS = [line.split("\t") for line in pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
COMPILER = sys.argv[2:]
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


def build(folder):
    text = HEAD + "".join(FUNCTION % name for name in FUNCTIONS)
    text += MAIN % "".join(f'    if (!strcmp(v[1], "{name}")) f = {name};\n' for name in FUNCTIONS)
    (folder / "X.c").write_text(text, encoding="utf-8")
    # The file is named relative to the folder: no word of the table is in its path, nor in that of the program.
    return subprocess.run([*COMPILER, "-g", "-O1", "-fno-optimize-sibling-calls", "-fsanitize=thread", "-o", "X", "X.c", "-lpthread"],
                          cwd=folder, capture_output=True, text=True, check=False)


def is_suppressed(folder, pattern, function):
    # race_top looks at the innermost frame alone, not at main or the runtime's own.
    (folder / "S").write_text(f"race_top:{pattern}\n", encoding="utf-8")
    done = subprocess.run(["setarch", "-R", "./X", function], cwd=folder, capture_output=True, text=True, timeout=60, check=False,
                          env={**os.environ, "TSAN_OPTIONS": "suppressions=S exitcode=66 atexit_sleep_ms=0 report_thread_leaks=0"})
    if done.returncode not in (0, 66):
        raise RuntimeError(f"{pattern}: status {done.returncode}: {done.stderr[:500]}")
    return done.returncode == 0


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        if build(folder).returncode != 0 or is_suppressed(folder, "NOTHING_IS_CALLED_THIS", FUNCTIONS[0]):
            print("1..0 # SKIP ThreadSanitizer does not work here")
            return 0
        print(f"1..{len(ROWS)}")
        for number, (pattern, function, expected) in enumerate(ROWS, 1):
            good = is_suppressed(folder, pattern, function) == (expected == "yes")
            print(f"{'ok' if good else 'not ok'} {number} - {pattern.replace('#', '')} against {function}: {expected}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
