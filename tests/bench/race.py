#!/usr/bin/python3
"""Times race detection on the workloads of race_workloads.cpp, beside ThreadSanitizer of the same compiler and Helgrind.

Everything is built here: plain, with the compiler's own runtime, with ours. So is zlib, from Debian's source package, which is
fetched; without an answer from there it is left out, which is said. Figures are CPU time and greatest resident memory, as ratios to
plain; the last columns are ours to ThreadSanitizer's. The target is 0.6 for both, geometric mean, and none above 1.
The runs of a round come one after the other, so that a machine with other work on it is unfair to none.
"""
import argparse
import math
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "programs" / "external"))
import fetch  # noqa: E402

COMPILERS = ("g++", "clang++-14")


def zlib_sources(folder):
    """Its C files, unpacked; none if the registry does not answer."""
    try:
        tar = fetch.download("zlib", folder)
    except fetch.no_answer as why:
        print(f"zlib is left out: {why}", flush=True)
        return []
    return sorted(fetch.unpack(tar, r"zlib[^/]*/[a-z0-9]+\.[ch]$", folder / "zlib").rglob("*.c"))


def build(compiler, source, folder, libraries, zlib):
    """{name: program} for one compiler; one that is not there gives none."""
    if shutil.which(compiler) is None:
        return {}
    flags = [compiler, "-std=c++20", "-O2", "-g", "-pthread"]
    if zlib:
        flags += ["-DINTERLOCK_BENCH_ZLIB", f"-I{zlib[0].parent}"]
    in_c = [compiler.replace("clang++", "clang").replace("g++", "gcc"), "-O2", "-g", "-w", "-include", "unistd.h", "-c"]
    units = {}
    for kind, compiled in (("plain", []), ("hooks", ["-fsanitize=thread"])):
        units[kind] = [folder / f"{compiler}-{kind}-{one.stem}.o" for one in (source, *zlib)]
        subprocess.run([*flags, *compiled, "-c", source, "-o", units[kind][0]], check=True)
        for one, unit in zip(zlib, units[kind][1:]):
            subprocess.run([*in_c, *compiled, one, "-o", unit], check=True)
    made = {}
    for name, kind, linked in (
            ("plain", "plain", []), ("tsan", "hooks", ["-fsanitize=thread"]),
            ("ours", "hooks", [f"-Wl,--push-state,--no-as-needed,{','.join(map(str, libraries))},--pop-state",
                               *(f"-Wl,-rpath,{one.parent}" for one in libraries)])):
        made[name] = folder / f"{compiler}-{name}"
        subprocess.run([compiler, "-pthread", *units[kind], "-o", made[name], *linked], check=True)
    return made


def measure(command, folder):
    """(CPU seconds, MB) of one run; None if it failed."""
    environment = {**os.environ, "INTERLOCK_OPTIONS": f"report=0:log_path={folder}/bench.ilk", "TSAN_OPTIONS": "report_bugs=0"}
    ran = subprocess.run([str(word) for word in command], env=environment, capture_output=True, text=True, check=False)
    for log in folder.glob("*.ilk"):
        log.unlink()
    if ran.returncode != 0:
        return None
    seconds, kilobytes = ran.stdout.split()
    return float(seconds), int(kilobytes) / 1024


def medians_of(commands, folder, rounds):
    """(CPU seconds, MB) of each command; None for one that failed."""
    runs = [[measure(command, folder) for command in commands] for _ in range(rounds)]
    return [None if None in own else (statistics.median(r[0] for r in own), statistics.median(r[1] for r in own))
            for own in zip(*runs)]


def mean(ratios):
    return math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else float("nan")


def table(compiler, programs, called, folder):
    listed = subprocess.run([programs["plain"]], capture_output=True, text=True, check=False).stdout.split()
    workloads = [one for one in listed if not called.only or one in called.only]
    helgrind = [] if called.no_helgrind or shutil.which("valgrind") is None else ["valgrind", "-q", "--tool=helgrind"]
    print(f"\n{compiler} -O2, CPU time (and memory) to plain")
    print(f"{'':20}{'plain s':>8}{'MB':>6}{'tsan':>8}{'mem':>7}{'ours':>8}{'mem':>7}{'helgrind':>10}{'ours/tsan':>11}{'mem':>7}")
    times, sizes = [], []
    for workload in workloads:
        plain, tsan, ours = medians_of([[programs[name], workload, called.scale] for name in ("plain", "tsan", "ours")],
                                       folder, called.rounds)
        slow = measure([*helgrind, programs["plain"], workload, max(1, called.scale // 10)], folder) if helgrind else None
        base = measure([programs["plain"], workload, max(1, called.scale // 10)], folder) if slow else None
        if None in (plain, tsan, ours):
            print(f"{workload:20}  failed: plain {plain}, tsan {tsan}, ours {ours}")
            continue
        times.append(ours[0] / tsan[0])
        sizes.append(ours[1] / tsan[1])
        against = f"{slow[0] / max(base[0], 0.001):10.0f}" if slow and base else f"{'-':>10}"
        print(f"{workload:20}{plain[0]:8.2f}{plain[1]:6.0f}{tsan[0] / plain[0]:8.1f}{tsan[1] / plain[1]:7.1f}"
              f"{ours[0] / plain[0]:8.1f}{ours[1] / plain[1]:7.1f}{against}{times[-1]:11.2f}{sizes[-1]:7.2f}", flush=True)
    print(f"{'geometric mean':68}{mean(times):17.2f}{mean(sizes):7.2f}", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--library", type=pathlib.Path, action="append", required=True, help="in link order")
    options.add_argument("--source", type=pathlib.Path, required=True)
    options.add_argument("--sources", type=pathlib.Path, required=True, help="folder to fetch zlib to")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--scale", type=int, default=60)
    options.add_argument("--no-helgrind", action="store_true")
    options.add_argument("--compiler", action="append")
    options.add_argument("only", nargs="*")
    called = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="interlock-bench.") as folder:
        folder = pathlib.Path(folder)
        zlib = zlib_sources(called.sources.absolute())
        for compiler in called.compiler or COMPILERS:
            programs = build(compiler, called.source, folder, [one.absolute() for one in called.library], zlib)
            if programs:
                table(compiler, programs, called, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
