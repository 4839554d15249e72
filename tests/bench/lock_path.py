#!/usr/bin/python3
"""Runs the lock-path benchmark for std::mutex alone and for each tool beside it, and prints ratios to std::mutex.

The rounds go through all programs in turn, so that a change of the machine's mood meets all of them; a figure is the median over
the rounds of the ratio to std::mutex in the same round. Arguments: NAME=PROGRAM ...; plain= is what the ratios are to.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ALLOCATED_OFFSET = 1664  # of file_header::allocated, instrument/format/layout.hpp
PATTERNS = ("uncontended", "nested_4", "one_of_10000", "contended_by_2", "with_240_ns_of_work", "shared_read", "spinlock",
            "semaphore")


def variants(programs, library, interlock, logs):
    """(name, command, environment) of all that can be run here."""
    for name, program in programs.items():
        # What is linked with the recorder writes a log of its own.
        yield name, [program], {"INTERLOCK_OPTIONS": f"report=0:max_log=16G:log_path={logs}/linked.%p.ilk"}
    if library:
        for level in ("order", "full"):
            yield f"interlock {level}", [programs["plain"]], {
                "LD_PRELOAD": library, "INTERLOCK_OPTIONS": f"level={level}:report=0:max_log=16G:log_path={logs}/{level}.%p.ilk"}
    if interlock:  # which makes pages ahead
        yield "interlock record", [interlock, "record", "--max-log", "16G", "-o", f"{logs}/%p.ilk", "--", programs["plain"]], {}
    if subprocess.run(["which", "valgrind"], stdout=subprocess.DEVNULL, check=False).returncode == 0:
        yield "helgrind", ["valgrind", "-q", "--tool=helgrind", programs["plain"]], {}


def times_ns(command, environment, seconds):
    """Nanoseconds an iteration, by pattern: of processor time, the system's included, so that other work on the machine counts less; of
    real time where two threads wait for each other."""
    ran = subprocess.run([*command, "--benchmark_format=json", f"--benchmark_min_time={seconds}"],
                         env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         text=True, check=False)
    if ran.returncode:
        raise RuntimeError(f"{' '.join(command)}: status {ran.returncode}\n{ran.stderr}")
    measured = json.loads(ran.stdout)["benchmarks"]
    return {one["name"].split("/")[0]: one["real_time" if "threads:" in one["name"] else "cpu_time"] for one in measured}


def rounds_of(rounds, seconds, all_variants, logs):
    """The times of each variant, a list by round of times by pattern."""
    times = {name: [] for name, _, _ in all_variants}
    for _ in range(rounds):
        for name, command, environment in all_variants:
            times[name].append(times_ns(command, environment, seconds))
            for log in pathlib.Path(logs).iterdir():
                log.unlink()
    return times


def figure(ratios, digits):
    return f"{statistics.median(ratios):12.{digits}f}" if ratios else f"{'-':>12}"


def bytes_an_event(locks, library, logs):
    """Of a log at level full: a million acquisitions and as many releases, and all that a log has besides."""
    pairs, log = 1_000_000, pathlib.Path(logs) / "bytes.ilk"
    subprocess.run([locks, "u1", str(pairs)], check=True, env={
        **os.environ, "LD_PRELOAD": library, "INTERLOCK_OPTIONS": f"level=full:report=0:log_path={log}"})
    with log.open("rb") as file:
        file.seek(ALLOCATED_OFFSET)
        allocated = int.from_bytes(file.read(8), "little") & ((1 << 48) - 1)
    return allocated / (2 * pairs)


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--library", help="libinterlock.so")
    options.add_argument("--interlock", help="the command")
    options.add_argument("--locks", help="the program of tests/programs/cost")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=0.1)
    options.add_argument("programs", nargs="+", metavar="NAME=PROGRAM")
    called = options.parse_args()
    programs = dict(one.split("=", 1) for one in called.programs)
    os.environ["WORK_STEPS"] = subprocess.run([programs["plain"], "--calibrate"], stdout=subprocess.PIPE, text=True,
                                              check=True).stdout.strip()
    with tempfile.TemporaryDirectory() as logs:
        measured = rounds_of(called.rounds, called.seconds, list(variants(programs, called.library, called.interlock, logs)), logs)
        bytes_each = bytes_an_event(called.locks, called.library, logs) if called.library else None
    print(f"{'ratio to std::mutex':20}" + "".join(f"{pattern[:11]:>12}" for pattern in PATTERNS))
    plain = measured["plain"]
    for name, times in measured.items():
        columns = [[one[pattern] / (1 if name == "plain" else base[pattern])
                    for one, base in zip(times, plain) if pattern in one] for pattern in PATTERNS]
        title = "std::mutex, ns" if name == "plain" else name
        print(f"{title:20}" + "".join(figure(column, 1 if name == "plain" else 2) for column in columns))
    if bytes_each is not None:
        print(f"bytes an event, full: {bytes_each:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
