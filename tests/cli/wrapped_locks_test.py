#!/usr/bin/python3
"""Locks inside of classes, over many runs: what they are wrapped in tells no kinds of locks, nor places, apart.
Prints TAP. Usage: wrapped_locks_test.py INTERLOCK PROGRAM... (the same program, unoptimised and optimised)"""
import os
import sys

from called import call, check, expect_status, run_all, test
import report_json

PROGRAMS = [os.path.abspath(path) for path in sys.argv[2:]]
ACROSS = [("lock-order-cycle", "across-runs", "warning")]


def record(folder, program, *words):
    path = folder / f"{os.path.basename(program)}-{'-'.join(words)}.ilk"
    expect_status(call("record", "-o", path, "--", program, *words), 0)
    return path


def report(*words, status):
    done = expect_status(call("analyze", "--format", "json", *words), status)
    return report_json.read(done.stdout)


def verdicts(told):
    return [(one["kind"], one["verdict"], one["severity"]) for one in told["findings"]]


@test
def a_class_that_wraps_every_lock_makes_them_neither_one_kind_nor_unknown(folder):
    for program in PROGRAMS:
        for first, second, expected, status in (("account-inside", "journal-outside", [], 0), ("pay", "audit", ACROSS, 66)):
            told = report(record(folder, program, first), record(folder, program, second), status=status)
            check(verdicts(told) == expected, program, first, second, told["findings"])


if __name__ == "__main__":
    run_all()
