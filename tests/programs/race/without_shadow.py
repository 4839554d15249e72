#!/usr/bin/python3
"""A program whose shadow cannot be mapped runs on as it would alone, and is told why in one line."""
import argparse
import os
import pathlib
import resource
import subprocess
import sys
import tempfile

import corpus

ADDRESS_SPACE_MAX = 4 << 30  # the shadow wants terabytes


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--library", type=pathlib.Path, action="append", required=True, help="in link order")
    called = options.parse_args()
    source = pathlib.Path(__file__).with_name("counter.cpp")
    with tempfile.TemporaryDirectory(prefix="interlock-race.") as folder:
        program = pathlib.Path(folder) / "counter"
        why = corpus.build(source, program, True, ("g++", "-O1"), [library.absolute() for library in called.library])
        assert not why, why
        done = subprocess.run([program], capture_output=True, text=True, check=False, timeout=corpus.SECONDS_MAX,
                              env={**os.environ, "INTERLOCK_OPTIONS": f"report=0:log_path={folder}/%p.ilk"},
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_MAX, ADDRESS_SPACE_MAX)))
    told = [line for line in done.stderr.splitlines() if "no race detection: its shadow cannot be mapped" in line]
    if done.returncode != 0 or len(told) != 1:
        print(f"status {done.returncode}, told {told}\n{done.stderr}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
