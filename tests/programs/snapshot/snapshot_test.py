#!/usr/bin/python3
"""`interlock snapshot` on processes that nobody prepared: the deadlock that is there, nothing where there is none, one line where it cannot
look, and no process the worse for it. Prints TAP.

Usage: snapshot_test.py INTERLOCK STUCK STUCK_STATIC STUCK_STRIPPED HEALTHY GUARDS
"""
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import report_json  # noqa: E402  (found beside this folder)
import tap  # noqa: E402
from looking import (CLEAN, FOUND, GUARDS, HEALTHY, INTERLOCK, SECONDS_MAX, STATIC, STRIPPED, STUCK, WRONG_CALL, call, cycle_of,
                     functions_of, look, look_until, only_finding, refused, ring, running)  # noqa: E402

PYTHON = [sys.executable, str(pathlib.Path(__file__).resolve().parent / "two_locks.py")]
TRACER = """
import ctypes, os, sys
for task in os.listdir(f"/proc/{sys.argv[1]}/task"):
    if ctypes.CDLL(None).ptrace(0x4206, int(task), None, None) != 0:  # PTRACE_SEIZE
        sys.exit("not permitted")
print("ready", flush=True)
sys.stdin.read()
"""


def check_ring(kind, count, type_word, lock="m", mode="exclusive"):
    with running(STUCK, kind, count) as process:
        finding = only_finding(look(process.pid, FOUND))
    assert cycle_of(finding) == ring(lock, count), cycle_of(finding)
    assert {one["type"] for one in finding["locks"]} == {type_word}, finding["locks"]
    assert {edge["wanted_mode"] for edge in finding["edges"]} == {mode}
    assert functions_of(finding) == {"hold_and_want"}, functions_of(finding)


def names_a_deadlock_of_two_mutexes():
    check_ring("mutex", 2, "mutex")


def names_a_deadlock_of_five_mutexes():
    check_ring("mutex", 5, "mutex")


def names_a_deadlock_of_recursive_mutexes():
    check_ring("recursive", 2, "recursive-mutex")


def names_a_deadlock_of_error_checking_mutexes():
    check_ring("errorcheck", 2, "error-checking-mutex")


def names_a_deadlock_of_adaptive_mutexes():
    check_ring("adaptive", 2, "adaptive-mutex")


def names_a_deadlock_of_robust_mutexes():
    check_ring("robust", 2, "mutex")


def names_a_deadlock_of_process_shared_mutexes():
    check_ring("shared", 2, "mutex")


def names_a_deadlock_of_writers():
    check_ring("rwlock", 2, "shared-mutex", "rw")


def names_a_deadlock_of_readers_behind_writers():
    check_ring("rwlock-read", 5, "shared-mutex", "rw", "shared")


def names_a_self_deadlock():
    with running(STUCK, "self") as process:
        finding = only_finding(look(process.pid, FOUND), "self-deadlock")
    assert cycle_of(finding) == {("alone", "m[0]", "m[0]")}


def names_a_join_under_a_lock():
    with running(STUCK, "join") as process:
        finding = only_finding(look(process.pid, FOUND))
    assert cycle_of(finding) == {("joiner", "m[0]", "the end of joined"), ("joined", "the end of joined", "m[0]")}


def names_mutual_joins():
    with running(STUCK, "joins") as process:
        finding = only_finding(look(process.pid, FOUND))
    assert cycle_of(finding) == {("left", "the end of left", "the end of right"),
                                 ("right", "the end of right", "the end of left")}


def looks_at_a_process_whose_main_thread_has_ended():
    with running(STUCK, "left_alone") as process:
        finding = only_finding(look_until(process.pid, lambda report: report["findings"]))
    assert cycle_of(finding) == {("left", "the end of left", "the end of right"),
                                 ("right", "the end of right", "the end of left")}


def names_a_woken_thread_that_wants_its_mutex_again():
    with running(STUCK, "reacquire") as process:
        finding = only_finding(look_until(process.pid, lambda report: report["findings"]))
    assert cycle_of(finding) == {("woken", "m[0]", "m[1]"), ("notifier", "m[1]", "m[0]")}


def lists_who_is_stuck_behind_a_deadlock():
    with running(STUCK, "behind") as process:
        report = look(process.pid, FOUND)
        text = call(process.pid).stdout
    assert cycle_of(only_finding(report)) == ring("m", 2)
    behind = [one for one in report["waits"] if not one["in_finding"]]
    assert [(one["name"], one["wanted"]["name"], one["holder_name"], one["behind_finding"]) for one in behind] == [
        ("third", "m[0]", "t0", True)], behind
    assert "waits for m[0]: held by t0" in text and "which is stuck" in text, text


def waits_of(way, status=CLEAN):
    with running(STUCK, way) as process:
        report = look_until(process.pid, lambda report: report["waits"])
        assert call(process.pid).returncode == status
    assert report["findings"] == [], report["findings"]
    return {one["name"]: one for one in report["waits"]}


def a_request_that_gives_up_is_no_deadlock():
    waits = waits_of("timed")
    assert waits["patient"]["blocking"] == "timed" and waits["patient"]["holder_name"] == "other", waits
    assert waits["other"]["blocking"] == "forever" and waits["other"]["holder_name"] == "patient", waits


def readers_are_counted_and_not_guessed():
    waits = waits_of("readers")
    assert {one["holder"] for one in waits.values()} == {"readers"} and waits["left"]["readers"] == 1, waits


def names_a_deadlock_of_priority_inheriting_mutexes():
    for count in (2, 3):
        # The kernel refuses whoever closes the ring, or, where both come at once, two: these wait for ever all the same.
        with running(STUCK, "inherit", count) as process:
            finding = only_finding(look_until(process.pid, lambda report: report["findings"]))
        assert cycle_of(finding) == ring("m", count), cycle_of(finding)
        assert functions_of(finding) == {"hold_and_want"}, functions_of(finding)


def check_left(way, waiter, why):
    with running(STUCK, way) as process:
        report = look_until(process.pid, lambda report: report["findings"])
        assert call(process.pid).returncode == FOUND
        text = call(process.pid).stdout
    assert len(report["findings"]) == 1, report["findings"]
    finding = report["findings"][0]
    assert (finding["kind"], finding["verdict"], finding["severity"]) == ("stalled", "observed", "warning"), finding
    assert [one["name"] for one in finding["threads"]] == [waiter] and len(finding["locks"]) == 1, finding
    assert why in finding["why"] and why in text and "without a deadlock" not in text, text
    return {one["name"]: one for one in report["waits"]}[waiter]


def a_lock_whose_owner_has_ended_is_a_stall():
    assert check_left("gone", "waiter", "is no thread of this process: it ended without releasing it")["holder"] == "gone"


def a_priority_inheriting_lock_whose_owner_has_ended_is_a_stall():
    assert check_left("gone-inherit", "waiter", "it ended without releasing it")["wanted"]["name"] == "m[0]"


def a_lock_whose_owner_was_in_a_process_that_is_no_more_is_a_stall():
    assert check_left("gone-elsewhere", "main", "its thread that did is no more")["holder"] == "other-process"


def a_robust_lock_whose_owner_has_ended_is_none():
    with running(STUCK, "gone-robust") as process:
        report = look_until(process.pid, lambda report: report["findings"] == [] and report["waits"] == [])
    assert report["findings"] == [] and report["waits"] == [], report


def an_owner_in_another_process_is_told():
    waits = waits_of("elsewhere")
    assert waits["main"]["holder"] == "other-process", waits


def what_has_no_owner_is_no_deadlock():
    waits = waits_of("ownerless")
    assert waits["listener"]["wanted"]["type"] == "condition", waits
    assert waits["listener"]["wanted"]["name"] == "nobody_notifies", waits
    assert waits["taker"]["wanted"]["type"] == "semaphore" and waits["taker"]["wanted"]["name"] == "nobody_posts", waits
    assert {one["holder"] for one in waits.values()} == {"untold"}, waits


def two_locks_of_python_are_named_without_an_owner():
    with running(*PYTHON) as process:
        def of_semaphores(report):
            return [one for one in report["waits"] if one["wanted"]["type"] == "semaphore" and one["blocking"] == "forever"]
        report = look_until(process.pid, lambda report: len(of_semaphores(report)) == 2)
        text = call(process.pid)
    waits = of_semaphores(report)
    assert len(waits) == 2 and len({one["wanted"]["address"] for one in waits}) == 2, report["waits"]
    assert report["findings"] == [] and text.returncode == CLEAN
    assert {one["holder"] for one in waits} == {"untold"} and "it has no owner" in text.stdout, text.stdout
    assert all(len(one["stack"]) > 1 for one in waits), waits


def a_healthy_process_goes_on_unharmed():
    with running(HEALTHY) as process:
        for _ in range(20):
            report = look(process.pid, CLEAN)
            assert report["findings"] == []
            assert report["logs"][0]["threads"] == 7, report["logs"]
        said, _ = process.communicate("", timeout=SECONDS_MAX)
        assert (said, process.returncode) == ("unharmed\n", 0), said


def check_guards(way, function, locks="ab"):
    """Where the locks were acquired is told by the guards; the log of the same hang gives the finding the same id."""
    with running(GUARDS, way) as process:
        finding = only_finding(look(process.pid, FOUND))
    first, second = locks
    assert cycle_of(finding) == {("left", first, second), ("right", second, first)}, cycle_of(finding)
    for edge in finding["edges"]:
        held, wanted = edge["held_stack"][0], edge["wanted_stack"][0]
        assert function in held["function"] and function in wanted["function"], (held, wanted)
        assert 0 < held["line"] < wanted["line"] and held["file"] == wanted["file"], (held, wanted)
        assert edge["approximate"]
    with tempfile.TemporaryDirectory(prefix="interlock-snapshot.") as folder:
        log = f"{folder}/log.ilk"
        with running(INTERLOCK, "record", "-o", log, "--", GUARDS, way):
            pass
        done = subprocess.run([INTERLOCK, "analyze", "--format", "json", log], capture_output=True, text=True,
                              timeout=SECONDS_MAX, check=False)
    recorded = [one for one in report_json.read(done.stdout)["findings"] if one["kind"] == "deadlock"]
    assert [one["id"] for one in recorded] == [finding["id"]], (recorded, finding)


def a_lock_guard_tells_where_its_lock_was_acquired():
    check_guards("lock_guard", "guarded(")


def a_scoped_lock_tells_where_its_lock_was_acquired():
    check_guards("scoped_lock", "scoped(")


def a_scoped_lock_of_two_tells_where_they_were_acquired():
    check_guards("both", "both(")


def a_unique_lock_tells_where_its_lock_was_acquired():
    check_guards("unique_lock", "unique(")


def a_writers_guard_tells_where_its_lock_was_acquired():
    check_guards("shared", "shared(", "st")


def a_guard_that_holds_nothing_tells_nothing():
    with running(GUARDS, "moved") as process:
        finding = only_finding(look(process.pid, FOUND))
        text = call(process.pid).stdout
    assert [edge["held_stack"] for edge in finding["edges"]] == [[], []], finding["edges"]
    assert "at a place that is not known" in text, text


def state_of(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return next(line.split()[1] for line in status.splitlines() if line.startswith("State:"))


def a_stopped_process_stays_stopped():
    with running(STUCK, "mutex", 2) as process:
        os.kill(process.pid, signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        assert cycle_of(only_finding(look(process.pid, FOUND))) == ring("m", 2)
        assert {state_of(task) for task in os.listdir(f"/proc/{process.pid}/task")} == {"T"}
        os.kill(process.pid, signal.SIGCONT)
        again = look_until(process.pid, lambda report: report["findings"])
        assert cycle_of(only_finding(again)) == ring("m", 2)


def a_process_in_a_debugger_is_left_alone():
    with running(STUCK, "mutex", 2) as process:
        with running(sys.executable, "-c", TRACER, process.pid) as tracer:
            refused(call(process.pid), f"process {tracer.pid}", "traces it already")
        assert cycle_of(only_finding(look(process.pid, FOUND))) == ring("m", 2)


def without_permission_one_line_says_so():
    if os.getuid() != 0:
        refused(call(1), "process 1: ", "no permission")
        return
    with tempfile.TemporaryDirectory(prefix="interlock-snapshot.") as folder, running(STUCK, "mutex", 2) as process:
        os.chmod(folder, 0o755)
        command = shutil.copy(INTERLOCK, folder)
        nobody = pwd.getpwnam("nobody")
        done = subprocess.run([command, "snapshot", str(process.pid)], capture_output=True, text=True, check=False,
                              user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[], cwd=folder, timeout=SECONDS_MAX)
        refused(done, f"process {process.pid}: ", "no permission", "another user")


def what_is_no_process_is_refused():
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
        refused(call(gone.pid), "there is no such process")
    refused(call("99999999999999999999"), "there is no such process")
    refused(call(0), "there is no such process")
    if os.getuid() == 0:
        refused(call(2), "thread of the kernel")


def a_thread_is_told_from_its_process():
    with running(STUCK, "mutex", 2) as process:
        other = next(task for task in os.listdir(f"/proc/{process.pid}/task") if int(task) != process.pid)
        refused(call(other), f"thread of process {process.pid}")


def a_wrong_call_is_told():
    assert call().returncode == WRONG_CALL
    assert call("1", "2").returncode == WRONG_CALL
    assert call("--format", "yaml", "1").returncode == WRONG_CALL


def a_static_program_is_understood():
    with running(STATIC, "mutex", 2) as process:
        assert cycle_of(only_finding(look(process.pid, FOUND))) == ring("m", 2)


def a_stripped_program_is_understood():
    with running(STRIPPED, "mutex", 5) as process:
        finding = only_finding(look(process.pid, FOUND))
    assert len(finding["edges"]) == 5 and {thread["name"] for thread in finding["threads"]} == {f"t{i}" for i in range(5)}
    assert all(lock["address"].startswith("0x") for lock in finding["locks"])


def the_file_of_the_program_may_be_gone():
    with tempfile.TemporaryDirectory(prefix="interlock-snapshot.") as folder:
        program = shutil.copy(STUCK, folder)
        with running(program, "mutex", 2) as process:
            os.unlink(program)
            assert cycle_of(only_finding(look(process.pid, FOUND))) == ring("m", 2)


if __name__ == "__main__":
    tap.run(*tap.cases_in(globals(), check_ring, check_guards, check_left, waits_of, state_of))
