#!/usr/bin/python3
"""Analysis end to end: `interlock analyze` of logs that the recorder made of real runs, in events a second.

Each row is one run of analysis_load at level full: so many threads, each with a lock of its own, or with locks that pass from
thread to thread. `cpu s` is processor time, which a busy machine changes less than the clock's. `own MiB` is the memory that
the command allocated at its peak; the log's pages, which it maps, are not in it.
"""
import argparse
import json
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

ROW = "{:>7}  {:>6}  {:>10}  {:>11}  {:>8}  {:>9}  {:>8}  {:>10}  {:>8}  {:>8}"


def own_kib(pid):
    """Anonymous memory of a process now, 0 once it is gone."""
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1])
    except (OSError, ValueError):
        pass
    return 0


def analysed(command):
    """(seconds, seconds of processor time, peak KiB) of one `interlock analyze`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as ran:
        peak = 0
        while ran.poll() is None:
            peak = max(peak, own_kib(ran.pid))
            time.sleep(0.002)
        seconds = time.monotonic() - begin
        if ran.returncode != 0:
            raise RuntimeError(f"{' '.join(map(str, command))}: status {ran.returncode}\n{ran.stderr.read()}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, peak


def row(called, threads, locks, folder):
    log = folder / "load.ilk"
    report = folder / "report.json"
    subprocess.run([called.interlock, "record", "--max-log", "8G", "-o", log, "--", called.load, str(threads),
                    str(called.events // 2), locks], check=True)
    rounds = [analysed([called.interlock, "analyze", "--format", "json", "--report", report, log])
              for _ in range(called.rounds)]
    said = json.loads(report.read_text(encoding="utf-8"))["logs"][0]
    if not said["complete"] or said["acquisitions"] < called.events // 2 - threads:
        raise RuntimeError(f"the log of {threads} threads is not whole: {said}")
    seconds, processor = (statistics.median(one[i] for one in rounds) for i in (0, 1))
    peak = max(one[2] for one in rounds)
    print(ROW.format(threads, locks, said["events"], f"{log.stat().st_blocks * 512 / said['events']:.1f}", f"{seconds:.2f}",
                     f"{said['events'] / seconds / 1e6:.1f}", f"{processor:.2f}", f"{said['events'] / processor / 1e6:.1f}",
                     f"{peak / 1024:.1f}", f"{peak * 1024 / said['events']:.2f}"), flush=True)
    log.unlink()


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--interlock", required=True)
    options.add_argument("--load", required=True, help="the program analysis_load")
    options.add_argument("--events", type=int, default=50_000_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--threads", type=int, nargs="+", default=[2, 8, 64])
    called = options.parse_args()
    print(ROW.format("threads", "locks", "events", "bytes/event", "seconds", "M event/s", "cpu s", "M ev/cpu s", "own MiB",
                     "byte/ev."))
    with tempfile.TemporaryDirectory(prefix="interlock-bench.") as folder:
        for threads in called.threads:
            for locks in ("own", "passed"):
                row(called, threads, locks, pathlib.Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
