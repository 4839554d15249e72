#!/usr/bin/python3
"""What scripts rely on: the command's exit status, its streams, its reports, and that the program it runs notices nothing.
Prints TAP. Usage: command_test.py INTERLOCK BANK STATIC_PROGRAM SCHEMA"""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

import jsonschema

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import report_json  # noqa: E402  (found beside this folder)

INTERLOCK, BANK, STATIC, SCHEMA = (os.path.abspath(name) for name in sys.argv[1:5])
GOLDEN = pathlib.Path(SCHEMA).parent
TESTS = []


def test(function):
    TESTS.append(function)
    return function


def call(*words, env=None, stdin=None, cwd=None):
    variables = {**os.environ, **(env or {})}
    return subprocess.run([INTERLOCK, *words], capture_output=True, text=True, env=variables, input=stdin, cwd=cwd, timeout=60, check=False)


def wait_for(path, process):
    """Until the program made its file; it may have died before."""
    while not os.path.exists(path) and process.poll() is None:
        time.sleep(0.01)


def check(good, *what):
    if not good:
        raise AssertionError(" | ".join(str(one)[:1500] for one in what))


def expect_status(result, status):
    check(result.returncode == status, f"status {result.returncode}, not {status}", result.stdout, result.stderr)


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
def a_log_that_cannot_be_used_is_3_with_file_offset_and_reason(folder):
    junk = pathlib.Path(folder, "junk.ilk")
    junk.write_bytes(b"no log\n" * 4000)
    for command in ("analyze", "dump", "graph"):
        for path in (str(junk), "/no/such.ilk", folder, "/dev/null"):
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
def users_recorder_options_are_kept_and_ours_win(folder):
    done = call("run", "--report", f"{folder}/r", "sh", "-c", "echo $INTERLOCK_OPTIONS", env={"INTERLOCK_OPTIONS": "level=order exitcode=9"})
    check(re.match(r"level=order exitcode=9:log_path=\S+:level=full:max_log=1073741824:run=[0-9a-f]{32}:report=0\n$", done.stdout), done.stdout)


@test
def reports_come_in_pairs_with_their_formats(folder):
    done = call("run", "--format", "json", "--report", f"{folder}/a.json", "--format", "text", "--report", f"{folder}/a.txt", BANK)
    expect_status(done, 66)
    check(done.stderr == "", done.stderr)
    report = report_json.read(pathlib.Path(folder, "a.json").read_text(encoding="utf-8"))
    check(len(report["findings"]) == 1 and report["summary"]["errors"] == 1, report)
    check(pathlib.Path(folder, "a.txt").read_text(encoding="utf-8").startswith("WARNING: interlock: "))
    refused = call("run", "--report", "/no/such/folder/r", BANK)
    expect_status(refused, 125)
    check(refused.stdout == "", "the program ran although its report could not be written", refused.stdout)


@test
def every_format_is_what_its_readers_ask_for(folder):
    names = {"sarif": "a.sarif", "html": "a.html", "github": "a.github", "markdown": "a.md"}
    pairs = [word for form, name in names.items() for word in ("--format", form, "--report", f"{folder}/{name}")]
    expect_status(call("run", *pairs, BANK, cwd=pathlib.Path(BANK).parents[2]), 66)
    for script, name in (("sarif_test.py", "a.sarif"), ("html_test.py", "a.html")):
        held = subprocess.run([sys.executable, GOLDEN / script, f"{folder}/{name}"], capture_output=True, text=True, check=True)
        check(held.stdout.startswith("1..1\nok 1"), held.stdout)
    found = json.loads(pathlib.Path(folder, "a.sarif").read_text(encoding="utf-8"))["runs"][0]["results"][0]
    check(len(found["codeFlows"][0]["threadFlows"]) == 2, found)
    check(found["locations"][0]["physicalLocation"]["region"]["endColumn"] > 2, "the source line was not read", found["locations"])
    check(pathlib.Path(folder, "a.github").read_text(encoding="utf-8").startswith("::error file="), "no annotation")
    check(pathlib.Path(folder, "a.md").read_text(encoding="utf-8").startswith("### interlock: 1 error,"), "no headline")


@test
def recipes_for_continuous_integration_do_as_they_say(folder):
    page = (GOLDEN.parents[1] / "docs" / "ci.md").read_text(encoding="utf-8")
    recipes = re.findall(r"interlock run [^`]*?-- build/tests", page)
    check(len(recipes) == 3, recipes)
    for recipe in recipes:
        words = recipe.replace("\\\n", " ").split()[1:-1]
        done = call(*words, BANK, cwd=folder)
        expect_status(done, 0 if "never" in words else 66)
        for name in re.findall(r"--report (\S+)", recipe):
            check(name == "-" or pathlib.Path(folder, name).stat().st_size > 0, name)
        check("--report -" not in recipe or "lock-order-inversion" in done.stdout, done.stdout)


@test
def statistics_come_as_tables_json_and_csv(folder):
    expect_status(call("record", "-o", f"{folder}/full.ilk", "--", BANK), 0)
    expect_status(call("record", "--record", "order", "-o", f"{folder}/order.ilk", "--", BANK), 0)
    text = call("stats", f"{folder}/full.ilk")
    expect_status(text, 0)
    check(re.search(r"^lock +acquired +contended +share +wait +p50 +p99 +max +hold +p50 +p99 +max$", text.stdout, re.M), text.stdout)
    check(re.search(r"^accounts\[0\]\.m +\d+ ", text.stdout, re.M) and "lock class" in text.stdout, text.stdout)
    made = json.loads(call("stats", "--format", "json", "--sort", "acquisitions", f"{folder}/full.ilk").stdout)
    check(made["timed"] and not made["at_least"] and made["limits"] == [], made)
    dumped = call("dump", f"{folder}/full.ilk").stdout
    acquired = sum(row["acquisitions"] for row in made["locks"])
    check(acquired == sum(" acquire " in line for line in dumped.splitlines()), acquired)
    check(acquired == sum(row["acquisitions"] for row in made["classes"]), made["classes"])
    check(all(row["hold"]["p50_ns"] <= row["hold"]["p99_ns"] <= row["hold"]["max_ns"] <= row["hold"]["total_ns"] for row in made["locks"]), made)
    lines = call("stats", "--format", "csv", "--by", "lock", "--top", "1", f"{folder}/full.ilk").stdout.splitlines()
    check(len(lines) == 2 and lines[0].startswith("kind,name,type,") and lines[1].startswith("lock,"), lines)
    order = call("stats", f"{folder}/order.ilk")
    check(">=" in order.stdout and "p99" not in order.stdout and "level order" in order.stdout, order.stdout)
    for wrong in (("--sort", "colour"), ("--by", "thread"), ("--format", "xml")):
        refused = call("stats", *wrong, f"{folder}/full.ilk")
        expect_status(refused, 2)
        check(refused.stderr.count("\n") == 1 and wrong[1] in refused.stderr, refused.stderr)
    expect_status(call("stats", "/dev/null"), 3)


@test
def a_timeline_is_written_for_perfetto(folder):
    expect_status(call("record", "-o", f"{folder}/full.ilk", "--", BANK), 0)
    expect_status(call("timeline", "-o", f"{folder}/a.pftrace", f"{folder}/full.ilk"), 0)
    trace = pathlib.Path(folder, "a.pftrace").read_bytes()
    check(trace[:1] == b"\x0a", trace[:20])  # field 1, counted: a packet
    for name in (b"alice", b"bob", b"accounts[0].m", b"bank.cpp:"):
        check(name in trace, name)
    piped = subprocess.run([INTERLOCK, "timeline", f"{folder}/full.ilk"], capture_output=True, check=True)
    check(piped.stdout == trace and piped.stderr == b"", piped.stderr)
    expect_status(call("timeline", "-o", f"{folder}/b.pftrace", "/dev/null"), 3)
    expect_status(call("timeline", "-o", "/no/such/folder/a", f"{folder}/full.ilk"), 2)
    expect_status(call("timeline", "-o", "/dev/full", f"{folder}/full.ilk"), 125)


@test
def a_report_that_cannot_be_written_is_told_and_not_lost(folder):
    done = call("run", "--report", "/dev/full", BANK, cwd=folder)
    expect_status(done, 125)
    check("/dev/full: the report cannot be written: No space left" in done.stderr, done.stderr)
    check("lock-order-inversion" in done.stderr, done.stderr)


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
    check(len(names) == 3 and names[0] == "a.ilk" and all(re.fullmatch(r"a\.ilk\.\d+", name) for name in names[1:]), names)
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
        report = json.loads(pathlib.Path(folder, "report.json").read_text(encoding="utf-8"))
        told = [spot for log in report["logs"] for spot in log.get("blind_spots", []) if "outlives" in spot]
        check(len(told) == 1 and f"process {pid} " in told[0] and how in told[0], told)


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
def suppressions_hide_and_the_unused_are_told(folder):
    pathlib.Path(folder, "s").write_text("# ours\ndeadlock:transfer\nmutex:nothing\n", encoding="utf-8")
    done = call("run", "--suppressions", f"{folder}/s", BANK)
    expect_status(done, 0)
    check(f"suppression matches nothing: {folder}/s:3: mutex:nothing" in done.stderr and "1 suppressed" in done.stderr, done.stderr)
    check("WARNING" not in done.stderr, done.stderr)


@test
def suppress_prints_entries_that_hide_what_the_log_shows(folder):
    log = f"{folder}/bank.ilk"
    expect_status(call("record", "-o", log, BANK), 0)
    done = call("suppress", log)
    expect_status(done, 0)
    check(re.search(r"^# lock-order-cycle [0-9a-f]{16} \[potential\]: .*\n# \S*bank.cpp:\d+ in transfer\n# reason:\n# expires:\n"
                    r"deadlock:\^.*transfer\(.*\)\$\n(# or: deadlock:.*\n)+", done.stdout, re.M), done.stdout)
    pathlib.Path(folder, "s").write_text(done.stdout.replace("# reason:", "# reason: known since 1.0"), encoding="utf-8")
    again = call("suppress", "--suppressions", f"{folder}/s", log)
    expect_status(again, 0)
    check(again.stdout == "" and again.stderr == "", again.stdout, again.stderr)
    told = call("analyze", "--format", "json", "--suppressions", f"{folder}/s", log)
    expect_status(told, 0)
    (finding,) = report_json.read(told.stdout)["findings"]
    entry = next(line for line in done.stdout.splitlines() if not line.startswith("#"))
    check(finding["suppressed_by"] == f"{folder}/s:5: {entry} (known since 1.0)", finding["suppressed_by"])
    wider = [line.removeprefix("# or: ") for line in done.stdout.splitlines() if line.startswith("# or: ")]
    for entry in wider:
        pathlib.Path(folder, "w").write_text(entry + "\n", encoding="utf-8")
        expect_status(call("analyze", "--suppressions", f"{folder}/w", log), 0)


@test
def expired_suppressions_and_bad_files_are_told(folder):
    supp = pathlib.Path(folder, "s")
    supp.write_text("# expires: 2001-01-01\ndeadlock:transfer\n", encoding="utf-8")
    done = call("run", "--suppressions", str(supp), BANK)
    expect_status(done, 66)
    check(f"interlock: suppression no longer holds: {supp}:2: deadlock:transfer (expired 2001-01-01)\n" in done.stderr, done.stderr)
    supp.write_text("{\n  known\n  Helgrind:LockOrder\n  obj:*/bank\n}\n", encoding="utf-8")
    expect_status(call("run", "--suppressions", str(supp), BANK), 0)
    supp.write_text("{\n  known\n  Helgrind:LockOrder\n", encoding="utf-8")
    for command, status in (("analyze", 2), ("suppress", 2), ("run", 125)):
        bad = call(command, "--suppressions", str(supp), BANK)
        expect_status(bad, status)
        check(bad.stderr.startswith(f"interlock {command}: {supp}:1: this block is not closed by a line }}"), bad.stderr)


@test
def comments_in_the_source_allow_a_finding(folder):
    source = pathlib.Path(folder, "two.cpp")
    text = """#include <mutex>
#include <thread>
std::mutex a, b;
void one() { std::lock_guard x(a);
  std::lock_guard y(b); COMMENT
}
void two() { std::lock_guard x(b);
  std::lock_guard y(a);
}
int main() { std::thread(one).join(); std::thread(two).join(); }
"""
    source.write_text(text.replace("COMMENT", ""), encoding="utf-8")
    subprocess.run(["g++", "-g", "-O0", "-o", f"{folder}/two", str(source), "-lpthread"], check=True)
    log = f"{folder}/two.ilk"
    expect_status(call("record", "-o", log, f"{folder}/two"), 0)
    expect_status(call("analyze", log), 66)
    source.write_text(text.replace("COMMENT", "// interlock: allow(lock-order-cycle) they never run at once"), encoding="utf-8")
    done = call("analyze", "--format", "json", log)
    expect_status(done, 0)
    check(report_json.read(done.stdout)["findings"][0]["suppressed_by"] == f"{source}:5: they never run at once", done.stdout)
    source.write_text(text.replace("COMMENT", "// interlock: allow(lock-order-cycle)"), encoding="utf-8")
    done = call("analyze", log)
    expect_status(done, 66)
    check(f"interlock: {source}:5: interlock: allow: it gives no reason\n" in done.stderr, done.stderr)


@test
def colours_are_only_where_asked(folder):
    check("\x1b" not in call("run", BANK).stderr)
    check("\x1b" in call("run", "--color", "always", BANK).stderr)
    check("\x1b" not in call("run", BANK, env={"NO_COLOR": "1"}).stderr)


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
def help_and_version_are_on_stdout(folder):
    for words in (["--help"], ["run", "--help"], ["record", "-h"], ["analyze", "--help"], ["dump", "--help"], ["graph", "--help"]):
        done = call(*words)
        expect_status(done, 0)
        check("Usage: interlock" in done.stdout and done.stderr == "", words, done.stdout, done.stderr)
        check(max(len(line) for line in done.stdout.splitlines()) <= 100, words, done.stdout)
    check(re.fullmatch(r"interlock \d+\.\d+\.\d+\n", call("--version").stdout))


def main():
    print(f"1..{len(TESTS)}", flush=True)
    for number, one in enumerate(TESTS, 1):
        wrong = ""
        with tempfile.TemporaryDirectory() as folder:
            try:
                one(folder)
            except (AssertionError, OSError, ValueError, KeyError, subprocess.TimeoutExpired, jsonschema.ValidationError) as error:
                wrong = f"{type(error).__name__}: {error}"
        print(f"{'not ok' if wrong else 'ok'} {number} - {one.__name__.replace('_', ' ')}", flush=True)
        for line in wrong.splitlines():
            print(f"# {line}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
