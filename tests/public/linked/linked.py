#!/usr/bin/python3
"""A program that is linked with libinterlock.so and started as it is: what it prints, writes and exits with. All its locks are
in another library. Prints TAP. Usage: linked.py PROGRAM INTERLOCK TOLD"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import tap

PROGRAM, INTERLOCK, TOLD = (os.path.abspath(name) for name in sys.argv[1:4])
SHORT = r"^interlock: lock-order inversion, a potential deadlock \(pid \d+\): (?P<now>.*)\n" \
        r"interlock: (?P<before>.*)\ninterlock: the full report follows at exit\n"
FULL = r"^WARNING: interlock: lock-order-inversion \(potential deadlock\) \(pid=\d+\) \[(?P<verdict>\w+)\]$"
SIDE = r"lock 0x[0-9a-f]+"


class outcome:
    """How one run of the program ended, and the logs it left."""

    def __init__(self, *steps, options=None, under=(), program=PROGRAM, **more):
        variables = {name: value for name, value in os.environ.items() if name not in ("INTERLOCK_OPTIONS", "LD_PRELOAD")}
        if options:
            variables["INTERLOCK_OPTIONS"] = options
        with tempfile.TemporaryDirectory() as folder:
            ran = subprocess.run([*under, program, *steps], cwd=folder, env=variables, capture_output=True, text=True,
                                 timeout=60, check=False, **more)
            self.logs = sorted(os.listdir(folder))
            self.kinds = ""
            if len(self.logs) == 1:
                self.kinds = subprocess.run([INTERLOCK, "dump", f"{folder}/{self.logs[0]}"], capture_output=True, text=True,
                                            check=True).stdout
        self.status, self.output, self.errors = ran.returncode, ran.stdout, ran.stderr
        self.short = re.search(SHORT, self.errors, re.M)
        self.full = re.search(FULL, self.errors, re.M)

    def must(self, good):
        assert good, f"status {self.status}, logs {self.logs}\n{self.output}\n{self.errors}"


def an_inversion_is_told_at_once_and_in_full_at_exit():
    run = outcome("invert")
    run.must(run.status == 66)
    run.must(run.output == "done\n")
    run.must(run.short and run.full)
    run.must(run.short.end() <= run.errors.index("here\n") < run.full.start())
    run.must(run.full["verdict"] == "potential")
    run.must(re.search(r"^SUMMARY: interlock: lock-order-inversion \S*locks.cpp:\d+ in ", run.errors, re.M))


def the_short_report_names_threads_locks_and_places():
    run = outcome("invert")
    now = re.fullmatch(rf"late holds ({SIDE}) and wants ({SIDE}) at (\S+)\+(0x[0-9a-f]+)", run.short["now"])
    before = re.fullmatch(rf"early held ({SIDE}) and wanted ({SIDE}) at (\S+)\+(0x[0-9a-f]+)", run.short["before"])
    run.must(now and before)
    run.must((now[1], now[2]) == (before[2], before[1]))
    for place in (now, before):
        line = subprocess.run(["addr2line", "-i", "-e", place[3], place[4]], capture_output=True, text=True, check=True).stdout
        assert "locks.cpp:" in line, line


def the_log_has_its_default_name_level_and_alarm():
    run = outcome("invert")
    run.must(len(run.logs) == 1 and re.fullmatch(r"interlock\.linked\.\d+\.ilk", run.logs[0]))
    assert re.search(r"^late\S* alarm_order mutex", run.kinds, re.M), run.kinds
    assert not re.search(r"\bacquire\b", run.kinds), run.kinds


def a_clean_program_is_left_silent():
    run = outcome("agree")
    run.must((run.status, run.output, run.errors) == (0, "done\n", "here\n"))
    run.must(len(run.logs) == 1)
    assert "alarm_order" not in run.kinds and "dependency" in run.kinds, run.kinds


def a_ring_of_three_is_told_at_once():
    run = outcome("ring")
    run.must(run.status == 66 and run.short and run.full)
    run.must(run.short["before"].count(" held ") == 2)


def threads_that_overlap_are_not_ordered_by_a_join():
    run = outcome("invert_across_join")
    run.must(run.status == 66 and run.short and run.full)


def what_cannot_happen_is_not_told_at_once():
    for steps, status, verdict in (("invert_under_gate", 0, "guarded"), ("invert_in_turn", 66, "ordered"),
                                   ("invert_by_trying", 0, None), ("invert_shared", 0, None)):
        run = outcome(steps)
        run.must(not run.short and run.status == status)
        run.must(verdict is None or f"[{verdict}]" in run.errors)


def only_the_first_inversion_is_told_at_once():
    run = outcome("invert", "ring")
    run.must(len(re.findall(SHORT, run.errors, re.M)) == 1)
    run.must(len(re.findall(FULL, run.errors, re.M)) == 2)


def a_status_of_its_own_is_kept():
    run = outcome("invert", "exit_3")
    run.must(run.status == 3 and run.full)


def report_0_says_nothing():
    run = outcome("invert", options="report=0")
    run.must((run.status, run.errors) == (0, "here\n"))
    run.must(len(run.logs) == 1)


def exitcode_is_the_status():
    run = outcome("invert", options="exitcode=5")
    run.must(run.status == 5 and run.full)
    run = outcome("invert", options="exitcode=0")
    run.must(run.status == 0 and run.full)


def fail_on_and_suppressions_reach_the_report():
    run = outcome("invert", options="fail_on=never")
    run.must(run.status == 0 and run.full)
    with tempfile.NamedTemporaryFile("w") as hidden:
        hidden.write("deadlock:invert\n")
        hidden.flush()
        run = outcome("invert", options=f"suppressions={hidden.name}")
    run.must(run.status == 0 and run.short and not run.full)


def the_declared_order_reaches_the_report():
    with tempfile.TemporaryDirectory() as folder:
        order = pathlib.Path(folder, "lock-order.toml")
        order.write_text("[ranks]\na = 10\nb = 20\n", encoding="utf-8")
        run = outcome("invert", options=f"lock_order={order}")
        run.must(run.status == 66 and "interlock: lock-rank-violation" in run.errors)
        run.must(f"It is observed: {order} declares a (rank 10, {order}:2) before b (rank 20, {order}:3)." in run.errors)


def the_baseline_reaches_the_report():
    with tempfile.TemporaryDirectory() as folder:
        log, known = os.path.join(folder, "before.ilk"), os.path.join(folder, "known")
        outcome("invert", options=f"report=0:log_path={log}")
        subprocess.run([INTERLOCK, "analyze", "--write-baseline", known, log], check=True, capture_output=True)
        run = outcome("invert", options=f"baseline={known}")
        run.must(run.status == 0 and run.short and not run.full)
        run = outcome("invert", "ring", options=f"baseline={known}")
        run.must(run.status == 66 and run.full)


def a_forked_child_reports_for_itself():
    run = outcome("agree", "fork", "invert")
    run.must(run.status == 0 and "child 66\n" in run.output)
    run.must(run.short and len(re.findall(FULL, run.errors, re.M)) == 1)
    run.must(len(run.logs) == 2)


def a_forked_child_that_locks_nothing_is_left_alone():
    run = outcome("invert", "fork")
    run.must(run.status == 66 and "child 0\n" in run.output)
    run.must(len(re.findall(FULL, run.errors, re.M)) == 1)
    run.must(len(run.logs) == 1)


def a_program_that_changes_its_folder_is_reported():
    run = outcome("chdir", "invert")
    run.must(run.status == 66 and run.full)


def a_program_that_ignores_its_children_is_reported():
    run = outcome("ignore_children", "invert")
    run.must(run.status == 66 and run.full)


def without_exit_there_is_no_report():
    run = outcome("invert", "quit")
    run.must(run.status == 0 and run.short and not run.full)


def a_command_that_is_not_there_is_one_line():
    run = outcome("agree", options="command=/nowhere/interlock")
    run.must(run.status == 0)
    run.must(re.fullmatch(r"here\ninterlock: no report at exit: .*; interlock analyze \S+/interlock\.linked\.\d+\.ilk makes it\n",
                          run.errors))
    run = outcome("agree", options="command=/bin/false")
    run.must(run.status == 0 and run.errors.endswith(".ilk makes it\n") and run.errors.count("\n") == 2)


def the_command_does_not_inherit_the_options():
    run = outcome("invert", options="level=full")
    run.must(run.status == 66 and run.full and len(run.logs) == 1)
    assert re.search(r"\bacquire\b", run.kinds), run.kinds


def under_run_the_command_reports_and_nobody_else():
    run = outcome("invert", under=(INTERLOCK, "run"))
    run.must(run.status == 66 and not run.short)
    run.must(len(re.findall(FULL, run.errors, re.M)) == 1)
    run.must(run.logs == [])


HALTED = r"^interlock: lock-order inversion, a potential deadlock \(pid \d+\): late holds .*\ninterlock: early held .*\n" \
         r"interlock: stopped here \(halt_on_error=1\); interlock analyze (\S+) tells more\n"


def halt_on_error_stops_at_the_request_that_closes_a_cycle():
    run = outcome("agree", "invert", options="halt_on_error=1")
    run.must(run.status == -6 and "done" not in run.output and not run.full)
    said = re.search(HALTED, run.errors, re.M)
    run.must(said and run.logs == [os.path.basename(said[1])])
    late = [line for line in run.kinds.splitlines() if line.startswith("late")]
    assert " alarm_order " in late[-1] and " dependency " in late[-2], run.kinds
    assert run.kinds.count(" alarm_order ") == 1, run.kinds


def halt_on_error_lets_go_on_what_cannot_happen():
    for steps in ("agree", "invert_under_gate", "invert_in_turn", "invert_by_trying", "invert_shared"):
        run = outcome(steps, options="halt_on_error=1:report=0")
        run.must((run.status, run.output, run.errors) == (0, "done\n", "here\n"))


def a_check_that_is_full_says_so():
    run = outcome("agree", "nest_many", "invert", options="halt_on_error=1:report=0")
    run.must((run.status, run.output) == (0, "done\n"))
    run.must(len(re.findall(r"^interlock: too many lock orders to check them while the program runs: ", run.errors, re.M)) == 1)
    assert run.kinds.count(" dependency ") > 262_144


def what_is_known_does_not_stop_a_program():
    with tempfile.TemporaryDirectory() as folder:
        names = {name: os.path.join(folder, name) for name in ("hidden", "other", "log", "known")}
        pathlib.Path(names["hidden"]).write_text("deadlock:nest\n", encoding="utf-8")
        pathlib.Path(names["other"]).write_text("deadlock:no_such_function\n", encoding="utf-8")
        outcome("invert", options=f"report=0:log_path={names['log']}")
        subprocess.run([INTERLOCK, "analyze", "--write-baseline", names["known"], names["log"]], check=True, capture_output=True)
        for option in (f"suppressions={names['hidden']}", f"baseline={names['known']}"):
            run = outcome("invert", options=f"halt_on_error=1:{option}")
            run.must(run.status == 0 and run.output == "done\n" and not re.search("inversion|stopped", run.errors))
            run = outcome("invert", options=f"halt_on_error=1:{option}", under=(INTERLOCK, "run", "--fail-on", "never"))
            run.must(run.status == 0 and run.output == "done\n")
        for option in (f"suppressions={names['other']}", "baseline=/no/such/file", f"suppressions={names['hidden']}:command=/nowhere"):
            run = outcome("invert", options=f"halt_on_error=1:{option}")
            run.must(run.status == -6 and re.search(HALTED, run.errors, re.M))
        run = outcome(program=TOLD, options=f"suppressions={names['other']}")
        run.must(run.output.count("told of lock-order-cycle") == 2)
        pathlib.Path(names["hidden"]).write_text("deadlock:*\n", encoding="utf-8")
        run = outcome(program=TOLD, options=f"suppressions={names['hidden']}")
        run.must(run.status == 0 and "told of" not in run.output and run.output.endswith("done\n"))


def halt_on_error_stops_in_the_debugger():
    run = outcome("invert", options="halt_on_error=1",
                  under=("gdb", "-nx", "-batch", "-ex", "set startup-with-shell off", "-ex", "run", "-ex", "backtrace", "--args"))
    run.must("SIGTRAP" in run.output and re.search(r"nest \(outer=", run.output) and "SIGABRT" not in run.output)


def halt_on_error_stops_under_run_too():
    run = outcome("invert", options="halt_on_error=1", under=(INTERLOCK, "run"))
    run.must(run.status == 134 and "stopped here" in run.errors)
    run.must(run.full)


def callbacks_are_told_of_each_inversion_once():
    run = outcome(program=TOLD)
    told = re.findall(r"^told of lock-order-cycle: interlock: lock-order inversion.*$", run.output, re.M)
    run.must(len(told) == 2 and run.output.endswith("done\n"))
    run.must(run.status == 66 and run.full)
    run = outcome(program=TOLD, options="report=0")
    run.must(run.status == 0 and run.output.count("told of lock-order-cycle") == 2 and not run.errors)


tap.run(*tap.cases_in(globals()))
