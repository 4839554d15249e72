#!/usr/bin/python3
"""Runs programs that hang for good, and others that only look so, under `interlock run`, and holds what it says of them to the
block in their source.

    // hangs: ARGUMENTS                    `interlock run` must tell exactly these findings while it hangs, must end it, and the log of a
    //   finding KIND VERDICT key=value    run left behind by a SIGKILL, of both or by the watcher, must give the same findings with the same ids
    //   only full                         not at level order
    // idles: ARGUMENTS                    is never told of: not while it runs, not from its log after a SIGKILL

With INTERLOCK_SOAK=1 in the environment (`./dev soak`) the live part of each that hangs is run 50 times.

Findings are as in expectation.py, with two keys more: `behind`, the threads that are stuck behind it, and `holds`, which of all these
holds what another of them wants, as THREAD:LOCK, besides what a cycle's edges tell. Nothing here outlives the
test: the programs ask for SIGKILL at their parent's death, and each run is a process group that is killed. Prints TAP.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1])]
import comparison  # noqa: E402  (found beside this file)
import expectation  # noqa: E402
import report_json  # noqa: E402

SECONDS_MAX = 90
WATCHDOG = {"full": "0.5", "order": "1"}
IDLE_SECONDS = 3
SOAK_TIMES = 50
SOAK_JOBS = 8  # they wait, most of the time
SOAK = os.environ.get("INTERLOCK_SOAK") == "1"
TOLD_OF = ("deadlock", "self-deadlock", "stalled", "pool-exhausted")


@dataclass
class case:
    hangs: bool
    arguments: list
    findings: list = field(default_factory=list)
    only_full: bool = False


def parse(path):
    """The cases of a program. Raises expectation.malformed."""
    cases, current = [], None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        begin = re.match(r"(?://|#) (hangs|idles):(.*)$", line)
        if begin:
            current = case(begin[1] == "hangs", shlex.split(begin[2]))
            cases.append(current)
            continue
        inside = re.match(r"(?://|#)   (\S.*)$", line)
        if not inside or current is None:
            current = None
            continue
        words = inside[1].split()
        try:
            if inside[1] == "only full":
                current.only_full = True
            elif words[0] == "finding":
                besides = {word.split("=", 1)[0]: sorted(word.split("=", 1)[1].split(","))
                           for word in words if word.startswith(("behind=", "holds="))}
                wanted = expectation.finding_of([word for word in words[1:] if not word.startswith(("behind=", "holds="))])
                current.findings.append((wanted, (besides.get("behind", []), besides.get("holds", []))))
            else:
                raise ValueError(f"`{inside[1]}` is not understood")
        except ValueError as reason:
            raise expectation.malformed(f"{path}:{number}: {reason}") from None
    for one in cases:
        if one.hangs != bool(one.findings):
            raise expectation.malformed(f"{path}: `{' '.join(one.arguments)}` needs findings if it hangs, and none if it idles")
    if not cases:
        raise expectation.malformed(f"{path}: no case")
    return cases


def read_report(path):
    """The report if it is whole by now."""
    try:
        return report_json.read(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def besides(finding):
    """Who is stuck behind a finding, and who holds what others of them want."""
    behind = sorted(each["thread"].get("name", "?") for each in finding.get("behind", []))
    holds = sorted(f'{each["thread"].get("name", "?")}:{each["lock"].get("name", "?")}' for each in finding.get("holds", []))
    return behind, holds


def compare(expected, report):
    """What differs between the findings of a report and the expected ones."""
    found = [one for one in report["findings"] if one["kind"] in TOLD_OF]
    missing, extra = comparison.pair_off([one for one, _ in expected], found)
    yield from (f"missing: {one}" for one in missing)
    yield from (f"not expected: {comparison.told(one)}" for one in extra)
    if missing or extra:
        return
    for one, wanted in expected:
        actual = [besides(finding) for finding in found if comparison.agrees(one, finding)]
        if wanted not in actual:
            yield f"{one}: behind it, and held, are {actual}, expected {wanted}"
    yield from (line for finding in found for line in comparison.conditions_wrong(finding))


def ids(report):
    return sorted(one["id"] for one in report["findings"] if one["kind"] in TOLD_OF)


class session:
    """One `interlock run`, in a process group of its own that is killed in the end."""

    def __init__(self, called, level, arguments, folder, on_deadlock):
        self.folder, self.report, self.said = folder, folder / "report.json", None
        command = [called.interlock, "run", "--watchdog", WATCHDOG[level], "--on-deadlock", on_deadlock, "--record", level,
                   "--log", f"{folder}/%p.ilk", "--format", "json", "--report", self.report, "--", *called.program, *arguments]
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, start_new_session=True, text=True, errors="replace")

    def await_report(self):
        end = time.monotonic() + SECONDS_MAX
        while time.monotonic() < end and self.process.poll() is None:
            report = read_report(self.report)
            if report:
                return report
            time.sleep(0.05)
        return read_report(self.report)

    def await_end(self):
        try:
            return self.process.wait(SECONDS_MAX)
        except subprocess.TimeoutExpired:
            return None

    def kill(self):
        """Watcher and program, at once. Returns what they had to say."""
        if self.said is None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.said = self.process.communicate()[1]
        return self.said

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.kill()


def analysed(called, folder):
    """The report on the logs that were left behind."""
    done = subprocess.run([called.interlock, "analyze", "--format", "json", *sorted(map(str, folder.glob("*.ilk")))],
                          capture_output=True, text=True, check=False, timeout=SECONDS_MAX)
    try:
        return report_json.read(done.stdout)
    except ValueError:
        return {"findings": [{"id": f"no report: {done.stderr}", "kind": "deadlock"}]}


def soak_problems(called, one):
    """The live part again and again. The last line says how often it was told rightly, and how soon."""
    seconds, right = [], 0
    for number in range(1, SOAK_TIMES + 1):
        with tempfile.TemporaryDirectory(prefix="interlock-stuck.") as name:
            begin = time.monotonic()
            with session(called, "full", one.arguments, pathlib.Path(name), "wait") as run:
                live = run.await_report()
                seconds.append(time.monotonic() - begin)
        wrong = list(compare(one.findings, live)) if live else ["nothing was told"]
        right += not wrong
        yield from (f"time {number} of {SOAK_TIMES}: {line}" for line in wrong)
    print(f"# told {right} of {SOAK_TIMES}: {called.source.stem} {' '.join(one.arguments)}, from the start to the report "
          f"median {sorted(seconds)[SOAK_TIMES // 2]:.2f} s, most {max(seconds):.2f} s", flush=True)


def hang_problems(called, one):
    if SOAK:
        yield from soak_problems(called, one)
    with tempfile.TemporaryDirectory(prefix="interlock-stuck.") as name:
        folder = pathlib.Path(name)
        with session(called, "full", one.arguments, folder, "wait") as run:
            live = run.await_report()
            said = run.kill()
        if live is None:
            yield f"live: nothing was told in {SECONDS_MAX} s: {said.splitlines()[-3:]}"
        else:
            yield from (f"live: {line}" for line in compare(one.findings, live))
            later = analysed(called, folder)
            if ids(later) != ids(live):
                yield f"the killed process's log gives {ids(later)}, live were {ids(live)}"
    if one.only_full:
        return
    with tempfile.TemporaryDirectory(prefix="interlock-stuck.") as name:
        folder = pathlib.Path(name)
        with session(called, "order", one.arguments, folder, "kill") as run:
            status = run.await_end()
            report = read_report(run.report)
        if status != 66:
            yield f"kill: exit status {status}, expected 66"
        if report is None:
            yield "kill: no report"
            return
        yield from (f"kill: {line}" for line in compare(one.findings, report))
        later = analysed(called, folder)
        if ids(later) != ids(report):
            yield f"the log of level order alone gives {ids(later)}, live were {ids(report)}"


def idle_problems(called, one):
    for level in WATCHDOG:
        yield from (f"{level}: {line}" for line in idle_problems_at(called, one, level))


def idle_problems_at(called, one, level):
    with tempfile.TemporaryDirectory(prefix="interlock-stuck.") as name:
        folder = pathlib.Path(name)
        with session(called, level, one.arguments, folder, "kill") as run:
            time.sleep(IDLE_SECONDS)
            if run.process.poll() is not None:
                yield f"it did not last: exit status {run.process.returncode}: {run.kill().splitlines()[-5:]}"
            run.kill()
        if run.report.exists():
            yield f"told of: {[comparison.told(each) for each in read_report(run.report)['findings']]}"
        later = analysed(called, folder)
        yield from (f"its log after a kill: {each}" for each in ids(later))


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--interlock", type=lambda given: pathlib.Path(given).resolve(), required=True)
    options.add_argument("--source", type=pathlib.Path, required=True, help="the source with the block")
    options.add_argument("--only", help="one case: its arguments")
    options.add_argument("--jobs", type=int, default=2, help="how many cases at a time")
    options.add_argument("program", nargs="+", help="what was built from it, or an interpreter and the source")
    called = options.parse_args()
    called.program = [str(pathlib.Path(word).resolve()) for word in called.program]
    try:
        cases = [one for one in parse(called.source) if called.only in (None, " ".join(one.arguments))]
    except expectation.malformed as reason:
        print(f"Bail out! {reason}")
        return 1
    failed = 0
    print(f"1..{len(cases)}", flush=True)
    with concurrent.futures.ThreadPoolExecutor(SOAK_JOBS if SOAK else called.jobs) as pool:
        told = pool.map(lambda one: list((hang_problems if one.hangs else idle_problems)(called, one)), cases)
        for number, (one, found) in enumerate(zip(cases, told), 1):
            failed += bool(found)
            print(f"{'not ok' if found else 'ok'} {number} - {called.source.stem} {' '.join(one.arguments)}", flush=True)
            for line in found:
                print(f"# {line}", flush=True)
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
