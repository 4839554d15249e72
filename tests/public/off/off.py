#!/usr/bin/python3
"""Primitives that do not record cost what std's cost: the same instructions, counted in the machine code. TAP.

Usage: off.py ARCHIVE_WITH_STD ARCHIVE_WITH_OURS
"""
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import tap

FUNCTION = re.compile(r"^[0-9a-f]+ <(?P<name>\w+)>:$")
INSTRUCTION = re.compile(r"^\s+[0-9a-f]+:\t(?P<text>\w.*)$")


def machine_code(path):
    """The mnemonics of each function with C linkage."""
    listing = subprocess.run(["objdump", "--disassemble", "--no-show-raw-insn", path], check=True, capture_output=True,
                             text=True).stdout
    functions, current = {}, None
    for line in listing.splitlines():
        if found := FUNCTION.match(line):
            current = None if found["name"].startswith("_") else functions.setdefault(found["name"], [])
        elif current is not None and (found := INSTRUCTION.match(line)):
            current.append(found["text"].split()[0])
    return functions


def every_function_has_as_many_instructions_as_its_std_twin():
    with_std, with_ours = machine_code(sys.argv[1]), machine_code(sys.argv[2])
    assert with_std.keys() == with_ours.keys() and len(with_std) >= 6, (sorted(with_std), sorted(with_ours))
    for name, code in with_std.items():
        assert code, name
        assert len(with_ours[name]) == len(code), f"{name}: std {len(code)}, ours {len(with_ours[name])}"


def nothing_of_the_recorder_is_referred_to():
    undefined = subprocess.run(["nm", "--undefined-only", sys.argv[2]], check=True, capture_output=True, text=True).stdout
    assert "pthread_mutex_lock" in undefined, undefined
    assert "interlock" not in undefined, undefined


tap.run(*tap.cases_in(globals(), machine_code))
