"""How the tests of `interlock snapshot` start the programs to be looked at, look at them, and read what is told."""
import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import report_json  # noqa: E402  (found beside this folder)

INTERLOCK, STUCK, STATIC, STRIPPED, HEALTHY, GUARDS = (str(pathlib.Path(one).resolve()) for one in sys.argv[1:7])
SECONDS_MAX = 60
FOUND, CLEAN, WRONG_CALL, UNUSABLE = 66, 0, 2, 3


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
