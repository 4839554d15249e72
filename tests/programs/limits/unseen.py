#!/usr/bin/python3
"""What the recorder cannot see is told by name: libraries bound past it, images that replace a recorded one. TAP."""
import pathlib
import subprocess
import sys
import tempfile

from recorded import INTERLOCK, PROGRAMS, analysed, options, program, report_on, tap

PLUGIN = f"{PROGRAMS}/liblimits-plugin.so"


def opened(how):
    """The log's part of the report on a program that opened the plugin so."""
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder) / "log.ilk"
        plain = subprocess.run([program("opens"), PLUGIN, how], capture_output=True, text=True, check=False)
        ran = subprocess.run([program("opens"), PLUGIN, how], env=options(log), capture_output=True, text=True,
                             check=False)
        assert (plain.returncode, ran.returncode) == (0, 0) and plain.stdout == ran.stdout, (plain, ran)
        return analysed(log)


def a_library_bound_deeply_is_told_by_name():
    told = opened("deep")
    assert any("RTLD_DEEPBIND" in spot and PLUGIN in spot for spot in told["blind_spots"]), told
    assert told["acquisitions"] == 0, told


def a_library_in_a_namespace_of_its_own_is_told_by_name():
    told = opened("space")
    assert any("dlmopen" in spot and PLUGIN in spot for spot in told["blind_spots"]), told


def other_libraries_are_seen():
    for how in ("plain", "run-path"):
        told = opened(how)
        assert told["blind_spots"] == [] and told["acquisitions"] == 200 and told["dependencies"] == 1, (how, told)
    assert opened("none")["blind_spots"] == []


def futures_are_told_of_where_they_are_used():
    with tempfile.TemporaryDirectory() as folder:
        for words, expected in (([program("futures")], 1), ([program("secure")], 0)):
            for level in ("order", "full"):
                log = pathlib.Path(folder) / f"{expected}.{level}.ilk"
                subprocess.run(words, env=options(log, level), check=False, capture_output=True)
                told = [spot for spot in analysed(log, statuses=(0, 66))["blind_spots"] if "std::future" in spot]
                assert len(told) == expected, (words, told)


def the_other_runtime_of_openmp_is_told_by_name_and_called_as_ever():
    with tempfile.TemporaryDirectory() as folder:
        for level in ("order", "full"):
            log = pathlib.Path(folder) / f"{level}.ilk"
            plain = subprocess.run([program("team")], capture_output=True, text=True, check=True)
            ran = subprocess.run([program("team")], env=options(log, level), capture_output=True, text=True, check=False)
            assert (ran.returncode, ran.stdout, ran.stderr) == (0, plain.stdout, plain.stderr), ran
            told = analysed(log)["blind_spots"]
            assert sum("OpenMP" in spot and "__kmpc_fork_call" in spot for spot in told) == 1, told


def a_plugin_that_alone_has_openmp_runs_and_is_seen():
    plugin = f"{PROGRAMS}/liblimits-local-team.so"
    if not pathlib.Path(plugin).exists():
        raise tap.Skipped("not built by GCC")
    with tempfile.TemporaryDirectory() as folder:
        for level in ("order", "full"):
            log = pathlib.Path(folder) / f"{level}.ilk"
            plain = subprocess.run([program("opens_locally"), plugin], capture_output=True, text=True, check=True)
            ran = subprocess.run([program("opens_locally"), plugin], env=options(log, level), capture_output=True, text=True, check=False)
            assert (ran.returncode, ran.stdout, ran.stderr) == (0, plain.stdout, plain.stderr), ran
            made = report_on(log, statuses=(66,))
            assert {one["verdict"] for one in made["findings"]} == {"ordered"}, made["findings"]
            assert made["logs"][0]["blind_spots"] == [] and (level == "order" or made["logs"][0]["acquisitions"] == 4), made["logs"]


def restricted(how, level):
    """The log's part of the report on a program that gives up system calls, and goes on as without the recorder."""
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder) / "log.ilk"
        plain = subprocess.run([program("restricts"), how], capture_output=True, text=True, check=True)
        ran = subprocess.run([program("restricts"), how], env=options(log, level), capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, plain.stdout, plain.stderr), (how, level, ran)
        made = report_on(log)
        assert made["findings"] == [], made["findings"]
        return made["logs"][0]


def recording_ends_where_a_program_gives_up_the_system_calls_that_it_needs():
    for how in ("narrow", "narrow-by-syscall", "strict"):
        for level in ("order", "full"):
            told = restricted(how, level)
            assert not told["complete"] and sum("seccomp" in spot for spot in told["blind_spots"]) == 1, (how, level, told)


def a_filter_that_leaves_what_recording_needs_costs_nothing():
    for level in ("order", "full"):
        told = restricted("wide", level)
        assert told["complete"] and told["blind_spots"] == [], told
        assert level == "order" or told["acquisitions"] == 2 * 50002, told


def unrecorded_in(*words):
    """What the report on a run of the command says of programs that it executed without the recorder."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([INTERLOCK, "record", "-o", f"{folder}/%p.ilk", "--", *words], capture_output=True, check=False)
        told = report_on(*sorted(pathlib.Path(folder).glob("*.ilk")))
        return [spot for log in told["logs"] for spot in log["blind_spots"] if "LD_PRELOAD" in spot]


def a_program_executed_without_the_recorder_is_told_by_name():
    for words in (["env", "-i", "/bin/true"], ["env", "LD_PRELOAD=", "/bin/true"], ["env", "-u", "INTERLOCK_OPTIONS", "/bin/true"],
                  ["sh", "-c", "LD_PRELOAD= /bin/true; :"],
                  [sys.executable, "-c", "import subprocess; subprocess.run(['/bin/true'], env={})"],
                  [sys.executable, "-c", "import os; os.wait() if os.fork() else os.execve('/bin/true', ['true'], {})"],
                  [sys.executable, "-c", "import os; os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)"]):
        told = unrecorded_in(*words)
        assert len(told) == 1 and told[0].endswith(": /bin/true"), (words, told)


def programs_that_are_recorded_or_could_not_be_executed_are_not_told():
    for words in (["env", "A=B", "/bin/true"], ["sh", "-c", "/bin/true; :"], ["env", "-i", "/no/such/program"]):
        assert unrecorded_in(*words) == [], words


def every_way_to_execute_leaves_a_record():
    with tempfile.TemporaryDirectory() as folder:
        pattern = pathlib.Path(folder) / "%p.ilk"
        plain = subprocess.run([program("executes")], capture_output=True, text=True, check=False)
        ran = subprocess.run([program("executes")], env=options(pattern), capture_output=True, text=True, check=False)
        assert (plain.returncode, ran.returncode) == (0, 0) and plain.stdout == ran.stdout, (plain, ran)
        records = []
        for log in pathlib.Path(folder).glob("*.ilk"):
            dump = subprocess.run([INTERLOCK, "dump", str(log)], capture_output=True, text=True, check=True).stdout
            records += [line.split() for line in dump.splitlines() if " exec " in line or " spawn " in line]
        own = f'"{program("executes")}"'
        executed = [words for words in records if "exec" in words]
        assert sum(own in words for words in executed) == 10, executed
        assert sum('"/nowhere/at/all"' in words for words in executed) == 1, executed
        assert sum("spawn" in words and own in words for words in records) == 2, records


if __name__ == "__main__":
    tap.run(*tap.cases_in(globals(), opened, restricted, unrecorded_in))
