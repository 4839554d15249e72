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

FUNCTION = re.compile(r"^[0-9a-f]+ <(?P<name>[\w.]+)>:$")
INSTRUCTION = re.compile(r"^\s+[0-9a-f]+:\t(?P<text>\w.*)$")
PADDING = ("nop", "nopw", "nopl", "xchg", "cs", "data16")
OURS_ALONE = "ours_"  # what std does not have
# What std does in its own library instead: the mutex's address out of the unique_lock.
LOADED_IN_THE_LIBRARY = {"wait_for_condition": 1}


def machine_code(path):
    """The mnemonics of each function with C linkage."""
    listing = subprocess.run(["objdump", "--disassemble", "--no-show-raw-insn", path], check=True, capture_output=True,
                             text=True).stdout
    functions, current = {}, None
    for line in listing.splitlines():
        if found := FUNCTION.match(line):
            current = None if found["name"].startswith("_") else functions.setdefault(found["name"], [])
        elif current is not None and (found := INSTRUCTION.match(line)):
            if (word := found["text"].split()[0]) not in PADDING or word == "xchg" and "(" in found["text"]:
                current.append(word)
    return functions


def every_function_has_as_many_instructions_as_its_std_twin():
    with_std, with_ours = machine_code(sys.argv[1]), machine_code(sys.argv[2])
    for one in (with_std, with_ours):
        for name in [name for name in one if name.startswith(OURS_ALONE)]:
            del one[name]
    assert with_std.keys() == with_ours.keys() and len(with_std) >= 38, (sorted(with_std), sorted(with_ours))
    for name, code in with_std.items():
        assert code, name
        expected = len(code) + LOADED_IN_THE_LIBRARY.get(name, 0)
        assert len(with_ours[name]) == expected, f"{name}: std {expected}, ours {len(with_ours[name])}"


def nothing_of_the_recorder_is_referred_to():
    undefined = subprocess.run(["nm", "--undefined-only", sys.argv[2]], check=True, capture_output=True, text=True).stdout
    assert "pthread_mutex_lock" in undefined, undefined
    assert "interlock_v1" not in undefined, undefined


def a_spin_lock_calls_nobody_but_the_scheduler():
    listing = subprocess.run(["objdump", "--disassemble", "--reloc", "--no-show-raw-insn", sys.argv[2]], check=True,
                             capture_output=True, text=True).stdout
    for name in ("ours_spin", "ours_spin_in_turn"):
        text = listing.split(f"<{name}>:")[1].split("\n\n")[0]
        called = {one for one in re.findall(r"R_X86_64_\w+\s+(\w+)", text) if "valgrind" not in one}
        assert called == {"sched_yield"}, f"{name}: {called}"


tap.run(*tap.cases_in(globals(), machine_code))
