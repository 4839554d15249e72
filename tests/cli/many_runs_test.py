#!/usr/bin/python3
"""Many runs as one: halves of a cycle in different processes, summaries that do not hang on order, baselines, differences.
Prints TAP. Usage: many_runs_test.py INTERLOCK HALVES"""
import json
import os
import random
import re
import struct
import subprocess
import sys

from called import INTERLOCK, call, check, expect_status, run_all, test
import report_json

HALVES = os.path.abspath(sys.argv[2])


def record(folder, name, *words):
    path = folder / f"{name}.ilk"
    expect_status(call("record", "-o", path, "--", HALVES, *words), 0)
    return path


def report(*words, status):
    done = expect_status(call("analyze", "--format", "json", *words), status)
    return report_json.read(done.stdout)


def verdicts(told):
    return [(one["kind"], one["verdict"], one["severity"]) for one in told["findings"]]


ACROSS = [("lock-order-cycle", "across-runs", "warning")]


@test
def halves_of_a_cycle_in_two_processes_are_found_across_runs(folder):
    one, two = record(folder, "one", "forward"), record(folder, "two", "backward")
    for log in (one, two):
        check(verdicts(report(log, status=0)) == [], log)
    told = report(one, two, status=66)
    check(verdicts(told) == ACROSS, told["findings"])
    (finding,) = told["findings"]
    check(sorted(lock["name"] for lock in finding["locks"]) == ["a", "b"], finding["locks"])
    check({edge["wanted_stack"][0]["function"].split("::")[-1] for edge in finding["edges"]} == {"forward()", "backward()"}, finding["edges"])
    check({edge.get("log", 0) for edge in finding["edges"]} == {0, 1}, finding["edges"])
    check(finding["edges"][0]["wanted"] == finding["edges"][1]["held"] and finding["edges"][1]["wanted"] == finding["edges"][0]["held"], finding["edges"])
    check(finding["coffman"]["circular_wait"]["holds"] == "unknown", finding["coffman"])
    pids = [log["pid"] for log in told["logs"]]
    check(all(f"halves (pid={pid})" in finding["why"] for pid in pids), finding["why"], pids)
    text = expect_status(call("analyze", one, two), 66).stdout
    check("[across-runs]" in text and "no one run has all of its edges: " in text, text)


@test
def a_process_that_does_both_is_told_as_it_was_and_has_the_same_id(folder):
    one, two, both = record(folder, "one", "forward"), record(folder, "two", "backward"), record(folder, "both", "forward", "backward")
    (alone,) = report(both, status=66)["findings"]
    (across,) = report(one, two, status=66)["findings"]
    check(alone["verdict"] == "ordered" and alone["id"] == across["id"], alone["verdict"], alone["id"], across["id"])
    (together,) = report(one, two, both, status=66)["findings"]
    check((together["verdict"], together["id"]) == ("ordered", alone["id"]), together)


@test
def what_cannot_be_a_cycle_across_runs_is_none(folder):
    for first, second, expected, status in (
            ("forward", "forward", [], 0),
            ("first", "second", [], 0),  # elements of one array: one kind
            ("shared-forward", "shared-backward", [], 0),
            ("gated-forward", "gated-backward", [("lock-order-cycle", "guarded", "note")], 0),
            ("gated-forward", "backward", ACROSS, 66),
            ("patient-forward", "patient-backward", [("lock-order-cycle", "escapable", "note")], 0),
            ("heap-forward", "heap-backward", ACROSS, 66),
            ("unborn-forward", "unborn-backward", [], 0)):
        told = report(record(folder, "one", first), record(folder, "two", second), status=status)
        check(verdicts(told) == expected, first, second, told["findings"])
        unknown = [spot for log in told["logs"] for spot in log["blind_spots"] if "locks that have neither class, variable nor place of birth are not known again" in spot]
        check(len(unknown) == (2 if first.startswith("unborn") else 0), first, unknown)


@test
def what_locks_are_wrapped_in_is_seen_through(folder):
    """`door` hands locks out: two that others have are not one kind for it, and the one of `shop` is one wherever it is made."""
    forward = record(folder, "forward", "shop-forward")
    for other, expected, status in (("shop-backward", ACROSS, 66), ("mill-backward", [], 0)):
        log = record(folder, other, other)
        told = report(forward, log, status=status)
        check(verdicts(told) == expected, other, told["findings"])
        parts = [folder / f"{log.stem}.sum" for log in (forward, log)]
        for part, log in zip(parts, (forward, log)):
            expect_status(call("merge", log, "-o", part), 0)
        check(verdicts(report(*reversed(parts), status=status)) == expected, other, "from summaries")


@test
def a_summary_is_the_same_in_any_order_and_grouping(folder):
    words = ["forward", "backward", "gated-forward", "patient-forward", "first", "heap-backward", "heap-forward"]
    logs = [record(folder, f"r{i}", word) for i, word in enumerate(words)]
    whole = folder / "whole.sum"
    expect_status(call("merge", *logs, "-o", whole), 0)
    dice = random.Random(5)
    for turn in range(4):
        dice.shuffle(logs)
        cut = dice.randrange(1, len(logs))
        parts = [folder / "left.sum", folder / "right.sum"]
        for part, some in zip(parts, (logs[:cut], logs[cut:])):
            expect_status(call("merge", *some, "-o", part), 0)
        dice.shuffle(parts)
        again = folder / f"again{turn}.sum"
        expect_status(call("merge", *parts, logs[0], "-o", again), 0)  # one of them twice: it counts once
        check(again.read_bytes() == whole.read_bytes(), "turn", turn)
    from_logs, from_summary = report(*logs, status=66), report(whole, status=66)
    strip = lambda told: [(one["id"], one["verdict"], one["occurrences"]) for one in told["findings"]]
    check(strip(from_logs) == strip(from_summary), strip(from_logs), strip(from_summary))
    check(strip(report(parts[0], parts[1], status=66)) == strip(from_logs), "two summaries")
    some = [log for log in logs if log.stem != "r0"]
    check(strip(report(whole, *some, status=66)) == strip(from_logs), "a summary and logs that it has")
    drawn = expect_status(call("graph", whole), 0).stdout
    check('label="a"' in drawn and "color=red" in drawn, drawn)


@test
def a_bad_summary_is_refused_with_its_line(folder):
    whole = folder / "whole.sum"
    expect_status(call("merge", record(folder, "one", "forward"), record(folder, "two", "backward"), "-o", whole), 0)
    lines = whole.read_text(encoding="utf-8").splitlines(keepends=True)
    bad = folder / "bad.sum"
    def replaced(number, old, new):
        check(old in lines[number], old, lines[number])
        return lines[:number] + [lines[number].replace(old, new)] + lines[number + 1:]
    for text, line in ((lines[:2], 2), (replaced(0, '"version":2', '"version":9'), 1), (replaced(1, '"id":"', '"id":7,"x":"'), 2),
                       (replaced(3, '"runs":"', '"runs":"9-'), 4), (replaced(3, '"exclusive"', '"loud"'), 4), (lines[:3] + ["{\n"], 4),
                       (replaced(3, '"of":', '"of":7'), 4), (lines[:3] + ["[]\n"], 4)):
        bad.write_text("".join(text), encoding="utf-8")
        for command in (["analyze", bad], ["merge", bad, "-o", folder / "x.sum"]):
            done = expect_status(call(*command), 3)
            check(re.fullmatch(rf"interlock: {re.escape(str(bad))}:{line}: .+\n", done.stderr), line, done.stderr)
    bad.write_text("".join(replaced(0, '"version":2', '"version":1')), encoding="utf-8")
    done = expect_status(call("analyze", bad), 3)
    check(done.stderr == f"interlock: {bad}:1: a summary of another version than 2: make it anew from its logs\n", done.stderr)
    expect_status(call("merge", whole), 2)
    refused = expect_status(call("merge", bad, whole, "-o", folder / "." / "whole.sum"), 2)
    check(refused.stderr == f"interlock: {whole}: the summary would overwrite what it is made of\n", refused.stderr)
    check(whole.read_text(encoding="utf-8") == "".join(lines), "changed")
    expect_status(call("merge", whole, "-o", "/no/such/folder/x.sum"), 125)
    check(sorted(one.name for one in folder.glob("*.part")) == [], "left over")


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def as_other_process(image, number):
    """The log as another process would have left it: pid, start and the header's checksum (layout.hpp)."""
    header = bytearray(image[:88 + 512 + 1024 + 4])
    struct.pack_into("<I", header, 24, 10000 + number)
    start, = struct.unpack_from("<Q", header, 32)
    struct.pack_into("<Q", header, 32, start + number + 1)
    return bytes(header) + struct.pack("<I", crc32c(header)) + image[len(header) + 4:]


def peak_kib(*words):
    process = subprocess.Popen([INTERLOCK, *map(str, words)], stdin=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    check(process.returncode == 0, "status", process.returncode)
    return usage.ru_maxrss


@test
def a_thousand_logs_need_hardly_more_room_than_ten(folder):
    images = [record(folder, word, word).read_bytes() for word in ("forward", "backward")]
    logs = []
    for number in range(1000):
        logs.append(folder / f"p{number}.ilk")
        logs[-1].write_bytes(as_other_process(images[number % 2], number))
    few, many = peak_kib("merge", *logs[:10], "-o", folder / "few.sum"), peak_kib("merge", *logs, "-o", folder / "many.sum")
    check(many < few + 16 * 1024, few, many)
    told = report(folder / "many.sum", status=66)
    check(len(told["logs"]) == 1000 and verdicts(told) == ACROSS, len(told["logs"]), told["findings"])


@test
def a_baseline_leaves_only_new_findings(folder):
    log = record(folder, "one", "forward", "backward")
    base = folder / "base"
    done = expect_status(call("analyze", "--write-baseline", base, log), 0)
    check("[ordered]" in done.stdout, done.stdout)
    lines = base.read_text(encoding="utf-8").splitlines()
    check(lines[0] == "# interlock baseline 1", lines)
    check(re.fullmatch(r"finding [0-9a-f]{16} lock-order-cycle ordered a in backward => .*", next(line for line in lines if line.startswith("finding")))
          or re.fullmatch(r"finding [0-9a-f]{16} lock-order-cycle ordered a in forward => b in forward, b in backward => a in backward",
                          next(line for line in lines if line.startswith("finding"))), lines)
    check([line for line in lines if line.startswith("edge")] == ["edge a in forward => b in forward", "edge b in backward => a in backward"], lines)
    for words in (["analyze", "--baseline", base, log], ["run", "--baseline", base, "--", HALVES, "forward", "backward"]):
        done = expect_status(call(*words), 0)
        check("WARNING" not in done.stdout + done.stderr and "1 known" in done.stdout + done.stderr, done.stdout, done.stderr)
    told = report("--baseline", base, log, status=0)
    check(told["findings"][0]["known"] and told["summary"]["known"] == 1 and told["summary"]["warnings"] == 0, told)
    more = record(folder, "more", "forward", "backward", "patient-forward", "patient-backward", "more-forward", "more-backward")
    told = report("--baseline", base, more, status=66)
    check(sorted(one.get("known", False) for one in told["findings"]).count(True) == 1 and len(told["findings"]) == 3, told["findings"])
    again = folder / "again"
    expect_status(call("run", "--write-baseline", again, "--", HALVES, "forward", "backward"), 0)
    check(again.read_bytes() == base.read_bytes(), again.read_text(encoding="utf-8"))


@test
def a_bad_baseline_is_a_wrong_call_with_its_line(folder):
    log, bad = record(folder, "one", "forward"), folder / "bad"
    for text, told in (("", "1: not a baseline: it is empty"), ("hello\n", "1: not a baseline: it does not begin with '# interlock baseline'"),
                       ("# interlock baseline 2\n", "1: a baseline of another version than 1"),
                       ("# interlock baseline 1\nfinding xyz lock-order-cycle potential x\n", "2: the id is not 16 hexadecimal digits"),
                       ("# interlock baseline 1\n\nfinding 0123456789abcdef cycle potential x\n", "3: its kind is not known"),
                       ("# interlock baseline 1\nfinding 0123456789abcdef lock-order-cycle sure x\n", "2: its verdict is not known"),
                       ("# interlock baseline 1\nedge a b\n", "2: not of the form: edge LOCK in FUNCTION => LOCK in FUNCTION"),
                       ("# interlock baseline 1\nnode a\n", "2: begins with neither finding nor edge")):
        bad.write_text(text, encoding="utf-8")
        for words, status in ((["analyze", "--baseline", bad, log], 2), (["run", "--baseline", bad, "--", HALVES], 125)):
            done = expect_status(call(*words), status)
            check(done.stderr == f"interlock {words[0]}: {bad}:{told}; see interlock {words[0]} --help\n", done.stderr)
    expect_status(call("analyze", "--baseline", folder / "none", log), 2)
    expect_status(call("analyze", "--write-baseline", "/no/such/folder/b", log), 2)


@test
def diff_tells_new_gone_and_still(folder):
    before, now = record(folder, "before", "forward", "backward", "first"), record(folder, "now", "forward", "backward", "more-forward", "more-backward")
    states = {}
    for name, log in (("before", before), ("now", now)):
        states[name] = [log]
        for suffix, words in (("base", ["analyze", "--write-baseline"]), ("sum", ["merge", log, "-o"])):
            path = folder / f"{name}.{suffix}"
            expect_status(call(*words, path, *([log] if suffix == "base" else [])), 0)
            states[name].append(path)
    texts = set()
    for old in states["before"]:
        for new in states["now"]:
            texts.add(expect_status(call("diff", old, new), 66).stdout)
    (text,) = texts
    lines = text.splitlines()
    check(re.fullmatch(r"new    [0-9a-f]{16} lock-order-cycle \[ordered\] .*more_forward.*", lines[0]), text)
    check(re.fullmatch(r"still  [0-9a-f]{16} lock-order-cycle \[ordered\] .*forward.*", lines[1]), text)
    edges = [line for line in lines if " edge " in line]
    check(edges == ["new    edge a in more_forward => c in more_forward", "new    edge c in more_backward => a in more_backward",
                    "gone   edge accounts[].m in transfer => accounts[].m in transfer"], edges)
    check(lines[-1] == "interlock: 1 new, 0 gone, 1 still there; edges of the lock-order graph: 2 new, 1 gone", lines[-1])
    expect_status(call("diff", now, before), 0)
    expect_status(call("diff", "--fail-on", "error", before, now), 0)
    expect_status(call("diff", "--exitcode", "5", before, now), 5)
    machine = json.loads(expect_status(call("diff", "--format", "json", before, now), 66).stdout)
    check(len(machine["new"]) == 1 and machine["gone"] == [] and len(machine["still"]) == 1 and len(machine["new_edges"]) == 2, machine)
    reports = [folder / "before.json", folder / "now.json"]
    for log, path in zip((before, now), reports):
        expect_status(call("analyze", "--format", "json", "--report", path, log), 66)
    text = expect_status(call("diff", *reports), 66).stdout
    check("1 new, 0 gone, 1 still there; a JSON report tells no lock-order graph" in text, text)


@test
def diff_refuses_what_it_cannot_read(folder):
    log = record(folder, "one", "forward")
    bad = folder / "bad"
    for text, told in (("{\n\n  \"format\": }\n", ":3: "), ("{}", ":1: neither a log nor"), ("junk", ": offset "),
                       ('{"format":"interlock-report","findings":[{"id":"x"}]}', ":1: findings[0]: 'kind' is missing"), ("", ": offset ")):
        bad.write_text(text, encoding="utf-8")
        done = expect_status(call("diff", log, bad), 3)
        check(done.stderr.startswith(f"interlock: {bad}{told}") and done.stderr.count("\n") == 1, text, done.stderr)
    expect_status(call("diff", log, folder / "none"), 3)
    expect_status(call("diff", log), 2)


@test
def a_declared_order_is_held_against_what_runs_show(folder):
    forward, backward, whole = record(folder, "one", "forward"), record(folder, "two", "backward"), folder / "whole.sum"
    expect_status(call("merge", forward, backward, "-o", whole), 0)
    order = folder / "lock-order.toml"
    order.write_text("[ranks]\na = 10\nb = 20\n", encoding="utf-8")
    check(verdicts(report("--lock-order", order, forward, status=0)) == [], "in order")
    (log,) = report("--lock-order", order, record(folder, "unborn", "unborn-forward"), status=0)["logs"]
    check(log["blind_spots"] == [], "of other runs where there are none", log["blind_spots"])
    told = report("--lock-order", order, backward, status=66)
    check(verdicts(told) == [("lock-rank-violation", "observed", "error")], told["findings"])
    (finding,) = told["findings"]
    check(finding["why"] == f"{order} declares a (rank 10, {order}:2) before b (rank 20, {order}:3)", finding["why"])
    check(finding["stack"][0]["function"].endswith("backward()") and [lock["name"] for lock in finding["locks"]] == ["a", "b"], finding)
    check(finding["message"] == "thread 1 asks for a while holding b, against the declared order", finding["message"])
    check(finding["holder"]["stack"][0]["function"].endswith("backward()"), finding)
    check(finding["holder"]["stack"][0]["line"] + 1 == finding["stack"][0]["line"], finding)
    run = expect_status(call("run", "--lock-order", order, "--", HALVES, "backward"), 66)
    check("WARNING: interlock: lock-rank-violation" in run.stderr, run.stderr)
    check(f"It is observed: {order} declares a (rank 10, {order}:2) before b (rank 20, {order}:3)." in run.stderr, run.stderr)
    both = report("--lock-order", order, whole, status=66)
    check(sorted(verdicts(both)) == sorted([*ACROSS, ("lock-rank-violation", "observed", "error")]), both["findings"])
    check(finding["id"] in [one["id"] for one in both["findings"]], finding["id"], both["findings"])
    base = folder / "base"
    expect_status(call("analyze", "--lock-order", order, "--write-baseline", base, backward), 0)
    check(verdicts(report("--lock-order", order, "--baseline", base, backward, status=0)) != [], "known")


@test
def files_of_options_may_be_pipes_and_no_folders(folder):
    backward, order = record(folder, "one", "backward"), folder / "lock-order.toml"
    order.write_text("[ranks]\na = 10\nb = 20\n", encoding="utf-8")
    base = folder / "base"
    expect_status(call("analyze", "--lock-order", order, "--write-baseline", base, backward), 0)
    hides = folder / "hides"
    hides.write_text("lock-rank-violation:*\n", encoding="utf-8")

    def piped(words, status):
        line = " ".join(f"'{word}'" if isinstance(word, str) else f"<(cat '{word[0]}')" for word in [INTERLOCK, "analyze", *words, str(backward)])
        return expect_status(subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False, timeout=300), status)

    check("lock-rank-violation" in piped(["--lock-order", (order,)], 66).stdout, "the order was read")
    piped(["--lock-order", (order,), "--suppressions", (hides,)], 0)
    piped(["--lock-order", (order,), "--baseline", (base,)], 0)
    for option in ("--lock-order", "--suppressions", "--baseline"):
        refused = expect_status(call("analyze", option, folder, backward), 2)
        check(refused.stderr.startswith(f"interlock analyze: {folder}: cannot be read: Is a directory"), refused.stderr)
    expect_status(call("suppress", "--suppressions", folder, backward), 2)


@test
def a_suppression_hides_no_other_caller_of_the_same_code(folder):
    words = ("legacy", "modern")
    whole, parts = record(folder, "whole", *words), [record(folder, word, word) for word in words]
    joined = folder / "joined.sum"
    expect_status(call("merge", *parts, "-o", joined), 0)
    hides = folder / "hides"
    for hidden, left in (words, words[::-1]):
        for logs in ([whole], parts, [joined]):
            (finding,) = report(*logs, status=66)["findings"]
            check(finding["occurrences"] == 2, finding)
            hides.write_text(f"deadlock:{hidden}_\n", encoding="utf-8")
            (finding,) = report("--suppressions", hides, *logs, status=66)["findings"]
            called = [frame["function"] for edge in finding["edges"] for frame in edge["wanted_stack"]]
            check(not finding.get("suppressed") and any(left in one for one in called) and not any(hidden in one for one in called), called)
            check(finding["occurrences"] == 1, finding)
            said = expect_status(call("analyze", "--suppressions", hides, *logs), 66).stdout
            check("(1 more suppressed)" in said, said)
            hides.write_text("deadlock:legacy_\ndeadlock:modern_\n", encoding="utf-8")
            (finding,) = report("--suppressions", hides, *logs, status=0)["findings"]
            check(finding["suppressed"] and finding["occurrences"] == 2, finding)
            hides.write_text(expect_status(call("suppress", *logs), 0).stdout, encoding="utf-8")
            done = expect_status(call("analyze", "--suppressions", hides, *logs), 0)
            check("matches nothing" not in done.stderr, done.stderr, hides.read_text(encoding="utf-8"))


@test
def names_that_no_lock_has_are_told(folder):
    forward, order = record(folder, "one", "forward"), folder / "lock-order.toml"
    order.write_text("inside = ['c']\n[ranks]\na = 10\nbb = 20\n[[allow]]\nheld = 'a'\nwanted = 'd'\n", encoding="utf-8")
    done = expect_status(call("analyze", "--lock-order", order, forward), 0)
    check(done.stderr == f'interlock: {order}: no lock that was nested is called "bb" (line 4), "c" (line 1), "d" (line 5)\n', done.stderr)
    order.write_text("[ranks]\na = 10\nb = 20\n", encoding="utf-8")
    check(expect_status(call("analyze", "--lock-order", order, forward), 0).stderr == "", "all are met")
    order.write_text("[ranks]\n" + "".join(f"lock{i} = {i}\n" for i in range(9)), encoding="utf-8")
    check("and 4 more" in expect_status(call("analyze", "--lock-order", order, forward), 0).stderr, "many")


@test
def a_drafted_order_fits_what_it_was_drafted_from(folder):
    log = record(folder, "one", "forward", "patient-forward", "gated-forward", "first", "heap-forward")
    draft = expect_status(call("graph", "--write-order", log), 0).stdout
    check('inside = ["accounts[].m"]' in draft and "1 kind of lock has neither a class nor a name" in draft, draft)
    ranks = dict(re.findall(r'^"(.*)" = (\d+)$', draft, re.M))
    check(int(ranks["gate"]) < int(ranks["a"]) < int(ranks["b"]) and ranks["b"] == ranks["patient"] and "accounts[].m" in ranks, ranks)
    order = folder / "lock-order.toml"
    order.write_text(draft, encoding="utf-8")
    check(verdicts(report("--lock-order", order, log, status=0)) == [], "as drafted")
    other = record(folder, "two", "patient-backward")
    check(verdicts(report("--lock-order", order, other, status=66)) == [("lock-rank-violation", "observed", "error")], "another run")
    crossed = record(folder, "three", "forward", "backward")
    draft = expect_status(call("graph", "--write-order", crossed), 0).stdout
    check(draft.count("# To be decided: ") == 2, draft)
    order.write_text(draft, encoding="utf-8")
    told = verdicts(report("--lock-order", order, crossed, status=66))
    check(told.count(("lock-rank-violation", "observed", "error")) == 2, told)


@test
def a_bad_order_is_a_wrong_call_with_its_line(folder):
    log, order = record(folder, "one", "forward"), folder / "lock-order.toml"
    order.write_text("[ranks]\na = first\n", encoding="utf-8")
    for words, status in ((["analyze", "--lock-order", order, log], 2), (["run", "--lock-order", order, "--", HALVES], 125)):
        done = expect_status(call(*words), status)
        check(done.stderr.startswith(f"interlock {words[0]}: {order}:2: ") and done.stderr.count("\n") == 1, done.stderr)
    expect_status(call("analyze", "--lock-order", folder / "none", log), 2)


if __name__ == "__main__":
    run_all()
