#!/usr/bin/python3
"""ThreadSanitizer's own test programs, GCC's and LLVM's: does our runtime say "race" exactly where theirs does? TAP.

The sources are fetched by apt (fetch.py) and built twice with the compiler's hooks, linked to its own runtime and to ours. What a program
is asked is one thing: is a data race reported, yes or no. Lock orders, leaks and misuse are other tests' affair. Both are asked again,
up to three times, where one has found nothing, since many of these programs leave it to the schedule.
A program that needs more of that runtime than the interface for annotations is left out, with the name that it lacks. Those that differ
are listed in verdict_catalogue.py with a reason each, at most 5 %; one that is listed and does not differ is a failure too.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

import fetch
import verdict_catalogue as catalogue

SECONDS_MAX = 60
RUNS_MAX = 3
DIFFERENT_MAX = 0.05
THEIR_RACE = re.compile(r"WARNING: ThreadSanitizer: (data race|race on|heap-use-after-free)")


class left_out(Exception):
    """This program cannot be asked."""


def compile_and_link(program, folder, libraries):
    """{"theirs": path, "ours": path}. Raises left_out."""
    made, theirs, ours = (folder / f"{program.stem}.{kind}" for kind in ("o", "theirs", "ours"))
    hooks = [*program.compiler, "-fsanitize=thread"]
    barrier = folder / "barrier_outside.o"
    subprocess.run(["gcc", "-O1", "-c", pathlib.Path(__file__).with_name("barrier_outside.c"), "-o", barrier], check=True)
    links = [f"-Wl,--push-state,--no-as-needed,{','.join(map(str, libraries))},--pop-state",
             *(f"-Wl,-rpath,{library.parent}" for library in libraries)]
    for command, what in (([*hooks, *program.flags, "-c", program.source, "-o", made], "compile"),
                          ([*hooks, *program.flags, made, "-o", theirs, *program.libraries], "link with its own runtime"),
                          ([*program.compiler, *program.flags, made, barrier, "-o", ours, *links, *program.libraries], "link with ours")):
        done = subprocess.run([str(word) for word in command], cwd=program.root, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            lacks = sorted(set(re.findall(r"undefined reference to `(\w+)'", done.stderr)))
            raise left_out(f"needs {', '.join(lacks)}" if lacks else f"does not {what}: {done.stderr.strip().splitlines()[:1]}")
    return {"theirs": theirs, "ours": ours}


def run(command, folder, environment):
    """(status, all it said); status None: it did not end, and was ended with all that it started."""
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          start_new_session=True, env={**os.environ, **environment}) as process:
        try:
            return process.communicate(timeout=SECONDS_MAX)[0].decode(errors="replace"), process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return process.communicate()[0].decode(errors="replace"), None


class asker:
    def __init__(self, interlock, libraries):
        self.interlock = interlock
        self.libraries = libraries

    def theirs(self, program, path, folder):
        options = ":".join(("exitcode=66", "atexit_sleep_ms=0", *program.options))
        said, status = run([path], folder, {"TSAN_OPTIONS": options})
        if status is None:
            raise left_out(f"does not end in {SECONDS_MAX} s with its own runtime")
        return bool(THEIR_RACE.search(said))

    def ours(self, program, path, folder):
        for log in folder.glob("*.ilk"):
            log.unlink()
        options = ":".join((f"log_path={folder}/%p.ilk", "report=0", *program.suppressions))
        said, status = run([path], folder, {"INTERLOCK_OPTIONS": options})
        if status is None:
            return None
        logs = sorted(map(str, folder.glob("*.ilk")))
        if not logs:
            raise RuntimeError(f"no log: {said[-300:]}")
        files = [word for given in program.suppressions for word in ("--suppressions", given.split("=", 1)[1])]
        done = subprocess.run([self.interlock, "analyze", "--format", "json", *files, *logs], capture_output=True, text=True, check=False)
        return any(one["kind"] == "data-race" and not one["suppressed"] for one in json.loads(done.stdout)["findings"])

    def verdicts(self, program):
        """{"theirs": bool, "ours": bool}: yes if any of the runs said so. Raises left_out."""
        with tempfile.TemporaryDirectory(prefix="interlock-verdicts.") as folder:
            folder = pathlib.Path(folder)
            paths = compile_and_link(program, folder, self.libraries)
            found = {"theirs": False, "ours": False}
            for _ in range(RUNS_MAX):
                for who in found:
                    found[who] = found[who] or getattr(self, who)(program, paths[who], folder)
                if found["theirs"] == found["ours"] or None in found.values():
                    break
            return found

    def problems(self, program):
        """(what is wrong, as lines, or None: left out, and what to say besides)."""
        if reason := catalogue.LEFT_OUT.get(program.name):
            return None, reason
        try:
            found = self.verdicts(program)
        except left_out as reason:
            return None, str(reason)
        differs = found["theirs"] != found["ours"]
        words = {True: "race", False: "no race", None: "no end"}
        told = f"theirs: {words[found['theirs']]}, ours: {words[found['ours']]}"
        reason = catalogue.DIFFERENT.get(program.name)
        if differs and not reason:
            return [f"{told}, and no reason is listed"], told
        if reason and not differs and program.name not in catalogue.NOW_AND_THEN:
            return ["is listed as different, and does not differ"], told
        return [], f"{told}: {reason}" if differs else ""


def everything(folder):
    """All programs, fetched and unpacked."""
    outer = fetch.download("gcc-12", folder / "apt")
    inner = fetch.inner_tar(outer, r"/gcc-[0-9.]+(-dfsg)?\.tar\.xz$", folder / "gcc-outer")
    root = fetch.unpack(inner, r"/gcc/testsuite/[^/]+/tsan/[^/]*$", folder / "gcc")
    yield from catalogue.of_gcc(next(root.glob("gcc-*")))
    tar = fetch.download("llvm-toolchain-14", folder / "apt")
    root = fetch.unpack(tar, r"/compiler-rt/test/(tsan|sanitizer_common)/[^/]*\.(c|cpp|h|supp)$|/compiler-rt/test/tsan/(Linux|libcxx)/",
                        folder / "llvm")
    yield from catalogue.of_llvm(next(root.glob("llvm-*")))


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--interlock", type=lambda given: pathlib.Path(given).resolve(), required=True)
    options.add_argument("--library", type=lambda given: pathlib.Path(given).absolute(), action="append", required=True, help="in link order")
    options.add_argument("--folder", type=lambda given: pathlib.Path(given).absolute(), required=True, help="kept between calls: downloads")
    options.add_argument("names", nargs="*", help="only these")
    called = options.parse_args()
    try:
        programs = [one for one in everything(called.folder) if not called.names or one.name in called.names]
    except fetch.no_answer as reason:
        print(f"1..0 # SKIP {reason}")
        print("# 0 programs ran, all of GCC's and LLVM's were skipped")
        return 0
    ask = asker(called.interlock, called.library)
    counts = collections.Counter()
    print(f"1..{len(programs) + 1}", flush=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, (program, (found, told)) in enumerate(zip(programs, pool.map(ask.problems, programs)), 1):
            counts["left out" if found is None else "failed" if found else "different" if told else "same"] += 1
            print(f"{'not ok' if found else 'ok'} {number} - {program.name}{f' # SKIP {told}' if found is None else ''}", flush=True)
            for line in [*(found or ()), *([told] if found == [] and told else ())]:
                print(f"# {line}", flush=True)
    ran = counts["same"] + counts["different"] + counts["failed"]
    names = {one.name for one in programs}
    unknown = [] if called.names else sorted((set(catalogue.DIFFERENT) | set(catalogue.LEFT_OUT)) - names)
    few = counts["different"] <= DIFFERENT_MAX * ran or bool(called.names)
    print(f"{'ok' if few and not unknown and ran else 'not ok'} {len(programs) + 1} - at most 5 % differ, and the catalogue names what there is")
    for name in unknown:
        print(f"# {name} is listed but not there")
    print(f"# {ran} of {len(programs)} programs ran: {counts['same']} with the same verdict, {counts['different']} different as listed, "
          f"{counts['failed']} failed; {counts['left out']} skipped")
    return 1 if counts["failed"] or not few or unknown or not ran else 0


if __name__ == "__main__":
    sys.exit(main())
