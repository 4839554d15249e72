#!/usr/bin/python3
"""Disks that are full after any number of pages, so that every growth of a log fails once: the program does and says what it does without
the library, the log is read as far as it goes, and what it lacks is told. TAP.

The disks are small tmpfs mounts, which need root: without it all is left out, and says so.
"""
import os
import pathlib
import re
import subprocess
import tempfile

from recorded import PROGRAMS, counts_file, counts_of, options, program, report_on, tap

PAGE = 4096
NOT_BEGUN = r"interlock: cannot create the log .*: no space left on the device; nothing is recorded"


class disk:
    """An empty file system with room for so many pages, mounted anew for each size."""

    def __init__(self, folder, pages):
        self.path = pathlib.Path(folder) / "disk"
        self.path.mkdir(exist_ok=True)
        self.pages = pages

    def __enter__(self):
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.pages * PAGE}", "tmpfs", str(self.path)], check=True)
        return self.path

    def __exit__(self, *_):
        subprocess.run(["umount", str(self.path)], check=True)


def is_whole(log):
    """Whether the log lost nothing; that it did is told with the reason."""
    told = report_on(log, statuses=(0, 66))["logs"][0]
    assert told["complete"] == (told["lost_events"] == 0), told
    assert told["complete"] or any("disk" in spot for spot in told["blind_spots"]), told
    return told["complete"]


def fill(words, sizes, levels=("order", "full"), statuses=(0,)):
    """Runs the program on each disk; for each level, on how many its log was whole and on how many not."""
    plain = subprocess.run(words, capture_output=True, text=True, check=False)
    assert plain.returncode in statuses, plain
    outcome = {}
    for level in levels:
        for pages in sizes:
            with tempfile.TemporaryDirectory() as folder, disk(folder, pages) as room:
                log = room / "log.ilk"
                ran = subprocess.run(words, env=options(log, level), capture_output=True, text=True, check=False)
                assert (ran.returncode, ran.stdout) == (plain.returncode, plain.stdout), (level, pages, plain, ran)
                not_begun = ran.stderr.removesuffix(plain.stderr).splitlines()  # a line for each process without a log
                assert all(re.fullmatch(NOT_BEGUN, line) for line in not_begun), (level, pages, ran)
                assert log.exists() or not_begun, (level, pages, ran)
                whole = [is_whole(one) for one in room.glob("log*.ilk")]
                lost = bool(not_begun) or not all(whole)
                outcome.setdefault(level, [0, 0])[lost] += 1
    print(f"# {pathlib.Path(words[0]).name}: logs whole and not {outcome}")
    return outcome


def every_growth_of_a_long_log_may_fail():
    with tempfile.TemporaryDirectory() as folder:
        sections = 3000
        counts = counts_file(folder)
        outcome = fill([program("counted"), str(counts), str(sections)], range(1, 72), levels=["full"])
        assert counts_of(counts) == 2 * sections
        assert min(outcome["full"]) > 0, outcome


def every_growth_of_a_short_log_may_fail():
    libraries = [f"{PROGRAMS}/liblimits-{name}.so" for name in ("alpha", "beta")]
    for words, statuses in (([program("secure")], (7,)), ([program("robust")], (0,)),
                            ([program("turns"), *libraries, "3"], (0,))):
        outcome = fill(words, range(1, 24), statuses=statuses)
        assert all(partly > 0 for _, partly in outcome.values()), outcome


if __name__ == "__main__":
    if os.geteuid() == 0:
        tap.run(*tap.cases_in(globals(), is_whole, fill))
    else:
        print("1..0 # SKIP needs root to mount small file systems")
