#!/usr/bin/python3
"""Runs one program of the corpus under `interlock run` and holds its report to the block in its source (expectation.py).

Every case is one TAP line: the program alone must behave as its block says; under interlock at levels full and order it must
still print and return the same, and the report must be exactly the expected one (comparison.py).
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import jsonschema

import comparison
import expectation

SECONDS_ALONE_MAX = 30
SECONDS_RECORDED_MAX = 90


def run(command, seconds_max, folder, options=None):
    """(status, stdout, stderr); status is 128+N for signal N, None when it had to be ended."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=seconds_max, cwd=folder,
                              env={**os.environ, "INTERLOCK_OPTIONS": options} if options else None,
                              stdin=subprocess.DEVNULL, check=False)
    except OSError as reason:
        return None, "", str(reason)
    except subprocess.TimeoutExpired:
        return None, "", f"did not end in {seconds_max} s"
    status = done.returncode if done.returncode >= 0 else 128 - done.returncode
    return status, done.stdout, done.stderr


def outcome_wrong(case, status, stdout, stderr, status_expected):
    expected = "".join(line + "\n" for line in case.stdout)
    if status is None:
        yield stderr
        return
    if status != status_expected:
        yield f"exit status {status}, expected {status_expected}"
        yield from (f"  stderr: {line}" for line in stderr.splitlines()[-8:])
    if stdout != expected:
        yield f"stdout {stdout!r}, expected {expected!r}"


def read_report(path, schema):
    """(report, None) or (None, reason)."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        jsonschema.validate(report, schema, cls=jsonschema.Draft202012Validator)
    except (OSError, ValueError) as reason:
        return None, f"no report: {reason}"
    except jsonschema.ValidationError as reason:
        return None, f"the report is not as report.schema.json says: {reason.message} at {list(reason.absolute_path)}"
    return report, None


def recorded(case, called, level, schema, folder):
    """What is wrong with one recorded run."""
    path = folder / f"{level}.json"
    counted = case.events if level == "full" else {}
    kept = ["--log", folder / f"{level}.%p.ilk"] if counted else []
    command = [called.interlock, "run", "--record", level, "--format", "json", "--report", path, *kept, "--", called.program,
               *case.arguments]
    status, stdout, stderr = run([str(word) for word in command], SECONDS_RECORDED_MAX, folder, case.options)
    yield from outcome_wrong(case, status, stdout, stderr, comparison.exit_status(case))
    report, reason = read_report(path, schema)
    if reason:
        yield reason
        return
    yield from comparison.differences(case, report, level)
    yield from events_wrong(counted, called, folder.glob("*.ilk"))


def events_wrong(counted, called, logs):
    """What differs in how many records of each kind the logs have."""
    if not counted:
        return
    lines = [line for log in logs
             for line in subprocess.run([called.interlock, "dump", log], capture_output=True, text=True, check=True).stdout.splitlines()]
    for kind, expected in counted.items():
        actual = sum(kind in line.split() for line in lines)
        if not expected.holds(actual):
            yield f"{actual} records of {kind}, expected {expected}"


def problems(case, called, schema):
    """Everything that is wrong with a case, as lines."""
    with tempfile.TemporaryDirectory(prefix="interlock-programs.") as folder:
        folder = pathlib.Path(folder)
        found = [f"alone: {line}" for line in outcome_wrong(
            case, *run([called.program.as_posix(), *case.arguments], SECONDS_ALONE_MAX, folder, "enabled=0"), case.exit_status)]
        for level in () if found else called.levels[:1] if case.only_full else called.levels:
            found += [f"{level}: {line}" for line in recorded(case, called, level, schema, folder)]
        return found


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--interlock", type=lambda given: pathlib.Path(given).resolve(), help="the command; left out: the program runs alone")
    options.add_argument("--schema", type=pathlib.Path, required=True)
    options.add_argument("--source", type=pathlib.Path, required=True, help="the source with the block")
    options.add_argument("--program", type=lambda given: pathlib.Path(given).resolve(), required=True, help="what was built from it")
    options.add_argument("--only", help="one case: its arguments")
    called = options.parse_args()
    called.levels = ("full", "order") if called.interlock else ()
    called.program = called.program.absolute()
    try:
        cases = expectation.parse(called.source).cases
    except expectation.malformed as reason:
        print(f"Bail out! {reason}")
        return 1
    if called.only is not None:
        cases = [case for case in cases if " ".join(case.arguments) == called.only]
    schema = json.loads(called.schema.read_text(encoding="utf-8"))
    failed = 0
    print(f"1..{len(cases)}", flush=True)
    for number, case in enumerate(cases, 1):
        found = problems(case, called, schema)
        failed += bool(found)
        print(f"{'not ok' if found else 'ok'} {number} - {called.source.stem} {case.name}", flush=True)
        for line in found:
            print(f"# {line}", flush=True)
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
