#!/usr/bin/python3
"""Runs the lock-path benchmark for std::mutex alone and for each tool beside it, and prints ratios to std::mutex.

The rounds go through all programs in turn, so that a change of the machine's mood meets all of them; the figure of a
pattern is the median of its times over the rounds. Arguments: NAME=PROGRAM ...; plain= is what the ratios are to.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

PATTERNS = ("uncontended", "nested_4", "one_of_10000", "contended_by_2", "with_240_ns_of_work")


def variants(programs, library, logs):
    """(name, command, environment) of all that can be run here."""
    for name, program in programs.items():
        yield name, [program], {}
    if library:
        for level in ("order", "full"):
            yield f"interlock {level}", [programs["plain"]], {
                "LD_PRELOAD": library, "INTERLOCK_OPTIONS": f"level={level}:report=0:log_path={logs}/{level}.%p.ilk"}
    if subprocess.run(["which", "valgrind"], stdout=subprocess.DEVNULL, check=False).returncode == 0:
        yield "helgrind", ["valgrind", "-q", "--tool=helgrind", programs["plain"]], {}


def times_ns(command, environment, seconds):
    """Nanoseconds of real time an iteration, by pattern."""
    ran = subprocess.run([*command, "--benchmark_format=json", f"--benchmark_min_time={seconds}"],
                         env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         text=True, check=False)
    if ran.returncode:
        raise RuntimeError(f"{' '.join(command)}: status {ran.returncode}\n{ran.stderr}")
    measured = json.loads(ran.stdout)["benchmarks"]
    return {one["name"].split("/")[0]: one["real_time"] for one in measured}


def medians(rounds, seconds, all_variants, logs):
    """The median time of each variant and pattern."""
    times = {}
    for _ in range(rounds):
        for name, command, environment in all_variants:
            for pattern, time in times_ns(command, environment, seconds).items():
                times.setdefault(name, {}).setdefault(pattern, []).append(time)
            for log in pathlib.Path(logs).iterdir():
                log.unlink()
    return {name: {pattern: statistics.median(all_of) for pattern, all_of in patterns.items()}
            for name, patterns in times.items()}


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--library", help="libinterlock.so")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=0.1)
    options.add_argument("programs", nargs="+", metavar="NAME=PROGRAM")
    called = options.parse_args()
    programs = dict(one.split("=", 1) for one in called.programs)
    os.environ["WORK_STEPS"] = subprocess.run([programs["plain"], "--calibrate"], stdout=subprocess.PIPE, text=True,
                                              check=True).stdout.strip()
    with tempfile.TemporaryDirectory() as logs:
        measured = medians(called.rounds, called.seconds, list(variants(programs, called.library, logs)), logs)
    print(f"{'ratio to std::mutex':20}" + "".join(f"{pattern:>21}" for pattern in PATTERNS))
    plain = measured["plain"]
    print(f"{'std::mutex, ns':20}" + "".join(f"{plain[pattern]:21.1f}" for pattern in PATTERNS))
    for name, times in measured.items():
        if name != "plain":
            print(f"{name:20}" + "".join(f"{times[pattern] / plain[pattern]:21.2f}" for pattern in PATTERNS))
    return 0


if __name__ == "__main__":
    sys.exit(main())
