#!/usr/bin/python3
"""Programs built with other sanitizers, under `interlock run` and linked with it: they do what they do without it, what the sanitizer finds is told as
ever, and so is an inversion. TAP. Usage: sanitizers.py INTERLOCK LIBRARY G++ [CLANG++]"""
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))
import tap

INTERLOCK, LIBRARY = (os.path.abspath(name) for name in sys.argv[1:3])
FOLDER = tempfile.TemporaryDirectory()

# name: flags, what the sanitizer finds
BUILDS = {
    "address": (["-fsanitize=address"], {"overflow": "heap-buffer-overflow", "leak": "detected memory leaks"}),
    "address_static": (["-fsanitize=address", "-static-libasan"], {"overflow": "heap-buffer-overflow"}),
    "address_shared": (["-fsanitize=address", "-shared-libasan"], {"overflow": "heap-buffer-overflow"}),
    "undefined": (["-fsanitize=undefined"], {"shift": "signed integer overflow"}),
    "both": (["-fsanitize=address,undefined"], {"shift": "signed integer overflow", "leak": "detected memory leaks"}),
    "leak": (["-fsanitize=leak"], {"leak": "detected memory leaks"}),
}
OF_COMPILER = {"g++": [name for name in BUILDS if name != "address_shared"],
               "clang++": [name for name in BUILDS if name != "address_static"]}


def ran(command, **variables):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("INTERLOCK_", "ASAN_", "LSAN_"))}
    done = subprocess.run(command, cwd=FOLDER.name, env=environment | variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


def built(compiler, name):
    """The program alone, and linked with the library as pkg-config says it."""
    flags = BUILDS[name][0]
    at = os.path.join(FOLDER.name, f"{os.path.basename(compiler)}-{name}")
    subprocess.run([compiler, "-std=c++17", "-g", "-pthread", *flags, "-c", HERE / "program.cpp", "-o", at + ".o"], check=True)
    if name == "address_shared":
        runtime = subprocess.run([compiler, "-print-file-name=libclang_rt.asan-x86_64.so"], check=True, text=True,
                                 stdout=subprocess.PIPE).stdout.strip()
        flags = [*flags, f"-Wl,-rpath,{os.path.dirname(runtime)}"]
    link = [compiler, "-pthread", *flags, at + ".o", "-o"]
    subprocess.run([*link, at], check=True)
    subprocess.run([*link, at + "-linked", f"-Wl,--push-state,--no-as-needed,{LIBRARY},--pop-state",
                    f"-Wl,-rpath,{os.path.dirname(LIBRARY)}"], check=True)
    return at


def check(compiler, name):
    alone = built(compiler, name)
    linked, wrong = alone + "-linked", []

    def expect(good, what, of):
        if not good:
            wrong.extend([what, *repr(of).splitlines()])

    for level in ("order", "full"):
        got = ran([INTERLOCK, "run", "--record", level, "--", alone, "keep"])
        expect(got[:2] == (0, "keep: 1000\n"), f"run, {level}: a clean program is not left alone", got)
        got = ran([INTERLOCK, "run", "--record", level, "--", alone, "invert"])
        expect(got[0] == 66 and "interlock: lock-order-inversion" in "".join(got[1:]), f"run, {level}: no inversion is told", got)
    command = {"INTERLOCK_OPTIONS": f"command={INTERLOCK}"}
    got = ran([linked, "keep"], **command)
    expect(got == (0, "keep: 1000\n", ""), "linked: a clean program is not left alone", got)
    got = ran([linked, "invert"], **command)
    expect(got[0] == 66 and "interlock: lock-order-inversion" in got[2], "linked: no inversion is told", got)
    for what, words in BUILDS[name][1].items():
        expected = ran([alone, what])
        expect(words in expected[2], f"the sanitizer itself does not find {what}", expected)
        for how, got in (("run", ran([INTERLOCK, "run", "--", alone, what])), ("linked", ran([linked, what], **command))):
            expect(got[0] == expected[0] and words in got[2], f"{how}: {what} ends otherwise than {expected[0]}", got)
    return wrong


def checks():
    for compiler in sys.argv[3:]:
        family = "clang++" if "clang" in os.path.basename(compiler) else "g++"
        for name in OF_COMPILER[family]:
            yield f"{family}_{name}", check(compiler, name)


with FOLDER:
    tap.tell(list(checks()))
