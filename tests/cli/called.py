"""What the tests of the command have in common: the call, what they check, a folder of its own for each case.
The first word of their own call is the command."""
import functools
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import tap  # noqa: E402  (found in the folder above)

INTERLOCK = os.path.abspath(sys.argv[1])
CASES = []


def test(case):
    """Each case gets a folder that is empty and goes with it."""
    @functools.wraps(case)
    def in_a_folder():
        with tempfile.TemporaryDirectory(prefix="interlock-called.") as folder:
            case(pathlib.Path(folder))
    CASES.append(in_a_folder)
    return case


def call(*words, env=None, cwd=None, stdin=None):
    return subprocess.run([INTERLOCK, *map(str, words)], capture_output=True, text=True, env={**os.environ, **(env or {})}, cwd=cwd,
                          input=stdin, timeout=300, check=False)


def check(good, *what):
    if not good:
        raise AssertionError(" | ".join(str(one)[:1500] for one in what))


def expect_status(result, status):
    check(result.returncode == status, f"status {result.returncode}, not {status}", result.stdout, result.stderr)
    return result


def run_all():
    tap.run(*CASES)
