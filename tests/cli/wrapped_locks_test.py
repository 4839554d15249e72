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


@test
def a_cycle_across_runs_is_what_its_users_do_and_not_what_they_lock_with(folder):
    for program in PROGRAMS:
        logs = {word: record(folder, program, word) for word in ("ab", "ba", "cd", "dc")}
        one, other = [logs["ab"], logs["ba"]], [logs["cd"], logs["dc"]]
        both = record(folder, program, "ab", "ba")
        (across,) = report(*one, status=66)["findings"]
        (alone,) = report(both, status=66)["findings"]
        check(across["id"] == alone["id"], across["id"], alone["id"])
        check(across["wrapper"][0]["function"].removesuffix("()").endswith("lock"), across.get("wrapper"))
        base = folder / "base"
        expect_status(call("analyze", "--write-baseline", base, *one), 0)
        edges = [line for line in base.read_text(encoding="utf-8").splitlines() if line.startswith("edge")]
        check(len(edges) == 2 and all("_then_" in line and "lock" not in line for line in edges), edges)
        expect_status(call("analyze", "--baseline", base, *one), 0)
        expect_status(call("analyze", "--baseline", base, *other), 66)
        draft = folder / "draft"
        draft.write_text(expect_status(call("suppress", *one), 0).stdout, encoding="utf-8")
        expect_status(call("analyze", "--suppressions", draft, *one), 0)
        expect_status(call("analyze", "--suppressions", draft, *other), 66)
        check("SUMMARY" not in (text := expect_status(call("analyze", *one), 66).stdout) or "_then_" in text[text.index("SUMMARY"):], text)


@test
def what_is_made_by_its_users_alone_is_told_by_what_makes_it(folder):
    """Each user is another place, in a test most of all; and a further run that locks by functions takes nothing away."""
    for program in PROGRAMS:
        for words in (("insert", "rebuild"), ("table-record", "record-table"), ("table-by-functions", "record-table"),
                      ("table-record", "record-table", "table-by-functions")):
            logs = [record(folder, program, word) for word in words]
            check(verdicts(report(*logs, status=66)) == ACROSS, program, words)
            check(verdicts(report(*logs[::-1], status=66)) == ACROSS, program, words)


if __name__ == "__main__":
    run_all()
