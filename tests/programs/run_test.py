#!/usr/bin/python3
"""Tests of the corpus's own machinery: a wrong expectation fails, a malformed block is an error, and every program of the
corpus has its block, its clean twin and its line in meson.build. TAP."""
import contextlib
import copy
import io
import json
import os
import pathlib
import stat
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import comparison  # noqa: E402  (found beside this file)
import expectation  # noqa: E402
import run  # noqa: E402
import tap  # noqa: E402

PROGRAMS_MIN = 60
BLOCK = """// A program.
// expect: twice
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b functions=forward,backward
"""
SCHEMA = HERE.parent / "golden" / "report.schema.json"


def frame(function):
    return {"function": function, "module": "program", "offset": 1}


def report():
    """What interlock would say of BLOCK's program."""
    edge = {"thread": 2, "held": 1, "wanted": 2, "held_mode": "exclusive", "wanted_mode": "exclusive",
            "blocking": "forever", "held_stack": [frame("main")], "wanted_stack": [frame("(anonymous namespace)::forward(int)")]}
    other = {**edge, "thread": 3, "held": 2, "wanted": 1, "wanted_stack": [frame("backward<std::pair<int, int> >()")]}
    yes = {"holds": "yes", "because": "it does"}
    finding = {"id": "f1", "kind": "lock-order-cycle", "verdict": "potential", "severity": "error", "message": "m", "why": "w",
               "suppressed": False, "occurrences": 1,
               "locks": [{"id": 1, "type": "mutex", "name": "program.cpp: a"}, {"id": 2, "type": "mutex", "name": "b"}],
               "threads": [{"id": 2, "name": "alice"}, {"id": 3}], "edges": [edge, other],
               "coffman": {name: dict(yes) for name in expectation.CONDITIONS}}
    log = {"path": "l", "program": "p", "pid": 1, "events": 9, "threads": 3, "locks": 2, "complete": True,
           "acquisitions": 4, "dependencies": 2}
    return {"format": "interlock-report", "version": 1, "tool": {"name": "interlock", "version": "0"}, "logs": [log],
            "findings": [finding], "summary": {"errors": 1, "warnings": 0, "notes": 0, "suppressed": 0}}


def parsed(text):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "program.cpp"
        path.write_text(text, encoding="utf-8")
        return expectation.parse(path)


def refused(text, *words):
    """The block is an error whose line holds these words."""
    try:
        parsed(text)
    except expectation.malformed as reason:
        assert all(word in str(reason) for word in words), reason
        return
    raise AssertionError(f"accepted: {text}")


def differences(text, made, level="full"):
    return list(comparison.differences(parsed(text).cases[0], made, level))


def with_change(change):
    made = copy.deepcopy(report())
    change(made)
    return made


def a_report_as_expected_has_no_difference():
    assert differences(BLOCK, report()) == []
    assert differences(BLOCK, report(), "order") == []


def each_wrong_expectation_is_a_difference():
    wrong = {"acquisitions 4": "acquisitions 5", "dependencies 2": "dependencies 3", "edges=2": "edges=3", "locks=a,b": "locks=a,c",
             "potential": "ordered", "lock-order-cycle": "deadlock", "functions=forward,backward": "functions=forward",
             "functions=": "via=", "locks=": "guards=", "edges=2": "edges=2 timed=1", " locks=a,b": " locks=a,b modes=EE,ES",
             " functions=": " no=circular_wait functions="}
    for right, instead in wrong.items():
        text = BLOCK.replace(right, instead)
        assert text != BLOCK
        if instead == "via=":
            text = text.replace("backward", "sideways")
        assert differences(text, report()), instead


def a_finding_too_many_or_too_few_is_a_difference():
    assert any("not expected" in line for line in differences(BLOCK.rsplit("\n", 2)[0] + "\n//   clean\n", report()))
    none = with_change(lambda made: (made["findings"].clear(), made["summary"].update(errors=0)))
    assert any("missing" in line for line in differences(BLOCK, none))
    twice = with_change(lambda made: (made["findings"].append({**made["findings"][0], "id": "f2"}),
                                      made["summary"].update(errors=2)))
    assert any("not expected" in line for line in differences(BLOCK, twice))


def a_report_against_the_contract_is_a_difference():
    changes = (lambda made: made["findings"][0].update(severity="note"),
               lambda made: made["findings"][0]["coffman"]["circular_wait"].update(holds="no"),
               lambda made: made["findings"][0]["coffman"]["hold_and_wait"].update(because=" "),
               lambda made: made["findings"][0]["edges"][0].update(thread=9),
               lambda made: made["findings"][0]["edges"][0].update(held=9),
               lambda made: made["summary"].update(errors=0),
               lambda made: made["summary"].update(harmless_mutual_exclusion=1),
               lambda made: made["logs"][0].update(complete=False),
               lambda made: made["logs"][0].update(lost_events=1),
               lambda made: made["logs"].append(made["logs"][0]))
    for change in changes:
        assert differences(BLOCK, with_change(change)), change


def a_dead_recorder_is_a_difference_of_clean_programs_too():
    text = "// expect:\n//   acquisitions at-least 1\n//   dependencies 0\n//   clean\n"
    dead = with_change(lambda made: (made["findings"].clear(), made["summary"].update(errors=0),
                                     made["logs"][0].update(acquisitions=0, dependencies=0)))
    assert any("acquisitions" in line for line in differences(text, dead))


def the_pairing_finds_a_place_for_each():
    """The first expected finding fits both, the second only one of them."""
    text = BLOCK.replace(" locks=a,b functions=forward,backward", "") + "//   finding lock-order-cycle potential edges=2 locks=a,b\n"
    def change(made):
        made["findings"].append(copy.deepcopy(made["findings"][0]))
        made["findings"][1]["id"] = "f2"
        made["findings"][1]["locks"][0]["name"] = "other"
        made["summary"].update(errors=2)
    assert differences(text, with_change(change)) == []


def lists_spell_out_ranges_and_spaces():
    one = expectation.finding_of("deadlock observed edges=2 locks=forks[8..10],the~end~of~x,? threads=p0..2,main via=a~b".split())
    assert one.keys["locks"] == ("forks[8]", "forks[9]", "forks[10]", "the end of x", "?"), one.keys
    assert one.keys["threads"] == ("p0", "p1", "p2", "main") and one.keys["via"] == ("a~b",), one.keys


def malformed_blocks_are_errors_with_file_and_line():
    refused("// A program.\n", "program.cpp:1", "no `// expect:` block")
    refused(BLOCK.replace("acquisitions", "aquisitions"), "program.cpp:3", "aquisitions")
    refused(BLOCK.replace("//   dependencies", "//  dependencies"), "program.cpp:4", "three spaces")
    refused(BLOCK.replace("// expect:", "// expect"), "program.cpp:2")
    refused(BLOCK.replace("potential", "likely"), "program.cpp:5", "verdict")
    refused(BLOCK.replace(" edges=2", ""), "edges=N")
    refused(BLOCK.replace("locks=", "lock="), "lock=a,b")
    refused(BLOCK.replace("locks=a,b", "locks=a,b locks=a,b"), "said twice")
    refused(BLOCK.replace("acquisitions 4", "acquisitions four"), "four")
    refused(BLOCK.replace("//   dependencies 2\n", ""), "needs acquisitions and dependencies")
    refused(BLOCK + "//   clean\n", "one of the two")
    refused(BLOCK + "//   events acquire\n", "program.cpp:6", "events acquire")
    refused(BLOCK.rsplit("\n", 2)[0] + "\n", "one of the two")
    refused(BLOCK + "\n" + BLOCK, "same arguments")


def command_that(folder, *lines):
    path = pathlib.Path(folder) / f"command{len(os.listdir(folder))}"
    path.write_text("#!/bin/sh\n" + "\n".join(lines) + "\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def outcome(program, interlock, made=None, block=BLOCK):
    """run.py as Meson calls it, with a stand-in for the program and one for the command: (status, TAP)."""
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "program.cpp"
        source.write_text(block, encoding="utf-8")
        made_path = pathlib.Path(folder) / "made.json"
        made_path.write_text(json.dumps(made or report()), encoding="utf-8")
        called = ["run.py", "--schema", str(SCHEMA), "--source", str(source), "--program",
                  str(command_that(folder, *program)), "--interlock",
                  str(command_that(folder, f'cp {made_path} "$7"', *interlock))]
        kept, sys.argv = sys.argv, called
        told = io.StringIO()
        try:
            with contextlib.redirect_stdout(told):
                status = run.main()
        finally:
            sys.argv = kept
        return status, told.getvalue()


def the_runner_passes_what_is_right():
    assert outcome(["exit 0"], ["exit 66"]) == (0, "1..1\nok 1 - program twice\n")


def the_runner_fails_what_is_wrong():
    assert outcome(["exit 1"], ["exit 66"])[0] == 1
    assert outcome(["echo more"], ["echo more; exit 66"])[0] == 1
    assert outcome(["exit 0"], ["exit 0"])[0] == 1
    assert outcome(["exit 0"], ["echo more; exit 66"])[0] == 1
    assert outcome(["exit 0"], ['rm "$7"; exit 66'])[0] == 1
    assert outcome(["exit 0"], ["exit 66"], {**report(), "version": 2})[0] == 1
    assert outcome(["exit 0"], ["exit 66"], block=BLOCK.replace("2", "3"))[0] == 1
    assert outcome(["exit 0"], ["exit 66"], block=BLOCK.replace("acquisitions", "x"))[0] == 1


def the_runner_counts_the_events_of_the_log():
    block = BLOCK + "//   events acquire 2\n"
    dumps = '[ "$1" = dump ] && { echo "1 main acquire"; echo "2 main acquire"; exit 0; }'
    keeps = '[ "$8" = --log ] && touch "$9"'
    assert outcome(["exit 0"], [dumps, keeps, "exit 66"], block=block)[0] == 0
    assert outcome(["exit 0"], [dumps, "exit 66"], block=block)[0] == 1
    assert outcome(["exit 0"], [dumps, keeps, "exit 66"], block=block.replace("acquire 2", "acquire 3"))[0] == 1
    assert outcome(["exit 0"], [dumps, keeps, "exit 66"], block=block.replace("events acquire", "events release"))[0] == 1


def the_runner_leaves_nothing_behind():
    with tempfile.TemporaryDirectory() as folder:  # a folder of its own: other runners are at work at the same time
        usual, tempfile.tempdir = tempfile.tempdir, folder
        try:
            outcome(["exit 0"], ["exit 66"])
        finally:
            tempfile.tempdir = usual
        assert not list(pathlib.Path(folder).iterdir())


def exit_status_follows_the_contract():
    def status(text):
        return comparison.exit_status(parsed(text).cases[0])
    assert status(BLOCK) == 66
    assert status(BLOCK.replace("potential", "guarded")) == 0
    assert status(BLOCK.replace("potential", "ordered")) == 66
    assert status(BLOCK + "//   exit 7\n") == 7


def sources():
    return sorted(path for pattern in ("*/*.c", "*/*.cpp") for path in HERE.glob(pattern)
                  if path.parent.name not in ("cost", "external", "ids", "library", "limits", "race", "real", "snapshot", "stuck"))


def every_program_is_built_and_run():
    listed = set(sys.argv[2:])
    present = {path.relative_to(HERE).as_posix() for path in sources()}
    assert listed == present, f"meson.build and the folder differ in {sorted(listed ^ present)}"
    assert len(present) >= PROGRAMS_MIN


def every_program_has_its_block_and_its_clean_twin():
    for path in sources():
        program = expectation.parse(path)
        twins = [expectation.parse(path.parent / name) for name in program.twins]
        assert not program.has_findings or any(one.has_clean_case for one in [program, *twins]), f"{path.name} has no clean twin"


def no_clean_case_passes_a_recorder_that_is_deaf():
    for path in sources():
        for one in expectation.parse(path).cases:
            counts = (one.acquisitions, one.dependencies, *one.events.values())
            assert one.findings or any(count.number > 0 for count in counts), f"{path}: {one.name} would pass with an empty log"


if __name__ == "__main__":
    tap.run(*tap.cases_in(globals(), frame, report, parsed, refused, differences, with_change, command_that, outcome, sources))
