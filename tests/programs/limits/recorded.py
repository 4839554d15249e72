"""What the tests of this folder share: a program under the library, its counts, the report on its log.

Arguments of each test: the command `interlock`, the library, the folder with the programs.
"""
import os
import pathlib
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import report_json  # noqa: E402
import tap  # noqa: E402,F401

INTERLOCK, LIBRARY, PROGRAMS = (str(pathlib.Path(given).resolve()) for given in sys.argv[1:4])


def program(name):
    return f"{PROGRAMS}/limits-{name}"


def options(log, level="full", more=""):
    return {**os.environ, "LD_PRELOAD": LIBRARY, "INTERLOCK_OPTIONS": f"log_path={log} level={level} report=0 {more}"}


def counts_file(folder):
    path = pathlib.Path(folder) / "counts"
    path.write_bytes(bytes(4096))
    return path


def counts_apart(path):
    """What each of the two threads has done."""
    return struct.unpack("<QQ", path.read_bytes()[:16])


def counts_of(path):
    return sum(counts_apart(path))


def report_on(*logs, statuses=(0,)):
    """The JSON report on logs that must be readable."""
    ran = subprocess.run([INTERLOCK, "analyze", "--format", "json", *map(str, logs)], capture_output=True, check=False)
    assert ran.returncode in statuses, (ran.returncode, ran.stderr)
    return report_json.read(ran.stdout)


def analysed(log, statuses=(0,)):
    return report_on(log, statuses=statuses)["logs"][0]
