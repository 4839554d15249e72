#!/usr/bin/python3
"""What the command says of a run: its formats, tables and timeline, and what a user wants said no more.
Prints TAP. Usage: reports_test.py INTERLOCK BANK"""
import json
import os
import pathlib
import re
import subprocess
import sys

from called import INTERLOCK, call, check, expect_status, run_all, test
import report_json

BANK = os.path.abspath(sys.argv[2])
TESTS = pathlib.Path(__file__).resolve().parents[1]


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
def a_report_overwrites_nothing_that_was_asked_for_or_is_read(folder):
    log, other = f"{folder}/bank.ilk", f"{folder}/other"
    expect_status(call("record", "-o", log, "--", BANK), 0)
    was = pathlib.Path(log).read_bytes()
    pathlib.Path(other).write_text("", encoding="utf-8")
    os.symlink(other, f"{folder}/link")
    for words, what in ((["--report", "r", "--format", "json", "--report", "./r"], "./r would overwrite that of --report"),
                        (["--report", other, "--report", "link"], "link would overwrite that of --report"),
                        (["--report", "bank.ilk"], "bank.ilk would overwrite that of the log"),
                        (["--write-baseline", log], f"{log} would overwrite that of the log"),
                        (["--report", "b", "--write-baseline", "b"], "b would overwrite that of --report"),
                        (["--suppressions", other, "--report", "other"], "other would overwrite that of --suppressions")):
        refused = expect_status(call("analyze", *words, log, cwd=folder), 2)
        check(refused.stderr.startswith("interlock analyze: --") and f": {what}; see" in refused.stderr, words, refused.stderr)
        check(pathlib.Path(log).read_bytes() == was and not pathlib.Path(folder, "r").exists(), words)
    expect_status(call("run", "--report", "r", "--report", "r", "--", BANK, cwd=folder), 125)
    both = expect_status(call("analyze", "--report", "-", "--report", "-", "--report", "/dev/null", "--report", "/dev/null", log), 66)
    check(both.stdout.count("SUMMARY: interlock: ") == 2, both.stdout)
    for _ in range(2):
        expect_status(call("analyze", "--write-baseline", "base", log, cwd=folder), 0)
        expect_status(call("analyze", "--baseline", "base", "--write-baseline", "base", log, cwd=folder), 0)
    expect_status(call("analyze", "--baseline", "base", log, cwd=folder), 0)


@test
def a_report_takes_the_place_of_neither_the_program_nor_its_log(folder):
    program = folder / "bank"
    program.write_bytes(pathlib.Path(BANK).read_bytes())
    program.chmod(0o755)
    was = program.read_bytes()
    os.symlink(program, folder / "link")
    on_path = {"PATH": f"{folder}:{os.environ['PATH']}"}
    for words, what in ((["--report", program, "--", "./link"], f"{program} would overwrite that of the program"),
                        (["--report", "link", "--", "bank"], "link would overwrite that of the program"),
                        (["--write-baseline", "./bank", "--", program], "./bank would overwrite that of the program"),
                        (["--log", "x.ilk", "--report", "./x.ilk", "--", program], "./x.ilk would overwrite that of --log"),
                        (["--log", "%%.%h", "--report", f"%.{os.uname().nodename}", "--", program], "would overwrite that of --log")):
        refused = expect_status(call("run", *words, cwd=folder, env=on_path), 125)
        check(what in refused.stderr and refused.stderr.count("\n") == 1, words, refused.stderr)
        check(program.read_bytes() == was and len(list(folder.iterdir())) == 2, words)
    expect_status(call("run", "--log", "%p.ilk", "--report", "r", "--", "./bank", cwd=folder), 66)
    check((folder / "r").read_text(encoding="utf-8").startswith("WARNING: interlock: "), "no report")


@test
def every_format_is_what_its_readers_ask_for(folder):
    names = {"sarif": "a.sarif", "html": "a.html", "github": "a.github", "markdown": "a.md"}
    pairs = [word for form, name in names.items() for word in ("--format", form, "--report", f"{folder}/{name}")]
    expect_status(call("run", *pairs, BANK, cwd=pathlib.Path(BANK).parents[2]), 66)
    for script, name in (("sarif_test.py", "a.sarif"), ("html_test.py", "a.html")):
        held = subprocess.run([sys.executable, TESTS / "golden" / script, f"{folder}/{name}"], capture_output=True, text=True, check=True)
        check(held.stdout.startswith("1..1\nok 1"), held.stdout)
    found = json.loads(pathlib.Path(folder, "a.sarif").read_text(encoding="utf-8"))["runs"][0]["results"][0]
    check(len(found["codeFlows"][0]["threadFlows"]) == 2, found)
    check(found["locations"][0]["physicalLocation"]["region"]["endColumn"] > 2, "the source line was not read", found["locations"])
    check(pathlib.Path(folder, "a.github").read_text(encoding="utf-8").startswith("::error file="), "no annotation")
    check(pathlib.Path(folder, "a.md").read_text(encoding="utf-8").startswith("### interlock: 1 error,"), "no headline")


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
def statistics_of_unoptimised_code_tell_locks_apart_and_name_no_place_of_the_library(folder):
    source = folder / "three.cpp"
    source.write_text("""#include <atomic>
#include <mutex>
#include <thread>
std::mutex a, b;
std::recursive_mutex deep;
std::atomic<bool> wanted{false};
int main() {
    a.lock();
    std::thread t([] { wanted = true; a.lock(); a.unlock(); });
    while (!wanted) continue;
    for (int i = 0; i < 20; ++i) std::this_thread::yield();
    a.unlock();
    t.join();
    b.lock();
    b.unlock();
    for (int i = 0; i < 100; ++i) { std::lock_guard x(deep); std::lock_guard y(deep); std::lock_guard z(deep); }
}
""", encoding="utf-8")
    subprocess.run(["g++", "-std=c++20", "-g", "-O0", "-o", f"{folder}/three", str(source), "-lpthread"], check=True)
    expect_status(call("record", "-o", f"{folder}/three.ilk", "--", f"{folder}/three"), 0)
    made = json.loads(call("stats", "--format", "json", f"{folder}/three.ilk").stdout)
    classes = {row["label"]: row for row in made["classes"]}
    check({"a", "b", "deep"} <= set(classes) and all(row["locks"] == 1 for row in made["classes"]), classes)
    check(classes["deep"]["acquisitions"] == 300 and classes["deep"]["contended"] == 0 and classes["deep"]["wait"]["total_ns"] == 0, classes)
    text = call("stats", f"{folder}/three.ilk").stdout
    check("gthr-default" not in text, text)
    check("some waits have no place" not in text, text)
    waited = classes["a"]["wait"]["total_ns"] > 0  # the thread may have been late
    check(not waited or "three.cpp:9" in classes["a"]["worst_pair"]["waited_at"], classes["a"])
    expect_status(call("timeline", "-o", f"{folder}/three.pftrace", f"{folder}/three.ilk"), 0)
    drawn = pathlib.Path(folder, "three.pftrace").read_bytes()
    check(b"gthr-default" not in drawn and b"waits for deep" not in drawn and b"deep" in drawn, "drawn")


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
def no_command_writes_over_what_it_reads(folder):
    log = folder / "bank.ilk"
    expect_status(call("record", "-o", log, "--", BANK), 0)
    was = log.read_bytes()
    os.symlink(log, folder / "link")
    os.link(log, folder / "whole.part")
    for words, what in ((["timeline", log, "-o", log], f"-o: {log} would overwrite the log"),
                        (["timeline", "-o", "link", log], "-o: link would overwrite the log"),
                        (["timeline", "-o", "./bank.ilk", "/dev/null", "link"], "-o: ./bank.ilk would overwrite the log"),
                        (["watch", "--guard", "--report", log, log], f"--report: {log} would overwrite that of the log"),
                        (["snapshot", "--report", "link", log], "--report: link would overwrite that of the core dump"),
                        (["merge", log, "-o", "link"], f"{log}: the summary would overwrite what it is made of"),
                        (["merge", "whole.part", "-o", "whole"], "whole.part: the summary would overwrite what it is made of")):
        refused = expect_status(call(*words, cwd=folder), 2)
        check(what in refused.stderr and refused.stderr.count("\n") == 1, words, refused.stderr)
        check(log.read_bytes() == was, words)
    older = folder / "older.pftrace"
    older.write_text("kept", encoding="utf-8")
    expect_status(call("timeline", "-o", older, "/dev/null", folder / "none"), 3)
    check(older.read_text(encoding="utf-8") == "kept", "an unusable log took the older trace away")
    os.mkfifo(folder / "pipe")
    with subprocess.Popen(["cat", folder / "pipe"], stdout=subprocess.PIPE, text=True) as reader:
        expect_status(call("merge", log, "-o", "pipe", cwd=folder), 0)
        check(reader.communicate(timeout=60)[0].startswith('{"'), "nothing came through the pipe")
    check((folder / "pipe").is_fifo(), "a file took the place of the pipe")


@test
def a_report_that_cannot_be_written_is_told_and_not_lost(folder):
    done = call("run", "--report", "/dev/full", BANK, cwd=folder)
    expect_status(done, 125)
    check("/dev/full: the report cannot be written: No space left" in done.stderr, done.stderr)
    check("lock-order-inversion" in done.stderr, done.stderr)


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
// ELSEWHERE
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
    source.write_text(text.replace("COMMENT", "// interlock: allow(destroy-while-held) it is not"), encoding="utf-8")
    done = expect_status(call("analyze", log), 66)
    check(f"interlock: suppression matches nothing: {source}:5: interlock: allow: it is not\n" in done.stderr, done.stderr)
    source.write_text(text.replace("ELSEWHERE", "interlock: allow(lock-order-cycle) left behind"), encoding="utf-8")
    done = expect_status(call("analyze", log), 66)
    check(f"interlock: suppression matches nothing: {source}:11: interlock: allow: left behind\n" in done.stderr, done.stderr)
    source.write_text(text.replace("COMMENT", "// interlock: allow(lock-order-cycle)"), encoding="utf-8")
    done = call("analyze", log)
    expect_status(done, 66)
    check(f"interlock: {source}:5: interlock: allow: it gives no reason\n" in done.stderr, done.stderr)


@test
def colours_are_only_where_asked(folder):
    check("\x1b" not in call("run", BANK).stderr)
    check("\x1b" in call("run", "--color", "always", BANK).stderr)
    check("\x1b" not in call("run", BANK, env={"NO_COLOR": "1"}).stderr)


if __name__ == "__main__":
    run_all()
