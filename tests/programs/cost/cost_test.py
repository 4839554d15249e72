#!/usr/bin/python3
"""What the recorder adds to a lock operation, in instructions, against a ceiling. TAP. Arguments: PROGRAM FRAMED LIBRARY
PRIMITIVES TWINS OTHER, where FRAMED is the same program with frame pointers, which the recorder follows, PRIMITIVES is linked and records,
TWINS is the same and does not, and OTHER is compiled against another layout of what the library lays open.

Counted by callgrind over the same pattern 20,000 and 60,000 times, so that start and first sights cancel out: the same at each
run, whatever else the machine does. What was measured in time is in docs/cost.md.
"""
import functools
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))
import tap

PROGRAM, FRAMED, LIBRARY, PRIMITIVES, TWINS, OTHER = sys.argv[1:7]
FEW, MANY = 20_000, 60_000

# Instructions more than without the recorder, for the whole pattern (n4: four locks and unlocks). A little above what is
# reached; who makes it cheaper lowers the ceiling.
CEILINGS = {
    ("order", "u1"): 125,
    ("order", "n4"): 665,
    ("order", "n4_first_out"): 2070,
    ("order", "read_lock"): 125,
    ("order", "write_lock"): 112,
    ("order", "spin"): 146,
    ("order", "permit"): 585,
    ("full", "u1"): 312,
    ("full", "n4"): 1310,
}
FRAMED_CEILINGS = {
    ("order", "u1"): 340,
    ("order", "n4"): 1530,
    ("full", "u1"): 475,
}
# Instrumented primitives at level order against their std twins: what is inlined serves these.
PRIMITIVES_CEILINGS = {
    "u1": 78,
    "in_turn": 375,
    "n4": 525,
    "recursion": 72,
    "read_lock": 145,
    "write_lock": 136,
    "spin": 115,
    "permit": 710,
}


def instructions(program, pattern, times, environment):
    ran = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, pattern, str(times)],
                         env={**os.environ, **environment}, capture_output=True, text=True, check=True)
    return int(re.search(r"Collected : (\d+)", ran.stderr)[1])


def instructions_a_time(program, pattern, environment, looks=1, many=MANY):
    """Of several looks the least counts: what starts a process beside the program differs a little from run to run."""
    most, least = (min(instructions(program, pattern, times, environment) for _ in range(looks)) for times in (many, FEW))
    return (most - least) / (many - FEW)


@functools.cache
def instructions_alone(program, pattern):
    return instructions_a_time(program, pattern, {})


def added(level, pattern, more="", looks=1, many=MANY, program=PROGRAM):
    with tempfile.TemporaryDirectory() as folder:
        recorded = {"LD_PRELOAD": LIBRARY, "INTERLOCK_OPTIONS": f"level={level} report=0 log_path={folder}/%p.ilk {more}"}
        return instructions_a_time(program, pattern, recorded, looks, many) - instructions_alone(program, pattern)


def case_of(level, pattern, ceiling, program=PROGRAM):
    def case():
        found = added(level, pattern, program=program)
        print(f"# {level}, {pattern}: {found:.0f} instructions more, ceiling {ceiling}")
        assert 0 < found <= ceiling, found
    case.__name__ = f"{pattern}_at_level_{level}{'' if program == PROGRAM else '_framed'}_is_below_its_ceiling"
    return case


def added_linked(program, pattern):
    with tempfile.TemporaryDirectory() as folder:
        recording = {"INTERLOCK_OPTIONS": f"report=0 log_path={folder}/%p.ilk"}
        return instructions_a_time(program, pattern, recording) - instructions_alone(TWINS, pattern)


def case_of_primitive(pattern, ceiling):
    def case():
        found = added_linked(PRIMITIVES, pattern)
        print(f"# instrumented, {pattern}: {found:.0f} instructions more, ceiling {ceiling}")
        assert 0 < found <= ceiling, found
    case.__name__ = f"instrumented_{pattern}_is_below_its_ceiling"
    return case


def a_program_of_another_layout_leaves_all_to_the_library():
    inlined, asked = added_linked(PRIMITIVES, "n4"), added_linked(OTHER, "n4")
    print(f"# instrumented, n4: {asked:.0f} instructions more by the library alone")
    assert asked > 1.2 * inlined, (inlined, asked)


def a_watcher_adds_no_instruction():
    alone, watched = added("order", "u1"), added("order", "u1", "watchdog=5 on_deadlock=wait", looks=4, many=6 * MANY)
    assert alone > 0 and abs(watched - alone) < 0.5, (alone, watched)


tap.run(*(case_of(*which, ceiling) for which, ceiling in CEILINGS.items()),
        *(case_of(*which, ceiling, FRAMED) for which, ceiling in FRAMED_CEILINGS.items()),
        *(case_of_primitive(*which) for which in PRIMITIVES_CEILINGS.items()),
        a_program_of_another_layout_leaves_all_to_the_library, a_watcher_adds_no_instruction)
