#!/usr/bin/python3
"""`interlock snapshot` on core dumps: the same deadlock as in the process, and one line for what is none. Prints TAP.

Usage: core_test.py INTERLOCK STUCK STUCK_STATIC STUCK_STRIPPED HEALTHY GUARDS
"""
import contextlib
import os
import pathlib
import resource
import signal
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import report_json  # noqa: E402  (found beside this folder)
import tap  # noqa: E402
from looking import (CLEAN, FOUND, SECONDS_MAX, STUCK, UNUSABLE, call, cycle_of, functions_of, look, only_finding, refused, ring,
                     running)  # noqa: E402


@contextlib.contextmanager
def core_of(*arguments):
    """A core dump by gcore."""
    with tempfile.TemporaryDirectory(prefix="interlock-snapshot.") as folder:
        with running(*arguments) as process:
            done = subprocess.run(["gcore", "-o", f"{folder}/core", str(process.pid)], capture_output=True, text=True,
                                  timeout=SECONDS_MAX, check=False)
            assert done.returncode == 0, done
        yield pathlib.Path(f"{folder}/core.{process.pid}")


def renamed(edges, finding):
    """A core does not keep the names of threads: they are told apart by what they hold."""
    assert len({one["name"] for one in finding["threads"]}) == len(edges)
    return {(held, wanted) for _, held, wanted in edges} == {(held, wanted) for _, held, wanted in cycle_of(finding)}


def a_core_by_gcore_shows_the_deadlock():
    with core_of(STUCK, "mutex", 5) as core:
        report = look(core, FOUND)
    finding = only_finding(report)
    assert renamed(ring("m", 5), finding), finding
    assert functions_of(finding) == {"hold_and_want"}
    assert report["logs"][0]["complete"] and report["logs"][0]["program"] == STUCK, report["logs"]


def a_core_shows_writers_and_joins():
    with core_of(STUCK, "rwlock", 2) as core:
        assert renamed(ring("rw", 2), only_finding(look(core, FOUND)))
    with core_of(STUCK, "joins") as core:
        assert len(only_finding(look(core, FOUND))["edges"]) == 2


def a_core_and_its_process_have_the_same_finding():
    with running(STUCK, "mutex", 2) as process:
        live = only_finding(look(process.pid, FOUND))["id"]
    with core_of(STUCK, "mutex", 2) as core:
        assert only_finding(look(core, FOUND))["id"] == live


def a_core_by_the_kernel_shows_the_deadlock():
    pattern = pathlib.Path("/proc/sys/kernel/core_pattern").read_text(encoding="utf-8").strip()
    if "/" in pattern or pattern.startswith("|") or "%" in pattern:
        raise tap.Skipped(f"core dumps go elsewhere here (kernel.core_pattern is {pattern}); those by gcore are tried")
    unlimited = resource.getrlimit(resource.RLIMIT_CORE)[1]
    if unlimited == 0:
        raise tap.Skipped("this user may make no core dumps (RLIMIT_CORE); those by gcore are tried")
    with tempfile.TemporaryDirectory(prefix="interlock-snapshot.") as folder:
        with running(STUCK, "mutex", 2, cwd=folder,
                     preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (unlimited, unlimited))) as process:
            os.kill(process.pid, signal.SIGABRT)
            process.wait(SECONDS_MAX)
        cores = list(pathlib.Path(folder).iterdir())
        assert len(cores) == 1, cores
        assert renamed(ring("m", 2), only_finding(look(cores[0], FOUND)))


def what_is_no_core_is_refused():
    with tempfile.TemporaryDirectory(prefix="interlock-snapshot.") as folder:
        folder = pathlib.Path(folder)
        refused(call(folder / "none"), "none: offset 0: No such file")
        refused(call(folder), "no regular file")
        (folder / "empty").write_bytes(b"")
        refused(call(folder / "empty"), "empty: offset 0: ", "no core dump")
        (folder / "text").write_text("not a core\n")
        refused(call(folder / "text"), "no core dump")
        os.mkfifo(folder / "pipe")
        refused(call(folder / "pipe"), "no regular file")
        refused(call(STUCK), "no core dump")


def a_core_of_another_machine_is_refused():
    header = bytearray(b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 4, 183, 1, 0, 0, 0, 0, 64, 56, 0, 0, 0, 0))
    with tempfile.TemporaryDirectory(prefix="interlock-snapshot.") as folder:
        core = pathlib.Path(folder, "core")
        core.write_bytes(header)
        refused(call(core), "AArch64")
        header[18:20] = struct.pack("<H", 62)
        core.write_bytes(header)
        refused(call(core), "no notes of threads")


def a_core_that_is_cut_short_is_read_as_far_as_it_goes():
    with core_of(STUCK, "mutex", 2) as core:
        whole = core.read_bytes()
        told = set()
        for size in (0, 4, 63, 64, 100, 1000, 4096, 10000, *range(20000, len(whole), max(1, len(whole) // 20))):
            core.write_bytes(whole[:size])
            done = call("--format", "json", core)
            assert done.returncode in (CLEAN, FOUND, UNUSABLE), done
            if done.returncode == UNUSABLE:
                refused(done, str(core))
            else:
                report = report_json.read(done.stdout)
                assert not report["logs"][0]["complete"] and report["logs"][0]["blind_spots"], report["logs"]
            told.add(done.returncode)
        assert UNUSABLE in told, told


if __name__ == "__main__":
    tap.run(*tap.cases_in(globals(), core_of, renamed))
