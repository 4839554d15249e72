#!/usr/bin/python3
"""`interlock snapshot` on processes and core dumps that nobody prepared: the deadlock that is there, nothing where there is none, one line
where it cannot look, and no process the worse for it. Prints TAP.

Usage: snapshot_test.py INTERLOCK STUCK STUCK_STATIC STUCK_STRIPPED HEALTHY GUARDS
"""
import contextlib
import os
import pathlib
import pwd
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))
import report_json  # noqa: E402  (found beside this folder)
import tap  # noqa: E402

INTERLOCK, STUCK, STATIC, STRIPPED, HEALTHY, GUARDS = (str(pathlib.Path(one).resolve()) for one in sys.argv[1:7])
PYTHON = [sys.executable, str(HERE / "two_locks.py")]
SECONDS_MAX = 60
FOUND, CLEAN, WRONG_CALL, UNUSABLE = 66, 0, 2, 3
TRACER = """
import ctypes, os, sys
for task in os.listdir(f"/proc/{sys.argv[1]}/task"):
    if ctypes.CDLL(None).ptrace(0x4206, int(task), None, None) != 0:  # PTRACE_SEIZE
        sys.exit("not permitted")
print("ready", flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def running(*command, **how):
    """A program that has said "ready"; it does not outlive the test."""
    process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                               start_new_session=True, **how)
    try:
        line = process.stdout.readline()
        assert line == "ready\n", f"{command} said {line!r}"
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def call(*arguments, **how):
    done = subprocess.run([INTERLOCK, "snapshot", *(str(one) for one in arguments)], capture_output=True, text=True,
                          timeout=SECONDS_MAX, check=False, **how)
    assert done.returncode >= 0, f"it crashed: {done}"
    return done


def look(what, status):
    """The JSON report, checked against the schema and the exit status."""
    done = call("--format", "json", what)
    assert done.returncode == status, f"status {done.returncode}: {done.stderr}{done.stdout[:2000]}"
    return report_json.read(done.stdout)


def look_until(what, holds):
    """A process may still be on its last steps into the wait: looks again until `holds`."""
    end = time.monotonic() + SECONDS_MAX
    while True:
        done = call("--format", "json", what)
        report = report_json.read(done.stdout)
        if holds(report) or time.monotonic() > end:
            return report


def refused(done, *words):
    assert done.returncode == UNUSABLE, done
    assert done.stdout == "", done.stdout
    lines = done.stderr.splitlines()
    assert len(lines) == 1, lines
    for word in words:
        assert word in lines[0], f"{word!r} is not in {lines[0]!r}"


def cycle_of(finding):
    """Who holds what and wants what, by names."""
    threads = {one["id"]: one.get("name") for one in finding["threads"]}
    locks = {one["id"]: one.get("name") for one in finding["locks"]}
    return {(threads[edge["thread"]], locks[edge["held"]], locks[edge["wanted"]]) for edge in finding["edges"]}


def only_finding(report, kind="deadlock"):
    assert len(report["findings"]) == 1, report["findings"]
    finding = report["findings"][0]
    assert (finding["kind"], finding["verdict"], finding["severity"]) == (kind, "observed", "error"), finding
    for name, condition in finding["coffman"].items():
        assert condition["holds"] == "yes" and condition["because"], (name, condition)
    return finding


def ring(lock, count):
    return {(f"t{i}", f"{lock}[{i}]", f"{lock}[{(i + 1) % count}]") for i in range(count)}


def functions_of(finding):
    return {edge["wanted_stack"][0]["function"].split("(")[0] for edge in finding["edges"]}


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


def a_request_that_the_kernel_refused_is_told():
    with running(STUCK, "inherit", 2) as process:
        report = look_until(process.pid, lambda report: "refusing" in {one["holder"] for one in report["waits"]})
        assert "it waits for ever" in call(process.pid).stdout
    assert report["findings"] == [], report["findings"]
    assert sorted(one["holder"] for one in report["waits"]) == ["refusing", "thread"], report["waits"]


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


def main():
    tap.run(*tap.cases_in(globals(), running, call, look, look_until, refused, cycle_of, only_finding, ring, functions_of,
                          check_ring, check_guards, check_left, waits_of, state_of, core_of, renamed, main))


if __name__ == "__main__":
    main()
