#!/usr/bin/python3
"""Runs clang-tidy over the sources that a build folder compiles, several at once; status 1 where it complains.

Files named on the command line alone, or all. Programs under tests/programs do wrong on purpose and are left out.
"""
import argparse
import concurrent.futures
import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
LEFT_OUT = ("tests/programs/", "tests/unit/")
# GCC's own words in the compile commands. Clang makes an error of a flag that it does not know, of a warning but a warning.
GCC_FLAGS = {"-fno-tree-loop-distribute-patterns"}
QUIET = "--extra-arg=-Wno-unknown-warning-option"


def compile_commands(build):
    """The build's compile commands as Clang can read them, a list by each file's path from the root; no file that the build makes."""
    ours = {}
    for one in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        file = (pathlib.Path(one["directory"]) / one["file"]).resolve()
        if file.is_relative_to(build) or not file.is_relative_to(ROOT):
            continue
        words = [word for word in shlex.split(one["command"]) if word not in GCC_FLAGS]
        ours.setdefault(file.relative_to(ROOT).as_posix(), []).append(
            {"directory": one["directory"], "file": one["file"], "arguments": words})
    return ours


def complaint(database, file):
    """What clang-tidy says of one file, with paths from the root, or nothing."""
    ran = subprocess.run(["clang-tidy", "-p", database, "--quiet", QUIET, file], cwd=ROOT, check=False,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return re.sub(r"^\S*\.\./", "", ran.stdout, flags=re.MULTILINE) if ran.returncode else ""


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("files", nargs="*")
    called = options.parse_args()
    commands = compile_commands(called.build.resolve())
    files = called.files or [file for file in sorted(commands) if not file.startswith(LEFT_OUT)]
    bad = 0
    with tempfile.TemporaryDirectory() as database, concurrent.futures.ThreadPoolExecutor(called.jobs) as pool:
        written = [one for of_file in commands.values() for one in of_file]
        (pathlib.Path(database) / "compile_commands.json").write_text(json.dumps(written), encoding="utf-8")
        for said in pool.map(lambda file: complaint(database, file), files):
            if said:
                bad += 1
                print(said, end="", flush=True)
    print(f"clang-tidy: {len(files) - bad} of {len(files)} files are clean")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
