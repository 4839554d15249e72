#!/usr/bin/python3
"""What watching costs, and how soon it tells: the program's instructions a lock with and without a watcher, the watcher's own
share of a processor while hundreds of threads work or wait, and the time from a deadlock to its report.

Arguments: INTERLOCK LIBRARY WATCHED (watched.cpp). Instructions need a `perf` that may count them; else that line says so.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time


def cpu_seconds(pid):
    """User and system time of one process, without its children."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def share_of_watcher(interlock, program, folder, seconds):
    """The part of one processor that `interlock run` takes while the program runs."""
    run = subprocess.Popen([interlock, "run", "--record", "order", "--log", f"{folder}/%p.ilk", "--", program, str(seconds + 2)],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(1)
    before, begin = cpu_seconds(run.pid), time.monotonic()
    time.sleep(seconds)
    share = (cpu_seconds(run.pid) - before) / (time.monotonic() - begin)
    run.wait()
    return share


def instructions(command, environment):
    """Instructions in user space of the whole command, or None where they cannot be counted."""
    try:
        done = subprocess.run(["perf", "stat", "--no-inherit", "-x,", "-e", "instructions:u", *command], env={**os.environ, **environment},
                              capture_output=True, text=True, check=False)
    except OSError:
        return None
    for line in done.stderr.splitlines():
        if "instructions" in line and line.split(",")[0].isdigit():
            return int(line.split(",")[0])
    return None


def seconds_to_report(interlock, program, folder, number):
    """From the last request (the program says when, on stdout) to the report."""
    report = pathlib.Path(folder) / f"{number}.json"
    run = subprocess.Popen([interlock, "run", "--on-deadlock", "wait", "--format", "json", "--report", report, "--", program, "hang"],
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    run.stdout.readline()
    begin = time.monotonic()
    while True:
        try:
            json.loads(report.read_text(encoding="utf-8"))
            break
        except (OSError, ValueError):
            time.sleep(0.002)
    took = time.monotonic() - begin
    run.kill()  # the program asked to die with it
    run.communicate()
    return took


def main():
    interlock, library, program = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        share = share_of_watcher(interlock, program, folder, 5)
        print(f"watcher, part of a processor: {share:.2%} (less than 1% is wanted)")
        options = {"LD_PRELOAD": library, "INTERLOCK_OPTIONS": f"level=order:report=0:log_path={folder}/alone.%p.ilk"}
        alone = instructions([program, "count"], options)
        options = {"LD_PRELOAD": library, "INTERLOCK_OPTIONS": f"level=order:log_path={folder}/watched.%p.ilk:watchdog=5"}
        watched = instructions([program, "count"], options)
        if alone is None or watched is None:
            print("instructions: cannot be counted here")
        else:
            print(f"instructions with a watcher beside it: {watched / alone:.4f} of those without")
        times = [seconds_to_report(interlock, program, folder, number) for number in range(10)]
        print(f"deadlock to report, seconds: median {statistics.median(times):.3f}, most {max(times):.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
