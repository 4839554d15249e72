#!/usr/bin/python3
"""How the command tells what it found: one name for one thing, advice that fits, numbers that are true, the status of what was ended.
Prints TAP. Usage: told_test.py INTERLOCK TOLD HANDLER (tests/programs/signal/handler)"""
import json
import os
import pathlib
import re
import sys

from called import call, check, expect_status, run_all, test
import report_json

TOLD, HANDLER = map(os.path.abspath, sys.argv[2:4])


def recorded(folder, *words, level="full"):
    log = f"{folder}/told.ilk"
    call("record", "--record", level, "-o", log, TOLD, *words)
    return log


def hung(folder):
    log = f"{folder}/hung.ilk"
    expect_status(call("run", "--log", log, "--report", "/dev/null", TOLD, "hangs"), 66)
    return log


@test
def a_request_of_a_signal_handler_is_suppressed_as_such(folder):
    log = f"{folder}/handler.ilk"
    for level in ("full", "order"):
        expect_status(call("record", "--record", level, "-o", log, HANDLER, "open"), 0)
        (found,) = report_json.read(call("analyze", "--format", "json", log).stdout)["findings"]
        check(found["kind"] == "self-deadlock", found)
        entry = next(line for line in call("suppress", log).stdout.splitlines() if not line.startswith("#"))
        check(entry.startswith("signal:^on_signal"), entry)
        for text, status in ((entry, 0), ("signal:*", 0), ("signal:on_signal", 0), ("signal:off_signal", 66), ("thread:*", 66)):
            pathlib.Path(folder, "s").write_text(text + "\n", encoding="utf-8")
            done = expect_status(call("analyze", "--suppressions", f"{folder}/s", log), status)
            check(("matches nothing" in done.stderr) == (status == 66), text, done.stderr)
    pathlib.Path(folder, "s").write_text("signal:*\n", encoding="utf-8")
    expect_status(call("analyze", "--suppressions", f"{folder}/s", recorded(folder, "semaphores")), 66)


@test
def a_table_names_threads_without_names_as_its_findings_do(folder):
    log = hung(folder)
    table = expect_status(call("watch", "--once", log), 0).stdout
    rows = dict(re.findall(r"^(thread \d+) +STUCK +(\S+)", table, re.M))
    check(len(rows) == 2, table)
    for thread, lock in rows.items():
        check(re.search(rf"{thread} holds {re.escape(lock)} and waits for", table), thread, lock, table)
    made = json.loads(expect_status(call("watch", "--once", "--format", "json", log), 0).stdout)
    check({f"thread {number}" for number in made["stuck"][0]["threads"]} == set(rows), made)
    for text in (table, json.dumps([one.get("wants") for one in made["threads"]])):
        check(re.search(r"the end of thread \d+", text) and "{thread" not in text, text)


@test
def a_table_tells_which_options_are_for_reports(folder):
    log = hung(folder)
    for words in (["--report", f"{folder}/r"], ["--fail-on", "error"], ["--exitcode", "7"], ["--on-deadlock", "kill"], ["--detach"],
                  ["--suppressions", "/dev/null"]):
        done = expect_status(call("watch", "--once", *words, log), 2)
        check(len(done.stderr.splitlines()) == 1 and f"{words[0]}: is for --guard" in done.stderr, done.stderr)
    check(not pathlib.Path(folder, "r").exists(), "a report was made")


@test
def a_table_that_cannot_be_written_is_told(folder):
    import subprocess
    with open("/dev/full", "wb") as full:
        done = subprocess.run([sys.argv[1], "watch", "--once", hung(folder)], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    check(done.returncode == 125 and done.stderr.splitlines() == ["interlock: the table cannot be written: No space left on device"],
          done.returncode, done.stderr)


@test
def a_program_that_hung_and_was_ended_does_not_count_as_one_that_did_well(folder):
    expect_status(call("run", "--watchdog", "1", TOLD, "waits"), 66)
    expect_status(call("run", "--watchdog", "1", "--fail-on", "error", TOLD, "waits"), 137)
    expect_status(call("run", "--fail-on", "never", TOLD, "hangs"), 137)
    expect_status(call("run", "--exitcode", "9", TOLD, "hangs"), 9)
    pathlib.Path(folder, "s").write_text("deadlock:*\n", encoding="utf-8")
    expect_status(call("run", "--suppressions", f"{folder}/s", TOLD, "hangs"), 137)


@test
def the_holder_of_what_another_unlocks_is_told_with_its_place(folder):
    log = recorded(folder, "unlocks")
    text = call("analyze", log).stdout
    unlocks = re.search(r"^  (thread \d+) +plain +\S*told.cpp:\d+ in .*pthread_mutex_unlock\(&plain\);$", text, re.M)
    holds = re.search(r"^  (thread \d+)  holds plain +\S*told.cpp:\d+ in .*pthread_mutex_lock\(&plain\);$", text, re.M)
    check(unlocks and holds and f"{unlocks[1]} unlocks plain, which {holds[1]} holds." in text, text)
    found = next(one for one in report_json.read(call("analyze", "--format", "json", log).stdout)["findings"] if one["kind"] == "unlock-not-owner")
    check(found["holder"]["thread"] in [one["id"] for one in found["threads"]], found)
    check(found["holder"]["stack"][0]["line"] != found["stack"][0]["line"], found)


@test
def the_place_is_told_of_the_first_lock_of_all_too_at_either_level(folder):
    for level in ("full", "order"):
        (found,) = report_json.read(call("analyze", "--format", "json", recorded(folder, "unlocks-of-main", level=level)).stdout)["findings"]
        check(found["kind"] == "unlock-not-owner" and found["holder"]["stack"][0]["function"].endswith("unlocks_of_main()"), level, found)


@test
def acquisitions_are_counted_where_they_were_recorded_and_only_there(folder):
    log = recorded(folder, "semaphores", level="order")
    for form in ("text", "html", "markdown", "github"):
        check("acquisition" not in call("analyze", "--format", form, log).stdout, form)
    check("acquisitions" not in report_json.read(call("analyze", "--format", "json", log).stdout)["logs"][0])
    log = recorded(folder, "semaphores")
    check(report_json.read(call("analyze", "--format", "json", log).stdout)["logs"][0]["acquisitions"] == 4)
    rows = json.loads(call("stats", "--format", "json", log).stdout)["locks"]
    check(sorted((row["type"], row["acquisitions"]) for row in rows) == [("semaphore", 2)] * 2, rows)


@test
def what_was_refused_did_not_wait(folder):
    text = call("analyze", recorded(folder, "again")).stdout
    check("It happened: thread 1 holds" in text and "which was refused (EDEADLK); it did not wait." in text, text)
    check("waits for" not in text, text)


@test
def advice_fits_the_type_of_the_locks(folder):
    for words, advice in (("semaphores", r"keep one order everywhere \(\w+, \w+\)\."), ("statics", "let no initialiser "),
                          ("upgrades", "ask for shared exclusively from the start")):
        log = f"{folder}/{words}.ilk"
        call("run", "--log", log, "--report", "/dev/null", TOLD, words)
        text = call("analyze", log).stdout
        check(re.search(f"Break it: {advice}", text) and "scoped_lock" not in text, text)


@test
def locks_of_python_are_told_in_few_lines_of_bounded_width(folder):
    script = pathlib.Path(folder, "crossed.py")
    script.write_text("import threading\n"
                      "a, b, met = threading.Lock(), threading.Lock(), threading.Barrier(2)\n"
                      "def both(outer, inner):\n    with outer:\n        met.wait()\n        with inner:\n            pass\n"
                      "all = [threading.Thread(target=both, args=pair) for pair in ((a, b), (b, a))]\n"
                      "[one.start() for one in all]\n[one.join() for one in all]\n", encoding="utf-8")
    log = f"{folder}/python.ilk"
    done = expect_status(call("run", "--log", log, sys.executable, script), 66)
    told = done.stderr[done.stderr.index("WARNING: interlock: deadlock"):].split("\ninterlock: ")[0].splitlines()
    check(len(told) <= 25 and max(map(len, told)) <= 150, len(told), done.stderr)
    check("scoped_lock" not in done.stderr, done.stderr)
    rows = json.loads(call("stats", "--format", "json", log).stdout)["locks"]
    check(any(row["type"] == "semaphore" and row["acquisitions"] > 0 for row in rows), rows[:5])


if __name__ == "__main__":
    run_all()
