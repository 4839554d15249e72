#!/usr/bin/python3
"""What scripts rely on: the command's exit status, its streams, and that the program it runs notices nothing.
Prints TAP. Usage: command_test.py INTERLOCK BANK STATIC_PROGRAM"""
import os
import pathlib
import re
import resource
import signal
import struct
import subprocess
import sys
import time

from called import INTERLOCK, call, check, expect_status, run_all, test
import report_json

BANK, STATIC = (os.path.abspath(name) for name in sys.argv[2:4])


def wait_for(path, process):
    """Until the program made its file; it may have died before."""
    while not os.path.exists(path) and process.poll() is None:
        time.sleep(0.01)


@test
def run_reports_on_stderr_and_exits_66(folder):
    done = call("run", BANK, cwd=folder)
    expect_status(done, 66)
    check(done.stdout == subprocess.run([BANK], capture_output=True, text=True, check=True).stdout, done.stdout)
    check(re.search(r"^WARNING: interlock: lock-order-inversion \(potential deadlock\) \(pid=\d+\) \[potential\]$", done.stderr, re.M), done.stderr)
    check(re.search(r"^SUMMARY: interlock: lock-order-inversion \S+bank.cpp:\d+ in transfer\(", done.stderr, re.M), done.stderr)
    for word in ("alice", "bob", "accounts[0].m", "accounts[1].m", "mutual exclusion  yes"):
        check(word in done.stderr, word, done.stderr)
    check(done.stderr.count("\n") <= 25, done.stderr)
    check(os.listdir(folder) == [], os.listdir(folder))


@test
def fail_on_and_exitcode_decide_the_status(folder):
    expect_status(call("run", "--fail-on", "never", BANK), 0)
    expect_status(call("run", "--fail-on", "error", "--exitcode", "7", BANK), 7)
    expect_status(call("run", "--fail-on=error", "--exitcode=8", "--", BANK), 8)


@test
def a_programs_own_failure_is_kept(folder):
    expect_status(call("run", "sh", "-c", "exit 3"), 3)
    expect_status(call("record", "-o", f"{folder}/a.ilk", "sh", "-c", "exit 3"), 3)
    expect_status(call("run", "--", "sh", "-c", "kill -SEGV $$"), 128 + signal.SIGSEGV)
    expect_status(call("run", "sh", "-c", f"{BANK}; exit 5"), 5)


@test
def a_program_that_cannot_run_is_126_or_127(folder):
    for command in (["run"], ["record", "-o", f"{folder}/a.ilk"]):
        missing = call(*command, "no-such-program-anywhere")
        expect_status(missing, 127)
        check(missing.stderr == "interlock: no-such-program-anywhere: program not found\n", missing.stderr)
        plain = pathlib.Path(folder, "plain")
        plain.write_text("text", encoding="utf-8")
        expect_status(call(*command, str(plain)), 126)
        expect_status(call(*command, folder), 126)
        bad = pathlib.Path(folder, "bad.sh")
        bad.write_text("#!/no/such/interpreter\n", encoding="utf-8")
        bad.chmod(0o755)
        expect_status(call(*command, str(bad)), 126)


@test
def a_wrong_call_is_one_line(folder):
    for words, status in ((["run"], 125), (["run", "--bogus", BANK], 125), (["run", "--max-log", "much", BANK], 125),
                          (["run", "--fail-on", "sometimes", BANK], 125), (["run", "--format", "html5", BANK], 125),
                          (["run", "--suppressions", "/no/such/file", BANK], 125), (["record", BANK], 125),
                          (["record", "-o", "/no/such/folder/a.ilk", BANK], 125), (["analyze"], 2), (["analyze", "--bogus"], 2),
                          (["dump"], 2), (["graph", "--format", "svg", "a.ilk"], 2), (["frobnicate"], 2)):
        done = call(*words)
        expect_status(done, status)
        check(done.stdout == "" and done.stderr.count("\n") == 1 and done.stderr.startswith("interlock"), words, done.stderr)


@test
def a_wrong_call_names_what_is_wrong(folder):
    pathlib.Path(folder, "folder").mkdir()
    for words, line in (
            (["dump", "--bogus", "x", "a.ilk"], "interlock dump: there is no option --bogus; see interlock dump --help\n"),
            (["dump", "a.ilk", "b.ilk", "c.ilk"], "interlock dump: one argument too many: b.ilk; see interlock dump --help\n"),
            (["analyze", "--suppressions", "folder", "a.ilk"],
             "interlock analyze: folder: cannot be read: Is a directory; see interlock analyze --help\n"),
            (["watch", "0"], "interlock: 0: there is no such process\n"),
            (["watch", "99999999999999999999"], "interlock: 99999999999999999999: there is no such process\n")):
        done = call(*words, cwd=folder)
        check(done.stderr == line and done.returncode == (3 if words[0] == "watch" else 2), words, done)
    done = call("run", "--report", "--", BANK, cwd=folder)
    check(done.returncode == 125 and done.stderr.count("\n") == 1 and "--report" in done.stderr, done)
    done = call("run", "--log", "", "--", BANK, cwd=folder)
    check((done.returncode, done.stdout) == (125, "") and
          done.stderr == "interlock run: --log is empty: the name of a file is meant; see interlock run --help\n", done)
    check(os.listdir(folder) == ["folder"], os.listdir(folder))


@test
def a_pipe_is_no_log_and_is_not_waited_for(folder):
    pipe = os.path.join(folder, "pipe")
    os.mkfifo(pipe)
    for words in (["analyze"], ["dump"], ["graph"], ["stats"], ["timeline"], ["suppress"], ["diff", pipe], ["merge", "-o", f"{folder}/s"],
                  ["watch"]):
        done = subprocess.run([INTERLOCK, *words, pipe], capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL)
        check(done.returncode == 3 and done.stderr == f"interlock: {pipe}: offset 0: not a regular file\n", words, done)


@test
def a_log_that_cannot_be_used_is_3_with_file_offset_and_reason(folder):
    junk = pathlib.Path(folder, "junk.ilk")
    junk.write_bytes(b"no log\n" * 4000)
    for command in ("analyze", "dump", "graph"):
        for path in (str(junk), "/no/such.ilk", str(folder), "/dev/null"):
            done = call(command, path)
            expect_status(done, 3)
            check(re.match(rf"interlock: {re.escape(path)}: offset \d+: .+\n$", done.stderr), done.stderr)


@test
def what_stands_behind_the_program_is_its_own(folder):
    script = "import sys; print(sys.argv[1:])"
    for words in (["--help"], ["--", "x"], ["--fail-on", "never"], ["-o", "a"]):
        plain = subprocess.run(["/usr/bin/python3", "-c", script, *words], capture_output=True, text=True, check=True).stdout
        check(call("run", "/usr/bin/python3", "-c", script, *words).stdout == plain, words)
        check(call("run", "--", "/usr/bin/python3", "-c", script, *words).stdout == plain, words)


@test
def streams_and_environment_are_the_programs(folder):
    done = call("run", "--report", f"{folder}/r", "sh", "-c", "cat; echo $MINE >&2; echo ${LD_PRELOAD##*:}", stdin="typed\n",
                env={"MINE": "kept", "LD_PRELOAD": "/usr/lib/x86_64-linux-gnu/libm.so.6"})
    expect_status(done, 0)
    check(done.stdout == "typed\n/usr/lib/x86_64-linux-gnu/libm.so.6\n", done.stdout)
    check(done.stderr == "kept\n", done.stderr)


@test
def closed_streams_change_no_status_and_stay_closed_to_the_program(folder):
    def shell(words):
        return subprocess.run(["/bin/sh", "-c", words, "sh", INTERLOCK, BANK], capture_output=True, text=True, cwd=folder, timeout=300, check=False)
    for closed in ("2>&-", "<&- 2>&-", ">&- 2>&-"):
        expect_status(shell(f'"$1" run sh -c "exit 0" {closed}'), 0)
        expect_status(shell(f'"$1" run sh -c "exit 7" {closed}'), 7)
        expect_status(shell(f'"$1" run --report r.txt "$2" {closed}'), 66)
        check("SUMMARY: interlock" in pathlib.Path(folder, "r.txt").read_text(encoding="utf-8"))
    expect_status(shell('"$1" run sh -c "test ! -e /proc/self/fd/2" 2>&-'), 0)
    expect_status(shell('"$1" run --log l.ilk --fail-on never "$2" 2>&-; "$1" analyze l.ilk >&-'), 125)


@test
def users_recorder_options_are_kept_and_ours_win(folder):
    done = call("run", "--report", f"{folder}/r", "sh", "-c", "echo $INTERLOCK_OPTIONS", env={"INTERLOCK_OPTIONS": "level=order exitcode=9"})
    check(re.match(r"level=order exitcode=9:log_path=\S+:level=full:max_log=1073741824:run=[0-9a-f]{32}:report=0\n$", done.stdout), done.stdout)


@test
def output_that_cannot_be_written_is_told_and_is_125(folder):
    call("record", "-o", f"{folder}/a.ilk", BANK)
    for words, what in ((["dump"], "the events"), (["graph"], "the graph"), (["analyze"], "the report")):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([INTERLOCK, *words, f"{folder}/a.ilk"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        check(done.returncode == 125, words, done.returncode, done.stderr)
        check(done.stderr == f"interlock: {what} cannot be written: No space left on device\n", done.stderr)


@test
def a_call_without_a_command_or_a_name_is_told_in_one_line(folder):
    bare = call()
    expect_status(bare, 2)
    check(bare.stdout == "" and bare.stderr.count("\n") == 1 and "interlock --help" in bare.stderr, bare.stderr)
    for command in ("dump", "graph", "analyze"):
        done = call(command, "")
        expect_status(done, 2)
        check(done.stderr == f"interlock {command}: LOG is empty: the name of a file is meant; see interlock {command} --help\n", done.stderr)


@test
def a_missing_folder_for_the_log_is_told_with_what_mends_it(folder):
    done = call("run", BANK, env={"TMPDIR": f"{folder}/none"})
    expect_status(done, 125)
    check(done.stderr == f"interlock: {folder}/none: cannot make a folder for the log: No such file or directory; "
          "set TMPDIR to a folder that can be written to\n", done.stderr)


@test
def a_reader_that_goes_early_changes_no_status(folder):
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([INTERLOCK, "run", BANK], stdout=subprocess.DEVNULL, stderr=write, cwd=folder, timeout=60, check=False)
    os.close(write)
    check(done.returncode == 66, done.returncode)


@test
def a_kept_log_is_as_long_as_what_was_written_and_can_be_analysed(folder):
    expect_status(call("run", "--fail-on", "never", "--log", f"{folder}/%e.%p.ilk", BANK), 0)
    (name,) = os.listdir(folder)
    check(re.fullmatch(r"bank\.\d+\.ilk", name), name)
    path = f"{folder}/{name}"
    check(os.path.getsize(path) < 1 << 20, os.path.getsize(path))
    analysed = call("analyze", "--format", "json", path)
    expect_status(analysed, 66)
    check(report_json.read(analysed.stdout)["findings"][0]["verdict"] == "potential", analysed.stdout)
    dump = call("dump", path)
    expect_status(dump, 0)
    check(" acquire " in dump.stdout and "dependency" in dump.stdout, dump.stdout)
    for form, begin in (("dot", "// held"), ("graphml", "<?xml"), ("json", "{")):
        graph = call("graph", "--format", form, path)
        expect_status(graph, 0)
        check(graph.stdout.startswith(begin) and "accounts[0].m" in graph.stdout, graph.stdout)


@test
def ids_are_the_same_in_every_run(folder):
    def ids():
        report = report_json.read(call("run", "--format", "json", BANK).stderr)
        return [one["id"] for one in report["findings"]]
    check(ids() == ids() != [], ids())


@test
def a_log_path_with_spaces_colons_and_percent_signs_works(folder):
    odd = os.path.join(folder, "a b:c %p")
    os.mkdir(odd)
    path = os.path.join(odd, "x:y z.ilk")
    expect_status(call("record", "-o", "x:y z.ilk", BANK, cwd=odd), 0)
    check(os.listdir(odd) == ["x:y z.ilk"], os.listdir(odd))
    expect_status(call("analyze", path), 66)


@test
def an_older_log_makes_room_and_another_file_does_not(folder):
    path = f"{folder}/a.ilk"
    expect_status(call("record", "-o", path, BANK), 0)
    expect_status(call("record", "-o", path, BANK), 0)
    check(os.listdir(folder) == ["a.ilk"], os.listdir(folder))
    pathlib.Path(path).write_text("my only copy", encoding="utf-8")
    refused = call("record", "-o", path, BANK)
    expect_status(refused, 125)
    check(pathlib.Path(path).read_text(encoding="utf-8") == "my only copy", refused.stderr)


@test
def children_have_logs_of_their_own_and_are_analysed_with_it(folder):
    expect_status(call("record", "-o", f"{folder}/a.ilk", "sh", "-c", f"{BANK}; {BANK}; true"), 0)
    names = sorted(os.listdir(folder))
    check(len(names) == 3 and names[-1] == "a.ilk" and all(re.fullmatch(r"a\.\d+\.ilk", name) for name in names[:-1]), names)
    done = call("run", "--format", "json", "sh", "-c", f"{BANK}; {BANK}; true")
    expect_status(done, 66)
    report = report_json.read(done.stderr)
    check(len(report["logs"]) == 3 and len(report["findings"]) == 1, report["logs"], len(report["findings"]))


@test
def a_process_that_outlives_the_program_is_told(folder):
    script = ("import subprocess, time\n"
              "child = subprocess.Popen(['sleep', '60'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
              "def has_begun(line): return '.ilk' in line and open(line.split()[-1], 'rb').read(1) != b'\\0'\n"
              "while not any(map(has_begun, open(f'/proc/{child.pid}/maps'))): time.sleep(0.01)\n"
              "print(child.pid)")
    for kept, how in (((), "its log is kept with --log"), (("--log", "%p.ilk"), "interlock watch")):
        done = call("run", *kept, "--format", "json", "--report", "report.json", "--", "/usr/bin/python3", "-c", script, cwd=folder)
        pid = int(done.stdout)
        os.kill(pid, signal.SIGKILL)
        report = report_json.read(pathlib.Path(folder, "report.json").read_text(encoding="utf-8"))
        told = [spot for log in report["logs"] for spot in log.get("blind_spots", []) if "outlives" in spot]
        check(len(told) == 1 and f"process {pid} " in told[0] and how in told[0], told)


@test
def a_full_disk_or_a_small_limit_is_one_line_and_125(folder):
    def refused(limit, text, environment=None):
        for words in (["run"], ["run", "--log", f"{folder}/disk/a.ilk"], ["record", "-o", f"{folder}/disk/a.ilk"]):
            done = subprocess.run([INTERLOCK, *words, "--", "sh", "-c", "echo ran; exit 3"], capture_output=True, text=True, check=False,
                                  timeout=60, env=os.environ | (environment or {}), preexec_fn=limit)
            check(done.returncode == 125 and done.stdout == "", words, done)
            check(done.stderr.count("\n") == 1 and text in done.stderr, words, done.stderr)

    disk = pathlib.Path(folder, "disk")
    disk.mkdir()
    refused(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192)), "the file-size limit is 8192")
    if os.geteuid() != 0:
        return
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4096", "tmpfs", str(disk)], check=True)
    try:
        pathlib.Path(disk, "full").write_bytes(bytes(4096))
        refused(None, f"{disk}: no log can be made there: No space left on device", {"TMPDIR": str(disk)})
        check(os.listdir(disk) == ["full"], os.listdir(disk))
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def dependency_numbers(log):
    """Of all records of dependencies, new and seen again (instrument/format/record.hpp, payload.hpp)."""
    mask = (1 << 64) - 1

    def is_intact(word0, word1):
        mixed = (word0 & ~0xff00) ^ ((word1 << 29 | word1 >> 35) & mask)
        return word0 >> 8 & 0xff == (mixed * 0x9E3779B97F4A7C15 & mask) >> 56

    slots = [one for one in struct.iter_unpack("<QQ", pathlib.Path(log).read_bytes())]
    for (lead, numbers), (more, _) in zip(slots, slots[1:]):
        kind = lead & 0xff if is_intact(lead, numbers) else 0
        if kind == 41 and more & 0xff == 1:
            yield more >> 16
        elif kind == 42:
            yield numbers >> 32


@test
def dependencies_are_numbered_through_the_process(folder):
    for level in ("order", "full"):
        log = f"{folder}/{level}.ilk"
        expect_status(call("record", "-o", log, "--record", level, BANK), 0)
        numbers = sorted(dependency_numbers(log))
        check(len(numbers) >= 2 and numbers == list(range(1, len(numbers) + 1)), level, numbers)


@test
def scripts_are_recorded_through_their_interpreter(folder):
    script = pathlib.Path(folder, "script")
    script.write_text(f"#!/bin/sh\n{BANK}\n", encoding="utf-8")
    script.chmod(0o755)
    expect_status(call("run", str(script)), 66)
    bare = pathlib.Path(folder, "bare")
    bare.write_text(f"{BANK}\n", encoding="utf-8")
    bare.chmod(0o755)
    expect_status(call("run", str(bare)), 66)


@test
def a_static_program_is_a_blind_spot_and_runs(folder):
    done = call("run", STATIC)
    expect_status(done, 0)
    check(done.stdout == "static\n", done.stdout)
    check("is statically linked: its locks cannot be recorded" in done.stderr, done.stderr)
    machine = call("run", "--format", "json", STATIC)
    (log,) = report_json.read(machine.stderr)["logs"]
    check(not log["complete"] and "statically linked" in log["blind_spots"][0], log)
    check("statically linked" in call("record", "-o", f"{folder}/a.ilk", STATIC).stderr)


@test
def a_signal_for_interlock_reaches_the_program(folder):
    ready = os.path.join(folder, "ready")
    script = f"trap 'echo caught; exit 9' TERM; : > {ready}; while :; do sleep 0.05; done"
    with subprocess.Popen([INTERLOCK, "run", "--", "sh", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        wait_for(ready, process)
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=60)
    check(out == "caught\n" and process.returncode == 9, out, process.returncode)


@test
def an_interrupted_program_is_still_analysed(folder):
    ready = os.path.join(folder, "ready")
    script = f"trap - INT; {BANK} > /dev/null; : > {ready}; exec sleep 60"
    with subprocess.Popen([INTERLOCK, "run", "--", "sh", "-c", script], stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        wait_for(ready, process)
        os.killpg(process.pid, signal.SIGINT)
        _, text = process.communicate(timeout=60)
    check(process.returncode == 128 + signal.SIGINT, process.returncode, text)
    check("WARNING: interlock: lock-order-inversion" in text, text)


@test
def a_small_limit_of_the_stack_is_the_programs_alone(folder):
    done = subprocess.run(["prlimit", "--stack=131072:131072", INTERLOCK, "run", "--", "sh", "-c", f"ulimit -s; exec {BANK}"],
                          capture_output=True, text=True, timeout=60, check=False)
    expect_status(done, 66)
    check(done.stdout.startswith("128\n") and "SUMMARY: interlock: lock-order-inversion" in done.stderr, done)
    script = "trap 'exit 9' TERM; kill -TERM $PPID; while :; do sleep 0.05; done"
    expect_status(subprocess.run(["prlimit", "--stack=131072:131072", INTERLOCK, "run", "--", "sh", "-c", script], check=False, timeout=60), 9)


@test
def help_and_version_are_on_stdout(folder):
    for words in (["--help"], ["run", "--help"], ["record", "-h"], ["analyze", "--help"], ["dump", "--help"], ["graph", "--help"]):
        done = call(*words)
        expect_status(done, 0)
        check("Usage: interlock" in done.stdout and done.stderr == "", words, done.stdout, done.stderr)
        check(max(len(line) for line in done.stdout.splitlines()) <= 100, words, done.stdout)
    check(re.fullmatch(r"interlock \d+\.\d+\.\d+\n", call("--version").stdout))


if __name__ == "__main__":
    run_all()
