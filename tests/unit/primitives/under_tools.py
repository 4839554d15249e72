#!/usr/bin/python3
"""The primitives under other tools: nothing is reported of them, and the tools are awake. TAP.

Usage: under_tools.py BUILT_FOR_THREAD_SANITIZER BUILT_FOR_INTERLOCKS_RACE_DETECTION BUILT_PLAIN INTERLOCK
"""
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import tap

SANITIZED, RACE, PLAIN, INTERLOCK = sys.argv[1:5]
HELGRIND = ["valgrind", "-q", "--tool=helgrind", "--error-exitcode=9"]


def run(*command, options="enabled=0"):
    # Recording is off for the others: what is tried is what the primitives tell those tools themselves.
    return subprocess.run(command, env={**os.environ, "INTERLOCK_OPTIONS": options, "TSAN_OPTIONS": "exitcode=9"},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def run_with_race_detection(*words):
    with tempfile.TemporaryDirectory(prefix="interlock-under.") as folder:
        return run(RACE, *words, options=f"command={INTERLOCK}:exitcode=9:log_path={folder}/%p.ilk")


def must_be_silent(ran):
    assert (ran.returncode, ran.stdout) == (0, ""), f"status {ran.returncode}\n{ran.stdout[:4000]}"


def must_complain(ran):
    assert ran.returncode == 9 and "data race" in ran.stdout, f"status {ran.returncode}\n{ran.stdout[:4000]}"


def thread_sanitizer_reports_nothing():
    must_be_silent(run(SANITIZED))


def thread_sanitizer_reports_what_is_not_ordered():
    for how in ("race", "not_annotated", "by_chance"):
        must_complain(run(SANITIZED, how))


def interlock_reports_no_race():
    must_be_silent(run_with_race_detection())


def interlock_reports_what_is_not_ordered():
    for how in ("race", "not_annotated", "by_chance"):
        must_complain(run_with_race_detection(how))


def helgrind_reports_nothing():
    must_be_silent(run(*HELGRIND, PLAIN))


def helgrind_reports_what_is_not_ordered():
    for how in ("race", "not_annotated"):  # fibers it takes for their thread
        must_complain(run(*HELGRIND, PLAIN, how))


tap.run(*tap.cases_in(globals(), run, run_with_race_detection, must_be_silent, must_complain))
