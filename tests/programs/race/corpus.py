#!/usr/bin/python3
"""Builds each program of this folder twice, racy and clean, with the hooks of GCC and clang, and holds what it reports to what it is.

A racy program ends with status 66 (0 where its source says `// status: 0`) and nothing but data races in its report, or what `// kind: KIND`
names; where its source says `// memory: TEXT` one of them must be there. A clean one ends with 0 and no finding. The reports are read as JSON and held to the schema.
Each program is built in one of the eight combinations of compiler and optimisation, another for each; `--all` builds all. What only the
hooks of one compiler show says so: `// compiler: g++`; what needs `// flags: FLAGS`, that of its clean twin too.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import jsonschema

COMPILERS = ("g++", "clang++-14")
LEVELS = ("-O0", "-O1", "-O2", "-O3")
COMBINATIONS = tuple((compiler, level) for compiler in COMPILERS for level in LEVELS)
SECONDS_MAX = 120
ROOT = pathlib.Path(__file__).resolve().parents[3]


def build(source, program, racy, combination, libraries):
    """None, or why it could not be built."""
    compiler, level = combination
    made = program.with_suffix(".o")
    own = re.search(r"(?m)^// flags: (.*)$", source.read_text(encoding="utf-8"))
    own = own[1].split() if own else []
    flags = [*own, "-std=c++20", "-g", "-w", "-mcx16", "-pthread", level, f"-I{ROOT}", *(["-DRACY"] if racy else [])]
    links = [f"-Wl,--push-state,--no-as-needed,{','.join(map(str, libraries))},--pop-state",
             *(f"-Wl,-rpath,{library.parent}" for library in libraries)]
    for command in ([compiler, *flags, "-fsanitize=thread", "-c", source, "-o", made],
                    [compiler, "-pthread", made, "-o", program, *links, "-latomic", *own]):
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return done.stderr.strip().splitlines()[:8]
    return None


def report_of(called, folder):
    """All findings of the logs in a folder."""
    logs = sorted(folder.glob("*.ilk"))
    done = subprocess.run([called.interlock, "analyze", "--format", "json", *map(str, logs)], capture_output=True, text=True,
                          check=False)
    report = json.loads(done.stdout)
    jsonschema.validate(report, called.schema, cls=jsonschema.Draft202012Validator)
    return report["findings"]


def problems(source, racy, combination, called):
    """What is wrong with one program in one combination, as lines."""
    with tempfile.TemporaryDirectory(prefix="interlock-race.") as folder:
        folder = pathlib.Path(folder)
        program = folder / source.stem
        if why := build(source, program, racy, combination, called.libraries):
            return ["does not build", *why]
        environment = {**os.environ, "INTERLOCK_OPTIONS": f"command={called.interlock}:log_path={folder}/%p.ilk"}
        try:
            done = subprocess.run([program], capture_output=True, text=True, timeout=SECONDS_MAX, env=environment,
                                  stdin=subprocess.DEVNULL, check=False)
        except subprocess.TimeoutExpired:
            return [f"did not end in {SECONDS_MAX} s"]
        findings = report_of(called, folder)
        text = source.read_text(encoding="utf-8")
        found = [one["kind"] for one in findings]
        wrong = []
        expected = 66 if racy and "// status: 0" not in text else 0
        if done.returncode != expected:
            wrong.append(f"exit status {done.returncode}, expected {expected}")
        if not racy and found:
            wrong.append(f"is clean, but reports {', '.join(found)}")
        kind = re.search(r"(?m)^// kind: (.*)$", text)
        if racy and (not found or set(found) != {kind[1] if kind else "data-race"}):
            wrong.append(f"is racy, but reports {', '.join(found) or 'nothing'}")
        memory = re.search(r"(?m)^// memory: (.*)$", text)
        places = {side.get("memory", "") for one in findings for side in one.get("accesses", ())}
        if racy and memory and not any(place.startswith(memory[1]) for place in places):
            wrong.append(f"no race on memory that begins `{memory[1]}`, but on {sorted(places)}")
        if wrong:
            wrong += done.stderr.splitlines()[:40]
        return wrong


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--interlock", type=pathlib.Path, required=True)
    options.add_argument("--schema", type=pathlib.Path, required=True)
    options.add_argument("--library", type=pathlib.Path, action="append", required=True, help="in link order")
    options.add_argument("--all", action="store_true", help="every combination")
    options.add_argument("names", nargs="*", help="only these")
    called = options.parse_args()
    called.interlock = called.interlock.resolve()
    called.libraries = [library.absolute() for library in called.library]
    called.schema = json.loads(called.schema.read_text(encoding="utf-8"))
    every = called.all or os.environ.get("INTERLOCK_SOAK") == "1"
    sources = sorted(pathlib.Path(__file__).resolve().parent.glob("*.cpp"))
    jobs = []
    for number, source in enumerate(sources):
        if called.names and source.stem not in called.names:
            continue
        for racy in (False, True):
            text = source.read_text(encoding="utf-8")
            only = re.search(r"(?m)^// compiler: (.*)$", text)
            is_bound = only and (racy or "// flags:" in text)
            able = [one for one in COMBINATIONS if not is_bound or one[0] == only[1]]
            chosen = able if every else (able[(number + 5 * racy) % len(able)],)
            jobs += [(source, racy, combination) for combination in chosen]
    failed = 0
    print(f"1..{len(jobs)}", flush=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, (job, found) in enumerate(zip(jobs, pool.map(lambda one: problems(*one, called), jobs)), 1):
            source, racy, combination = job
            failed += bool(found)
            print(f"{'not ok' if found else 'ok'} {number} - {source.stem} {'racy' if racy else 'clean'} "
                  f"{' '.join(combination)}", flush=True)
            for line in found:
                print(f"# {line}", flush=True)
    return 1 if failed or not jobs else 0


if __name__ == "__main__":
    sys.exit(main())
