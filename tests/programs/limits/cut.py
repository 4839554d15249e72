#!/usr/bin/python3
"""A log that somebody cuts while the program runs, and one that is cut while it is read. TAP."""
import os
import pathlib
import subprocess
import tempfile

from recorded import INTERLOCK, analysed, counts_file, counts_of, options, program, tap

PAGE = 4096


def run_and_cut(folder, size, when, level="full"):
    """The program cuts its own log; what it says and how it ends must not change."""
    log = pathlib.Path(folder) / f"{size}-{when}-{level}.ilk"
    ran = subprocess.run([program("cut_log"), str(log), str(size), str(pathlib.Path(folder) / "own"), when],
                         env=options(log, level), capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "done\n"), (size, when, level, ran)
    return log


def the_program_lives_on_wherever_its_log_is_cut():
    with tempfile.TemporaryDirectory() as folder:
        for size in (0, PAGE, 2 * PAGE, 5 * PAGE, 17 * PAGE, 33 * PAGE + 100):
            for when in ("before", "after"):
                for level in ("order", "full"):
                    run_and_cut(folder, size, when, level)


def the_loss_is_told():
    with tempfile.TemporaryDirectory() as folder:
        for size in (5 * PAGE, 17 * PAGE):
            told = analysed(run_and_cut(folder, size, "before"), statuses=(0, 66))
            assert not told["complete"] and told["lost_events"] > 0, told
            assert any("truncated" in spot for spot in told["blind_spots"]), told


def a_log_cut_to_nothing_or_to_its_header_is_one_line():
    with tempfile.TemporaryDirectory() as folder:
        for size in (0, PAGE):
            log = run_and_cut(folder, size, "after")
            ran = subprocess.run([INTERLOCK, "analyze", str(log)], capture_output=True, text=True, check=False)
            assert ran.returncode == 3 and ran.stderr.count("\n") == 1 and str(log) in ran.stderr, (size, ran)


def the_same_program_without_the_library():
    with tempfile.TemporaryDirectory() as folder:
        ran = subprocess.run([program("cut_log"), "-", "0", str(pathlib.Path(folder) / "own"), "before"],
                             capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stdout) == (0, "done\n"), ran


def a_log_cut_from_outside_at_any_moment():
    with tempfile.TemporaryDirectory() as folder:
        for goal in (1, 100, 5000, 20000, 60000):
            counts, log = counts_file(folder), pathlib.Path(folder) / f"{goal}.ilk"
            process = subprocess.Popen([program("counted"), str(counts), "100000"], env=options(log))
            while counts_of(counts) < goal and process.poll() is None:
                os.sched_yield()
            os.truncate(log, 3 * PAGE)
            assert process.wait() == 0 and counts_of(counts) == 200000, goal


if __name__ == "__main__":
    tap.run(*tap.cases_in(globals(), run_and_cut))
