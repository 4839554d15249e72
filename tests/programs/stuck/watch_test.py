#!/usr/bin/python3
"""interlock watch: a table once, of a process and of its log; JSON; --guard; a linked program's watchdog; wrong calls. Prints TAP.
Usage: watch_test.py INTERLOCK PROGRAM (tests/programs/stuck/cycles) SIGNALS (tests/programs/stuck/signals)
ACROSS (tests/programs/stuck/across) LIBRARY"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import report_json  # noqa: E402  (found in the folder above)
import tap  # noqa: E402

INTERLOCK, PROGRAM, SIGNALS, ACROSS, LIBRARY = sys.argv[1:]
SECONDS_MAX = 60


def watch(*words):
    return subprocess.run([INTERLOCK, "watch", *map(str, words)], capture_output=True, text=True, check=False, timeout=SECONDS_MAX)


def await_that(what):
    end = time.monotonic() + SECONDS_MAX
    while time.monotonic() < end:
        made = what()
        if made:
            return made
        time.sleep(0.05)
    raise AssertionError("it did not come to that in time")


class hanging:
    """A program that hangs with a log, and nobody who watches."""

    def __init__(self, folder, options="", how="with-others-behind", name="hanging.ilk", program=PROGRAM, level="full", before=()):
        self.log = folder / name
        environment = {**os.environ, "LD_PRELOAD": LIBRARY, "INTERLOCK_OPTIONS": f"log_path={self.log}:level={level}{options}"}
        self.process = subprocess.Popen([*before, program, how], env=environment, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, text=True, start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.communicate()


def json_of(target):
    done = watch("--once", "--format", "json", target)
    return json.loads(done.stdout) if done.returncode == 0 else None


def stuck(target):
    """The table once all four threads are in it: the two that are stuck are so before the others have come."""
    made = json_of(target)
    return made if made and [one["plight"] for one in made["threads"]].count("none") == 0 and len(made["threads"]) == 4 else None


def check(made):
    by_name = {one["name"]: one for one in made["threads"]}
    assert by_name["alice"]["plight"] == by_name["bob"]["plight"] == "stuck", made
    assert by_name["carol"]["plight"] == by_name["main"]["plight"] == "behind", made
    assert [one["lock"]["name"] for one in by_name["alice"]["holds"]] == ["a"], made
    assert by_name["alice"]["wants"]["lock"]["name"] == "b", made
    assert by_name["bob"]["wants"]["blocking"] == "forever", made
    assert [one["kind"] for one in made["stuck"]] == ["deadlock"], made


def a_process_and_its_log_show_the_same():
    with tempfile.TemporaryDirectory() as name:
        with hanging(pathlib.Path(name), ":report=0") as program:
            made = await_that(lambda: stuck(program.process.pid))
            check(made)
            assert made["pid"] == program.process.pid
            assert all(one["wants"].get("age_s", 0) >= 0 for one in made["threads"] if "wants" in one)
            table = watch("--once", "--color", "always", program.process.pid).stdout
        check(json_of(program.log))
    assert "STUCK" in table and "behind" in table and "\x1b[1;31m" in table and "deadlock" in table, table
    assert "\x1b" not in watch("--once", "--color", "never", program.log).stdout


def a_wait_grows_old_wherever_its_thread_waits():
    """On a small stack too; one call has one look, so the age is what the thread's page says."""
    with tempfile.TemporaryDirectory() as name:
        with hanging(pathlib.Path(name), ":report=0", "on-a-small-stack", program=SIGNALS) as program:
            def ages():
                return [one["wants"].get("age_s", 0) for one in (json_of(program.log) or {"threads": []})["threads"] if "wants" in one]
            await_that(lambda: [age for age in ages() if age > 0.5])


def a_guard_reports_and_kills():
    with tempfile.TemporaryDirectory() as name:
        with hanging(pathlib.Path(name), ":report=0") as program:
            await_that(lambda: stuck(program.process.pid))
            done = watch("--guard", "--on-deadlock", "kill", program.process.pid)
            assert done.returncode == 66, done
            assert "deadlock" in done.stderr and "stuck behind it: carol" in done.stderr, done.stderr
            assert program.process.wait(SECONDS_MAX) == -signal.SIGKILL


def a_linked_program_is_watched():
    with tempfile.TemporaryDirectory() as name:
        with hanging(pathlib.Path(name), ":watchdog=5") as program:
            assert program.process.wait(SECONDS_MAX) == -signal.SIGKILL
            said = program.process.stderr.read()
        assert "interlock: deadlock" in said, said


def a_child_that_a_linked_program_forks_is_watched():
    with tempfile.TemporaryDirectory() as name:
        with hanging(pathlib.Path(name), ":watchdog=5:report=0", "in-a-child", "%p.ilk") as program:
            assert program.process.wait(SECONDS_MAX) == 0, "the child alone is killed, and its parent goes on"
            said = program.process.stderr.read()
        assert said.count("interlock: deadlock") == 2, said  # of the warning and of the summary


def what_a_log_that_nobody_watched_cannot_tell_is_said():
    """Of threads that waited when their process was killed; nothing of those of a process that could have gone on."""
    def unseen(how, program, threads):
        with tempfile.TemporaryDirectory() as name:
            with hanging(pathlib.Path(name), ":report=0", how, program=program, level="order") as run:
                await_that(lambda: len([one for one in (json_of(run.log) or {"threads": []})["threads"] if "wants" in one]) == threads)
            done = subprocess.run([INTERLOCK, "analyze", "--format", "json", run.log], capture_output=True, text=True, check=False,
                                  timeout=SECONDS_MAX)
            report = report_json.read(done.stdout)
            return report["findings"], [one for one in report["logs"][0]["blind_spots"] if "at the log's end" in one]

    found, said = unseen("nobody-notifies", SIGNALS, 2)
    assert found == [] and len(said) == 1 and said[0].startswith("whether a thread at signals.cpp:"), (found, said)
    found, said = unseen("holder-in-a-process-that-ended", SIGNALS, 1)
    assert found == [] and len(said) == 1 and said[0].startswith("who had the lock that a thread at signals.cpp:"), (found, said)
    found, said = unseen("with-others-behind", PROGRAM, 4)
    assert len(found) == 1 and said == [], (found, said)


def processes_that_wait_for_each_other_are_told_of_and_one_that_sleeps_is_not():
    with tempfile.TemporaryDirectory() as name:
        def run(how, seconds):
            report = pathlib.Path(name, how + ".json")
            process = subprocess.Popen([INTERLOCK, "run", "--watchdog", "0.5", "--format", "json", "--report", report, ACROSS, how],
                                       stderr=subprocess.DEVNULL, start_new_session=True)
            try:
                status = process.wait(seconds)
            except subprocess.TimeoutExpired:
                status = None
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(SECONDS_MAX)
            return status, json.loads(report.read_text(encoding="utf-8")) if report.exists() else {"findings": []}

        status, told = run("hangs", SECONDS_MAX)
        found = told["findings"]
        assert not [one for log in told["logs"] for one in log["blind_spots"] if "outlives" in one], "both were killed"
        assert status == 66 and [one["kind"] for one in found] == ["stalled"] * len(found) and found, (status, found)
        assert {frame["line"] for one in found for frame in one["stack"][:1]} and all("another process" in one["why"] for one in found), found
        assert run("sleeps", 4) == (None, {"findings": []}), "its holder sleeps"


def in_a_namespace():
    """What runs a program as the first of a namespace of processes, where it has other numbers. With it dies all in there."""
    command = ["unshare", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "--fork", "--pid", "--kill-child"]
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode != 0:
        raise tap.Skipped("no namespace of processes can be made here")
    return command


def threads_in_a_namespace_of_their_own_are_told_of():
    command = in_a_namespace()
    for program, how, kind in ((PROGRAM, "mutexes", "deadlock"), (SIGNALS, "notifier-ended", "stalled")):
        with tempfile.TemporaryDirectory() as name:
            report = pathlib.Path(name, "report.json")
            done = subprocess.run([INTERLOCK, "run", "--watchdog", "0.5", "--on-deadlock", "kill", "--log", f"{name}/%p.ilk", "--format",
                                   "json", "--report", report, "--fail-on", "warning", "--", *command, program, how],
                                  capture_output=True, text=True, check=False, timeout=SECONDS_MAX)
            assert done.returncode == 66, done
            told = report_json.read(report.read_text(encoding="utf-8"))
            assert [one["kind"] for one in told["findings"]] == [kind], told["findings"]


def a_process_in_a_namespace_of_its_own_is_watched():
    command = in_a_namespace()
    with tempfile.TemporaryDirectory() as name:
        with hanging(pathlib.Path(name), ":report=0", name="%p.ilk", before=command) as program:
            children = pathlib.Path(f"/proc/{program.process.pid}/task/{program.process.pid}/children")
            inside = await_that(children.read_text).split()[0]
            check(await_that(lambda: stuck(inside)))


def wrong_calls_are_told():
    assert watch().returncode == 2
    assert watch("--once", "0x").returncode == 3
    done = watch("--once", os.getpid())
    assert done.returncode == 3 and len(done.stderr.splitlines()) == 1, done
    done = watch("--once", 2 ** 22 + 5)
    assert done.returncode == 3 and "no such process" in done.stderr, done
    for given in ("x", "-5", "nan", "1s"):
        done = watch(f"--watchdog={given}", 1)
        assert done.returncode == 2 and f"'{given}' is not a number of seconds, 0 or more" in done.stderr, done


if __name__ == "__main__":
    tap.run(*tap.cases_in(globals(), watch, await_that, json_of, stuck, check, in_a_namespace))
