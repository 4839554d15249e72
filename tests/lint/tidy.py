#!/usr/bin/python3
"""Runs clang-tidy over the sources that a build folder compiles, several at once; status 1 where it complains.

Files named on the command line alone, or all. Programs under tests/programs do wrong on purpose and are left out.
"""
import argparse
import concurrent.futures
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LEFT_OUT = ("tests/programs/", "tests/unit/")
# GCC's own words in the compile commands, which Clang does not know.
QUIET = "--extra-arg=-Wno-unknown-warning-option"


def sources(build):
    """Our own files in compile_commands.json, from the root of the repository; what the build makes is not."""
    commands = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    files = {(pathlib.Path(one["directory"]) / one["file"]).resolve() for one in commands}
    ours = sorted(one.relative_to(ROOT).as_posix() for one in files if one.is_relative_to(ROOT) and not one.is_relative_to(build))
    return [one for one in ours if not one.startswith(LEFT_OUT)]


def complaint(build, file):
    """What clang-tidy says of one file, or nothing."""
    ran = subprocess.run(["clang-tidy", "-p", str(build), "--quiet", QUIET, file], cwd=ROOT, check=False,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return ran.stdout.replace(f"{build}/../", "") if ran.returncode else ""


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("files", nargs="*")
    called = options.parse_args()
    files = called.files or sources(called.build.resolve())
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(called.jobs) as pool:
        for said in pool.map(lambda file: complaint(called.build.resolve(), file), files):
            if said:
                bad += 1
                print(said, end="", flush=True)
    print(f"clang-tidy: {len(files) - bad} of {len(files)} files are clean")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
