#!/usr/bin/python3
"""A program's memory is the program's: what it locks of it, and the limits that it has, are as without the recorder. TAP."""
import os
import pathlib
import re
import resource
import subprocess
import tempfile

from recorded import options, program, report_on, tap

LEVELS = ("order", "full")
MIB = 1 << 10  # in the unit of /proc/self/status


def run(words, environment, limit):
    return subprocess.run(words, env=environment, capture_output=True, text=True, check=False,
                          preexec_fn=lambda: limit and resource.setrlimit(resource.RLIMIT_DATA, (limit, limit)))


def kib_of(status, name):
    return int(re.search(rf"^{name}:\s*(\d+) kB$", status.read_text(encoding="utf-8"), re.MULTILINE)[1])


def run_both(how, limit=None):
    """Does the same and says the same at each level; what is locked and resident differs by little."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        words = [program("memory"), how]
        plain = run([*words, str(folder / "plain")], dict(os.environ), limit)
        assert plain.returncode == 0 and plain.stdout.endswith("threads: 3\n"), plain
        for level in LEVELS:
            log = folder / f"{level}.ilk"
            ran = run([*words, str(folder / level)], options(log, level), limit)
            assert (ran.returncode, ran.stdout, ran.stderr) == (0, plain.stdout, plain.stderr), (plain, ran)
            for number, more in (("VmLck", 8 * MIB), ("VmRSS", 32 * MIB)):
                before, now = kib_of(folder / "plain", number), kib_of(folder / level, number)
                assert before <= now <= before + more, (how, level, number, before, now)
            report = report_on(log)
            assert report["findings"] == [] and report["logs"][0]["complete"], report
        return plain.stdout


def locked_memory_is_the_programs():
    assert run_both("lock") in ("0, threads: 3\n", "-1, threads: 3\n")  # the latter without the right


def locked_memory_of_an_unprivileged_program_is_within_its_limit():
    assert run_both("unprivileged") == "0, threads: 3\n"


def memory_locked_on_fault_is_the_programs():
    run_both("on-fault")


def a_wrong_flag_is_refused():
    assert run_both("wrong") == "-1, threads: 3\n"


def a_limit_of_data_set_by_the_program_is_for_the_program():
    assert run_both("data") == "0, threads: 3\n"


def a_limit_of_data_from_the_start_is_for_the_program():
    assert run_both("large", 100 << 20) == "1, threads: 3\n"


def a_limit_of_address_space_is_for_the_program_and_read_as_it_was_set():
    assert run_both("space") == "0, threads: 3\n"


if __name__ == "__main__":
    tap.run(*tap.cases_in(globals(), run, kib_of, run_both))
