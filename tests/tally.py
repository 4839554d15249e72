#!/usr/bin/python3
"""Adds up what a `meson test` run counted: a line a suite, and last `N passed, N failed`. Status 1 if anything failed.

Reads Meson's two logs: testlog.json has every test with its result, testlog.junit.xml the cases inside GoogleTest and
TAP programs. A test that failed without naming a failed case (it crashed, or hung) counts as one failed case.
"""
import json
import pathlib
import sys
import xml.etree.ElementTree as xml
from dataclasses import dataclass

GOOD = ("OK", "EXPECTEDFAIL")
SKIPPED = "SKIP"


@dataclass
class count:
    """Cases of a test, a suite or the whole run."""
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped


def cases_inside(junit, name):
    """The cases that one GoogleTest or TAP program reported; Meson files them under `project.NAME[.Suite]`."""
    cases = count()
    for suite in junit.iter("testsuite"):
        inner = suite.get("name", "").partition(".")[2]
        if inner != name and not inner.startswith(name + "."):
            continue
        for case in suite.findall("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                cases.failed += 1
            elif case.find("skipped") is not None or case.get("status") == "notrun":
                cases.skipped += 1
            else:
                cases.passed += 1
    return cases


def cases_of(test, junit):
    """What one line of testlog.json counts."""
    cases = cases_inside(junit, test["name"])
    reported = cases.passed + cases.failed + cases.skipped
    if test["result"] in GOOD and not reported:
        cases.passed = 1
    elif test["result"] == SKIPPED and not reported:
        cases.skipped = 1
    elif test["result"] not in (*GOOD, SKIPPED) and not cases.failed:
        cases.failed = 1
    return cases


def words_of(test):
    """What a failed TAP program said of its failed cases; Meson itself prints the output of the other protocols."""
    words, in_failure = [], False
    for line in test.get("stdout", "").splitlines():
        if line.startswith(("ok ", "not ok ")):
            in_failure = line.startswith("not ok ")
        if in_failure or line.startswith("Bail out!"):
            words.append(f"    {line}")
    return words


def tally(logs):
    """Counts by suite of the run whose logs lie in this folder, and a line for each thing that failed."""
    junit = xml.parse(logs / "testlog.junit.xml").getroot()
    suites, bad = {}, []
    for line in (logs / "testlog.json").read_text(encoding="utf-8", errors="replace").splitlines():
        test = json.loads(line)
        cases = cases_of(test, junit)
        if cases.failed:
            bad.append(f"{test['name']}: {test['result'].lower()}, {cases.failed} failed")
            bad += words_of(test)
        suite = test["name"].split(" / ")[0].split(":")[-1] if " / " in test["name"] else "other"
        suites.setdefault(suite, count()).add(cases)
    return suites, bad


def main():
    logs = pathlib.Path(sys.argv[1])
    suites, bad = tally(logs) if (logs / "testlog.junit.xml").is_file() else ({}, ["no test ran"])
    total = count()
    for name, cases in sorted(suites.items()):
        skipped = f", {cases.skipped} skipped" if cases.skipped else ""
        print(f"{name:12} {cases.passed} passed, {cases.failed} failed{skipped}")
        total.add(cases)
    for line in bad:
        print(line)
    print(f"{total.passed} passed, {total.failed} failed")
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
