#!/usr/bin/python3
"""Programs that press the recorder where it could do harm: they print and answer as without it, and their logs are readable. TAP.

INTERLOCK_SOAK=1 (`./dev soak`) takes the whole numbers.
"""
import json
import os
import pathlib
import re
import subprocess
import tempfile

from recorded import INTERLOCK, PROGRAMS, options, program, report_on, tap

LONG = os.environ.get("INTERLOCK_SOAK") == "1"


def run_both(folder, words, level="full", pattern="log.ilk", more=""):
    """Runs a program without and with the library; the logs that it left."""
    plain = subprocess.run(words, capture_output=True, text=True, check=False)
    ran = subprocess.run(words, env=options(pathlib.Path(folder) / pattern, level, more), capture_output=True, text=True,
                         check=False)
    assert plain.returncode == 0, plain
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, plain.stdout, plain.stderr), (plain, ran)
    return sorted(pathlib.Path(folder).glob("*.ilk"))


def kinds_of(logs):
    """How many records of each kind there are in the dumps of the logs."""
    found = {}
    for log in logs:
        dump = subprocess.run([INTERLOCK, "dump", str(log)], capture_output=True, text=True, check=True).stdout
        for line in dump.splitlines():
            words = line.split()
            if len(words) > 1:
                found[words[1]] = found.get(words[1], 0) + 1
    return found


def a_profiling_signal_changes_nothing():
    for level in ("order", "full"):
        with tempfile.TemporaryDirectory() as folder:
            report = report_on(*run_both(folder, [program("profiled")], level))
            assert report["findings"] == [], report["findings"]


def every_forked_child_has_its_log():
    threads, forks = (32, 313) if LONG else (32, 8)
    with tempfile.TemporaryDirectory() as folder:
        logs = run_both(folder, [program("forks_many"), str(threads), str(forks)], "order")
        assert len(logs) == 1 + threads * forks, len(logs)
        report = report_on(*logs[:64])
        assert report["findings"] == [] and all(log["complete"] for log in report["logs"]), report


def robust_and_shared_mutexes_keep_their_attributes():
    with tempfile.TemporaryDirectory() as folder:
        logs = run_both(folder, [program("robust")])
        assert kinds_of(logs).get("owner_died") == 6, kinds_of(logs)
        told = {finding["kind"] for finding in report_on(*logs, statuses=(0, 66))["findings"]}
        assert told <= {"held-at-thread-exit"}, told  # which the owner's death is


def cancelled_waiters_clean_up():
    rounds = 100 if LONG else 10
    for level in ("order", "full"):
        with tempfile.TemporaryDirectory() as folder:
            logs = run_both(folder, [program("cancels"), str(rounds)], level)
            assert report_on(*logs)["findings"] == []


def check_inversions_of_both(logs):
    """alpha and beta each have an inversion, told by their own functions alone."""
    text = [json.dumps(finding) for finding in report_on(*logs, statuses=(66,))["findings"]]
    assert len(text) == 2, text
    for name, other in (("alpha", "beta"), ("beta", "alpha")):
        own = [one for one in text if f"{name}_forward" in one and f"{name}_backward" in one]
        assert len(own) == 1 and f"{other}_" not in own[0], (name, own)


def libraries_that_come_and_go_under_locking_threads_are_never_mistaken():
    libraries = [f"{PROGRAMS}/liblimits-{name}.so" for name in ("alpha", "beta")]
    with tempfile.TemporaryDirectory() as folder:
        times = 2000 if LONG else 100
        logs = run_both(folder, [program("turns"), *libraries, str(times)])
        called = {}  # by thread, the library of each place where it locked: a thread calls into one of them only
        dump = subprocess.run([INTERLOCK, "dump", str(logs[0])], capture_output=True, text=True, check=True).stdout
        for agent, name in re.findall(r"^(T\d+) acquire .* @ liblimits-(\w+)\.so\+", dump, re.MULTILINE):
            called.setdefault(agent, []).append(name)
        expected = [[name] * count for name in ("alpha", "beta") for count in (2, 2, 2 * times)]
        assert sorted(called.values()) == expected, {agent: (len(names), set(names)) for agent, names in called.items()}
        check_inversions_of_both(logs)


def libraries_in_turn_at_one_address_keep_their_names():
    libraries = [f"{PROGRAMS}/liblimits-{name}.so" for name in ("alpha", "beta")]
    with tempfile.TemporaryDirectory() as folder:
        check_inversions_of_both(run_both(folder, [program("turns"), *libraries, "0"]))


def many_threads_at_once_need_few_mappings():
    threads = "10000" if LONG else "2000"
    with tempfile.TemporaryDirectory() as folder:
        mapped = []
        for level in (None, "order", "full"):
            counted = pathlib.Path(folder) / "mappings"
            environment = dict(os.environ) if level is None else options(pathlib.Path(folder) / f"{level}.ilk", level)
            ran = subprocess.run([program("threads_at_once"), threads, str(counted)], env=environment, capture_output=True,
                                 text=True, check=True)
            assert ran.stdout.endswith("all there: 1\n"), ran
            mapped.append((int(ran.stdout.split()[0]), int(counted.read_text(encoding="utf-8"))))
        plain, *recorded = mapped
        print(f"# threads, mappings: {plain} without, {recorded} with the library")
        for made, count in recorded:
            assert made == plain[0] and count <= plain[1] + 100, mapped


def told_by_thread_sanitizer(words, environment):
    """The kinds of its reports: their innermost frame is our hook's with us, its caller's without."""
    ran = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout, re.findall(r"^(?:SUMMARY: ThreadSanitizer: [a-z -]+|FATAL: .*)", ran.stderr, re.MULTILINE)


def thread_sanitizer_tells_what_it_would_have_told():
    expected = {"clean": [], "inversion": ["lock-order-inversion"], "race": ["data race"]}
    for how, kinds in expected.items():
        words = [program("sanitized"), how]
        plain = told_by_thread_sanitizer(words, dict(os.environ))
        if plain[1] == "":
            raise tap.Skipped("the runtime of ThreadSanitizer does not run on this machine")
        assert len(plain[2]) == len(kinds) and all(kind in told for kind, told in zip(kinds, plain[2])), plain
        for level in ("order", "full"):
            with tempfile.TemporaryDirectory() as folder:
                log = pathlib.Path(folder) / "log.ilk"
                assert told_by_thread_sanitizer(words, options(log, level)) == plain, (how, level)
                found = [finding["kind"] for finding in report_on(log, statuses=(0, 66))["findings"]]
                assert found == (["lock-order-cycle"] if how == "inversion" else []), (how, level, found)


if __name__ == "__main__":
    tap.run(*tap.cases_in(globals(), run_both, kinds_of, check_inversions_of_both, told_by_thread_sanitizer))
