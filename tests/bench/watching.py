#!/usr/bin/python3
"""What watching costs, and how soon it tells: the program's instructions a lock and unlock alone, recorded, and watched besides (by
callgrind), the watcher's own share of a processor while hundreds of threads work or wait, and the time from a deadlock to its report.

Arguments: INTERLOCK LIBRARY WATCHED (watched.cpp).
"""
import json
import os
import pathlib
import re
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


def instructions_a_lock(program, options):
    """Of the program's own, in user space; what it takes to start cancels out."""
    environment = {**os.environ, **options}
    few, many = 20_000, 60_000

    def count(times):
        done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, "count", str(times)],
                              env=environment, capture_output=True, text=True, check=True)
        return int(re.search(r"Collected : (\d+)", done.stderr)[1])
    return (count(many) - count(few)) / (many - few)


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
        shares = [share_of_watcher(interlock, program, folder, 3) for _ in range(5)]
        print(f"watcher, part of a processor: median {statistics.median(shares):.2%}, most {max(shares):.2%} (less than 1% is wanted)")
        for level in ("order", "full"):
            recorded = f"level={level} report=0 log_path={folder}/%p.ilk"
            of = {"alone": {}, "recorded": {"LD_PRELOAD": library, "INTERLOCK_OPTIONS": recorded},
                  "watched": {"LD_PRELOAD": library, "INTERLOCK_OPTIONS": f"{recorded} watchdog=5"}}
            told = ", ".join(f"{how} {instructions_a_lock(program, options):.1f}" for how, options in of.items())
            print(f"instructions a lock and unlock, level {level}: {told}")
        times = [seconds_to_report(interlock, program, folder, number) for number in range(10)]
        print(f"deadlock to report, seconds: median {statistics.median(times):.3f}, most {max(times):.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
