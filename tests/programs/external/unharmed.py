#!/usr/bin/python3
"""Other people's test programs under `interlock record` and `interlock run`: same output, messages and exit status as without. TAP.

The sources are fetched by apt (fetch.py), chosen and built by rules of ours (catalogue.py). Each program runs twice alone
first: what differs between these two runs (racy output) is compared as a bag of words without numbers, and if that differs
too, by its status alone; the closing line counts each. Programs without an end are looked at for a while, both ways. Without
an answer of the registry all of it is skipped; whatever else goes wrong is a failure.
"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys
import tempfile

import catalogue
import fetch

SECONDS_MAX = 60
SECONDS_ENDLESS = 3


class outcome(collections.namedtuple("outcome", "status stdout stderr")):
    """Status (128+N for a signal, None: did not end), output and messages, those of interlock itself apart."""

    @property
    def words(self):
        return [sorted(re.sub(rb"0x[0-9a-f]+|[0-9]+", b"#", text).split()) for text in (self.stdout, self.stderr)]


def without_ours(stderr):
    return b"".join(line for line in stderr.splitlines(keepends=True) if not line.startswith(b"interlock: "))


def no_core():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run(command, folder, seconds_max=SECONDS_MAX):
    """Runs a command in a session of its own, so that whatever it leaves behind can be ended with it."""
    process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, start_new_session=True, preexec_fn=no_core)
    try:
        stdout, stderr = process.communicate(timeout=seconds_max)
        status = process.returncode if process.returncode >= 0 else 128 - process.returncode
        return outcome(status, stdout, without_ours(stderr))
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        stdout, stderr = process.communicate()
        return outcome(None, stdout, without_ours(stderr))


def build(program, folder):
    """(path, None) or (None, reason)."""
    path = folder / program.name.replace("/", "-")
    if path.exists() and path.stat().st_mtime > program.source.stat().st_mtime:
        return path, None
    made = subprocess.run([*program.command, "-o", path], cwd=program.root, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        return None, f"does not build: {made.stderr.strip().splitlines()[:2]}"
    return path, None


def prepare(folder, path, program):
    """Whatever a program expects beside it."""
    if program.name == "drd/dlopen_main":
        library = program.source.parent / "dlopen_lib.c"
        subprocess.run(["gcc", "-shared", "-fPIC", "-w", library, "-o", pathlib.Path(folder) / "dlopen_lib.so"], check=True)
    return [str(path)]


class comparer:
    """Runs one program with one set of arguments in every way and says what differs."""

    def __init__(self, interlock, how_compared):
        self.interlock = str(interlock)
        self.how_compared = how_compared

    def ways(self, folder, command):
        yield "record", [self.interlock, "record", "-o", f"{folder}/log.ilk", "--", *command]
        yield "run", [self.interlock, "run", "--fail-on", "never", "--report", f"{folder}/report.txt",
                      "--on-deadlock", "wait", "--", *command]

    def once(self, program, path, arguments, way=None, seconds_max=SECONDS_MAX):
        with tempfile.TemporaryDirectory(prefix="interlock-external.") as folder:
            command = [*prepare(folder, path, program), *arguments]
            if way is not None:
                command = dict(self.ways(folder, command))[way]
            return run(command, folder, seconds_max)

    def differences(self, program, path, arguments):
        endless = program.name in catalogue.ENDLESS
        limit = SECONDS_ENDLESS if endless else SECONDS_MAX
        alone = [self.once(program, path, arguments, None, limit) for _ in range(1 if endless or program.name in catalogue.LONG else 2)]
        hangs = alone[0].status is None
        how = "endless" if hangs else "exactly" if alone[0] == alone[-1] and program.name not in catalogue.RACY_OUTPUT else \
            "by words" if alone[0].words == alone[-1].words else "by status"
        self.how_compared[how] += 1
        if hangs != endless:
            return [f"alone: status {alone[0].status}, the catalogue says {'endless' if endless else 'it ends'}"]
        if alone[0].status != alone[-1].status:
            return [f"alone: status {alone[0].status} and then {alone[-1].status}: nothing to compare with"]
        found = []
        for way in ("record", "run"):
            with_us = self.once(program, path, arguments, way, limit)
            if with_us.status != alone[0].status:
                found.append(f"{way}: status {with_us.status}, alone {alone[0].status}")
            elif (how == "exactly" and with_us != alone[0]) or (how == "by words" and with_us.words != alone[0].words):
                found += [f"{way}: {what} {mine[-200:]!r}, alone {theirs[-200:]!r}"
                          for what, mine, theirs in zip(("printed", "said"), with_us[1:], alone[0][1:]) if mine != theirs]
        return found


def everything(folder, suites):
    """All programs of the suites, fetched and unpacked."""
    programs = []
    if "valgrind" in suites:
        tar = fetch.download("valgrind", folder / "apt")
        root = fetch.unpack(tar, r"/(helgrind|drd|include|coregrind|VEX/pub|tests)/.*\.(c|cpp|h|vgtest)$", folder / "valgrind")
        programs += catalogue.of_valgrind(next(root.glob("valgrind-*")))
    if "gcc" in suites:
        outer = fetch.download("gcc-12", folder / "apt")
        inner = fetch.inner_tar(outer, r"/gcc-[0-9.]+(-dfsg)?\.tar\.xz$", folder / "gcc-outer")
        root = fetch.unpack(inner, r"/gcc/testsuite/[^/]+/tsan/[^/]*$", folder / "gcc")
        programs += catalogue.of_gcc(next(root.glob("gcc-*")))
    return programs


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--interlock", type=lambda given: pathlib.Path(given).resolve(), required=True)
    options.add_argument("--folder", type=pathlib.Path, required=True, help="kept between calls: downloads and builds")
    options.add_argument("--suites", nargs="+", default=["valgrind", "gcc"])
    options.add_argument("--only", default="", help="names that begin with this")
    options.add_argument("--jobs", type=int, default=3 * (os.cpu_count() or 1), help="most of them mostly sleep")
    called = options.parse_args()
    folder = called.folder.absolute()
    try:
        programs = everything(folder, called.suites)
    except fetch.no_answer as reason:
        print(f"1..0 # SKIP {reason}")
        print(f"# 0 runs of 0 programs; all of {', '.join(called.suites)} skipped")
        return 0
    (folder / "built").mkdir(exist_ok=True)
    programs = [one for one in programs if one.name.startswith(called.only)]
    whole = not called.only and len(called.suites) == 2
    unknown = set(catalogue.EXCLUDED) - {one.name for one in programs} if whole else set()
    excluded = [one for one in programs if one.name in catalogue.EXCLUDED]
    chosen = [(one, words) for one in programs if one.name not in catalogue.EXCLUDED for words in one.runs]
    chosen.sort(key=lambda case: case[0].name not in catalogue.LONG)
    how_compared = collections.Counter()
    compare = comparer(called.interlock.absolute(), how_compared)

    def one_case(case):
        program, words = case
        path, reason = build(program, folder / "built")
        return [reason] if reason else compare.differences(program, path, words)

    print(f"1..{len(chosen) + 1}", flush=True)
    with concurrent.futures.ThreadPoolExecutor(called.jobs) as pool:
        # Each program once first: two runs of one program do not build it twice.
        list(pool.map(lambda one: build(one, folder / "built"), {one.name: one for one, _ in chosen}.values()))
        failed = 0
        for number, ((program, words), found) in enumerate(zip(chosen, pool.map(one_case, chosen)), 1):
            failed += bool(found)
            print(f"{'not ok' if found else 'ok'} {number} - {' '.join((program.name, *words))}", flush=True)
            for line in found:
                print(f"# {line}", flush=True)
    print(f"{'not ok' if unknown or not chosen else 'ok'} {len(chosen) + 1} - the catalogue names what there is")
    for name in sorted(unknown):
        print(f"# {name} is excluded but not there")
    for program in excluded:
        print(f"# left out: {program.name}: {catalogue.EXCLUDED[program.name]}")
    ran = sum(how_compared.values())
    ways = ", ".join(f"{count} {how}" for how, count in sorted(how_compared.items()))
    print(f"# {ran} runs of {len(programs) - len(excluded)} programs, compared {ways}; {failed} failed, "
          f"{len(excluded)} left out as listed, {len(chosen) - ran} not run")
    return 1 if failed or unknown or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
