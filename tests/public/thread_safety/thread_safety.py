#!/usr/bin/python3
"""What clang's thread-safety analysis says of our locks, recording or not: exactly what is wrong in guarded.cpp. TAP.

Usage: thread_safety.py CLANG SOURCE INCLUDE_FOLDER...
"""
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import tap

CLANG, SOURCE, *FOLDERS = sys.argv[1:]
LOCKS = (("PLAIN", "mutex"), ("TIMED", "timed_mutex"), ("PLAIN", "recursive_mutex"), ("TIMED", "recursive_timed_mutex"),
         ("SHARED", "shared_mutex"), ("SHARED", "shared_timed_mutex"), ("TIMED", "shared_timed_mutex"),
         ("SHARED", "reader_preferring_mutex"), ("TIMED", "fair_shared_mutex"), ("PLAIN", "spinlock"), ("PLAIN", "ticket_lock"),
         ("PLAIN", "ranked<>"))


def wrong_lines(kind):
    """Of the templates that are instantiated for this kind of lock."""
    made, inside = set(), ""
    for number, line in enumerate(pathlib.Path(SOURCE).read_text(encoding="utf-8").splitlines(), 1):
        if found := re.match(r"struct (\w+)", line):
            inside = found[1]
        if line.endswith("// wrong") and inside in ("guarded", "ordered", kind.lower()):
            made.add(number)
    return made


def warned_lines(mode, kind, lock):
    done = subprocess.run([CLANG, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wthread-safety", "-Wthread-safety-beta",
                           f"-DINTERLOCK_{mode}", f"-DKIND={kind}", f"-DLOCK=interlock::{lock}",
                           *(f"-I{folder}" for folder in FOLDERS), SOURCE], capture_output=True, text=True, check=False)
    told = re.findall(r"^(.*?):(\d+):\d+: (?:warning|error): (.*)$", done.stderr, re.M)
    foreign = [one for one in told if one[0] != SOURCE or "[-Wthread-safety-" not in one[2]]
    return {int(number) for _, number, _ in told}, foreign


def main():
    results = []
    for mode in ("ON", "OFF"):
        for kind, lock in LOCKS:
            wanted, (warned, foreign) = wrong_lines(kind), warned_lines(mode, kind, lock)
            wrong = [f"line {number}: {'not warned of' if number in wanted else 'warned of'}" for number in sorted(wanted ^ warned)]
            if len(wanted) < 7:
                wrong.append(f"too few wrong lines: {wanted}")
            results.append((f"{lock}, {kind.lower()}, recording {mode.lower()}", wrong + [str(one) for one in foreign]))
    tap.tell(results)


main()
