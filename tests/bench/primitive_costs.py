#!/usr/bin/python3
"""What each primitive costs where nobody waits: std's in nanoseconds of processor time, abseil's and interlock's (levels order and full)
as ratios to it, or in nanoseconds where std has none. Rounds go through all programs in turn; a figure is the median over the rounds.
Arguments: STD ABSEIL INTERLOCK, the programs."""
import json
import os
import statistics
import subprocess
import sys
import tempfile

ROUNDS, SECONDS = 5, 0.1


def times_ns(program, options):
    """By primitive."""
    with tempfile.TemporaryDirectory() as logs:
        ran = subprocess.run([program, "--benchmark_format=json", f"--benchmark_min_time={SECONDS}"], stdout=subprocess.PIPE, text=True,
                             env={**os.environ, "INTERLOCK_OPTIONS": f"{options}:report=0:max_log=16G:log_path={logs}/%p.ilk"}, check=True)
    return {one["name"]: one["cpu_time"] for one in json.loads(ran.stdout)["benchmarks"]}


def main():
    std, abseil, interlock = sys.argv[1:]
    variants = {"std, ns": (std, "level=order"), "abseil": (abseil, "level=order"), "interlock order": (interlock, "level=order"),
                "interlock full": (interlock, "level=full")}
    rounds = [{name: times_ns(*how) for name, how in variants.items()} for _ in range(ROUNDS)]
    names = list(dict.fromkeys(name for one in rounds[0].values() for name in one))
    print(f"{'nobody waits':28}" + "".join(f"{variant:>18}" for variant in variants))
    for name in names:
        line = f"{name:28}"
        for variant in variants:
            if name not in rounds[0][variant]:
                line += f"{'-':>18}"
                continue
            base = [one["std, ns"].get(name) for one in rounds]
            is_ratio = variant != "std, ns" and base[0] is not None
            figures = [one[variant][name] / (of if is_ratio else 1) for one, of in zip(rounds, base)]
            line += f"{statistics.median(figures):15.{2 if is_ratio else 1}f}{'   ' if is_ratio else ' ns'}"
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
