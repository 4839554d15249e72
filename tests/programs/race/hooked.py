"""Programs with the compiler's hooks, built and run for the tests of this folder.

Their call: TEST.py INTERLOCK LIBRARY... (in link order)
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

INTERLOCK, *LIBRARIES = (pathlib.Path(word).absolute() for word in sys.argv[1:])
HERE = pathlib.Path(__file__).resolve().parent
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="interlock-hooked."))
LINKS = [f"-Wl,--push-state,--no-as-needed,{','.join(map(str, LIBRARIES))},--pop-state", *(f"-Wl,-rpath,{one.parent}" for one in LIBRARIES)]
FLAGS = ("-std=c++20", "-g", "-O1", "-w", "-pthread", f"-I{HERE.parents[2]}")


def build(name, source, *flags, links=LINKS):
    """An executable of hooked code, once."""
    made = FOLDER / name
    if not made.exists():
        text = FOLDER / f"{name}.cpp"
        text.write_text(source, encoding="utf-8")
        subprocess.run(["g++", *FLAGS, *flags, "-fsanitize=thread", "-c", text, "-o", f"{made}.o"], check=True)
        subprocess.run(["g++", "-pthread", *flags, f"{made}.o", "-o", made, *links], check=True)
    return made


def call(program, *arguments, options="", before=None):
    """(status, what it said, its findings)."""
    for log in FOLDER.glob("*.ilk"):
        log.unlink()
    environment = {**os.environ, "INTERLOCK_OPTIONS": f"command={INTERLOCK}:log_path={FOLDER}/%p.ilk:{options}"}
    done = subprocess.run([program, *arguments], capture_output=True, text=True, env=environment, check=False, preexec_fn=before, timeout=300)
    logs = sorted(map(str, FOLDER.glob("*.ilk")))
    report = subprocess.run([INTERLOCK, "analyze", "--format", "json", *logs], capture_output=True, text=True, check=False) if logs else None
    return done.returncode, done.stderr, json.loads(report.stdout)["findings"] if report else []


def kinds(findings):
    return sorted({one["kind"] for one in findings})
