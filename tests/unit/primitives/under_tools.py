#!/usr/bin/python3
"""The primitives under other tools: nothing is reported of them, and the tools are awake. TAP.

Usage: under_tools.py BUILT_FOR_THREAD_SANITIZER BUILT_PLAIN
"""
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import tap

SANITIZED, PLAIN = sys.argv[1:3]
HELGRIND = ["valgrind", "-q", "--tool=helgrind", "--error-exitcode=9"]


def run(*command):
    # Recording is off: what is tried is what the primitives tell those tools themselves.
    return subprocess.run(command, env={**os.environ, "INTERLOCK_OPTIONS": "enabled=0", "TSAN_OPTIONS": "exitcode=9"},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def must_be_silent(*command):
    ran = run(*command)
    assert (ran.returncode, ran.stdout) == (0, ""), f"status {ran.returncode}\n{ran.stdout[:4000]}"


def must_complain(*command):
    ran = run(*command)
    assert ran.returncode == 9 and "data race" in ran.stdout, f"status {ran.returncode}\n{ran.stdout[:4000]}"


def thread_sanitizer_reports_nothing():
    must_be_silent(SANITIZED)


def thread_sanitizer_reports_a_race():
    must_complain(SANITIZED, "race")


def helgrind_reports_nothing():
    must_be_silent(*HELGRIND, PLAIN)


def helgrind_reports_a_race():
    must_complain(*HELGRIND, PLAIN, "race")


tap.run(*tap.cases_in(globals(), run, must_be_silent, must_complain))
