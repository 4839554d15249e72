#!/usr/bin/python3
"""How much of the caller's stack the hooks of libinterlock.so use, read from its machine code: hooks stand on stacks of 4 KiB.

A function's frame is its return address, its pushes and what it takes off the stack pointer at once. A hook's own frame, into which the
way of an uncontended operation is inlined, has at most FRAME_MAX bytes. What it may call besides (a first sight, a full chunk) is followed
through all direct calls and jumps, except into what runs on large stacks only (ON_LARGE_STACKS): at most WAY_MAX bytes. TAP.
"""
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import tap  # noqa: E402

LIBRARY = sys.argv[1]
FRAME_MAX = 512
WAY_MAX = 2048
ON_LARGE_STACKS = ("unwind_", "learn_caller_depth", "prime_unwinder", "start_watch")


class function:
    def __init__(self):
        self.frame = 8
        self.calls = set()


def disassembled():
    text = subprocess.run(["objdump", "-d", "--no-show-raw-insn", LIBRARY], capture_output=True, text=True, check=True).stdout
    functions, current, name = {}, None, ""
    for line in text.splitlines():
        if head := re.match(r"[0-9a-f]+ <(.+)>:$", line):
            name = head[1].removesuffix(".cold")
            current = functions.setdefault(name, function())
        elif current is None:
            continue
        elif re.search(r"\tpush ", line):
            current.frame += 8
        elif taken := re.search(r"\tsub +\$0x([0-9a-f]+),%rsp", line):
            size = int(taken[1], 16)
            current.frame += size if size < 1 << 63 else (1 << 64) - size  # "sub -128" adds
        elif there := re.search(r"\t(?:call|j\w+) +[0-9a-f]+ <([^>+]+)>", line):
            if there[1].removesuffix(".cold") != name:
                current.calls.add(there[1].removesuffix(".cold"))
    return functions


FUNCTIONS = disassembled()


def hooks():
    names = subprocess.run(["nm", "-D", "--defined-only", LIBRARY], capture_output=True, text=True, check=True).stdout
    return sorted({line.split()[2].split("@")[0] for line in names.splitlines() if " T " in line})


def deepest(name, above=()):
    """The most that a call of `name` needs, with the way there."""
    if name in above or name not in FUNCTIONS or any(one in name for one in ON_LARGE_STACKS):
        return 0, ()
    below = max((deepest(called, (*above, name)) for called in FUNCTIONS[name].calls), default=(0, ()))
    return FUNCTIONS[name].frame + below[0], (name, *below[1])


def every_hook_has_a_small_frame():
    assert len(hooks()) > 100 and all(name in FUNCTIONS for name in hooks()), hooks()
    large = {name: FUNCTIONS[name].frame for name in hooks() if FUNCTIONS[name].frame > FRAME_MAX}
    assert not large, large
    widest = max(hooks(), key=lambda name: FUNCTIONS[name].frame)
    print(f"# {len(hooks())} hooks; the widest frame is that of {widest}: {FUNCTIONS[widest].frame} bytes")


def whatever_a_hook_calls_fits_a_small_stack():
    needs = {name: deepest(name) for name in hooks()}
    deep = {name: need for name, need in needs.items() if need[0] > WAY_MAX}
    name = max(needs, key=lambda one: needs[one][0])
    ways = [f"{FUNCTIONS[step].frame} {step}" for step in needs[name][1]]
    print(f"# the deepest way is that of {name}: {needs[name][0]} bytes")
    assert not deep, (sorted(deep), ways)


def what_needs_more_is_there_and_left_out():
    for part in ON_LARGE_STACKS:
        assert any(part in name for name in FUNCTIONS), part


if __name__ == "__main__":
    tap.run(*tap.cases_in(globals(), disassembled, hooks, deepest))
