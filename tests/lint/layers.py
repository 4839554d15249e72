#!/usr/bin/python3
"""Holds the tree to its rules: who may include whom, and what every file must look like.

The table ROOMS below is the only place where the layers are written down for the machine; `layers.py --markdown`
prints it as the page ARCHITECTURE.md shows it. Style inside a file is left to clang-format and clang-tidy.
"""
import argparse
import pathlib
import re
import sys
from dataclasses import dataclass

ANALYSIS = ("analysis/trace", "analysis/graph", "analysis/detectors", "analysis/symbols", "analysis/snapshot",
            "analysis/findings", "analysis/report")
EVERYTHING = ("*",)


@dataclass(frozen=True)
class room:
    """One folder: what it is, which rooms it may include, and which outside headers."""
    purpose: str
    rooms: tuple = ()
    outside: tuple = ()
    guest: bool = False  # runs inside the watched program: no allocating, locking or stdio part of std
    only: tuple = ()     # of another room, these headers alone


ROOMS = {
    "instrument/format": room("what a log is: typed ids, event vocabulary, slots and their codec, file layout"),
    "instrument/recorder": room("in the program's process: agents, lock identity, held paths, stacks, modules, "
                                "log writer, online order check", ("instrument/format",), ("libc", "libunwind"),
                                guest=True),
    "instrument/preload": room("interposed symbols: note, do, note. Becomes `libinterlock.so`",
                               ("instrument/recorder", "instrument/format"), ("libc",), guest=True),
    "instrument/race": room("the `__tsan_*` ABI, shadow memory, happens-before",
                            ("instrument/recorder", "instrument/format"), ("libc",), guest=True),
    "primitives": room("instrumented primitives and annotations (`<interlock/mutex.hpp>` ...)",
                       ("instrument/recorder",), ("libc", "interlock", "valgrind"), only=("instrument/recorder/interlock/recorder.hpp",
                                                      "instrument/recorder/interlock/agent_state.hpp")),
    "primitives/gtest": room("the GoogleTest listener and matchers", ("primitives", "analysis", *ANALYSIS),
                             ("libc", "interlock", "GoogleTest")),
    "analysis/trace": room("bytes to checked events; the merge into one linear trace; other formats in",
                           ("instrument/format",), ("libc", "zstd")),
    "analysis/graph": room("lock-order graph, wait-for graph, cycles", ("analysis/trace", "instrument/format"),
                           ("Boost",)),
    "analysis/detectors": room("one file each: a pass over events or a graph, findings out",
                               ("analysis/graph", "analysis/trace", "analysis/findings", "instrument/format")),
    "analysis/symbols": room("module and offset to function, file, line, inlined frames", (), ("libc", "elfutils")),
    "analysis/snapshot": room("a live process or a core dump that nobody recorded: threads, waits, owners",
                              ("analysis/symbols",), ("libc", "elfutils")),
    "analysis/findings": room("a finding as data, its id, severities, suppressions, baseline", (), ("libc", "tomlplusplus", "xxhash")),
    "analysis/report": room("findings to text, JSON ...: one file a format; all text a user reads of a finding is "
                            "made here", ("analysis/findings",),
                            ("fmt", "nlohmann-json")),
    "analysis/live": room("a process while it runs: who stands still, what the kernel says of its threads; "
                          "`log_watch` asks the analyser, `log_pages` makes a growing log's pages", ("analysis", *ANALYSIS, "instrument/format"), ("libc",)),
    "analysis": room("`analyser`: logs in, findings so far out; resumable; `stuck`: a snapshot's deadlocks",
                     (*ANALYSIS, "instrument/format"),
                     ("libc",)),
    "cli": room("one file a command: parse, call, exit", ("analysis", "analysis/live", *ANALYSIS, "instrument/format"),
                ("libc", "CLI11", "fmt")),
    "examples": room("programs that users read", (), ("libc", "interlock")),
    "tests/public": room("tests against the public headers only", (), ("libc", "interlock", "GoogleTest")),
    "tests": room("`unit/` mirrors the tree; `programs/` real runs; `golden/`, `fuzz/`, `bench/`, `lint/`", EVERYTHING,
                  EVERYTHING),
}

OUTSIDE = {
    "Boost": ("boost/",),
    "fmt": ("fmt/",),
    "nlohmann-json": ("nlohmann/",),
    "CLI11": ("CLI/",),
    "elfutils": ("elfutils/", "dwarf.h", "libelf.h", "gelf.h", "elf.h"),
    "libunwind": ("libunwind.h",),
    "zlib": ("zlib.h",),
    "zstd": ("zstd.h",),
    "tomlplusplus": ("toml++/",),
    "xxhash": ("xxhash.h",),
    "GoogleTest": ("gtest/", "gmock/"),
    "Google Benchmark": ("benchmark/",),
    "abseil": ("absl/",),
    "valgrind": ("valgrind/",),
    "OpenMP": ("omp.h",),
    "interlock": ("interlock/",),
    "libc": ("arpa/", "asm/", "gnu/", "linux/", "netinet/", "sys/", "aio.h", "alloca.h", "assert.h", "bits/types.h",
             "complex.h", "cpuid.h", "ctype.h", "cxxabi.h", "dirent.h", "dlfcn.h", "elf.h", "emmintrin.h", "endian.h",
             "err.h", "errno.h", "execinfo.h", "fcntl.h", "features.h", "float.h", "fnmatch.h", "ftw.h", "getopt.h",
             "glob.h", "grp.h", "iconv.h", "immintrin.h", "inttypes.h", "libgen.h", "limits.h", "link.h", "locale.h",
             "malloc.h", "math.h", "mntent.h", "mqueue.h", "netdb.h", "nmmintrin.h", "paths.h", "poll.h", "pthread.h",
             "pty.h", "pwd.h", "regex.h", "sched.h", "semaphore.h", "setjmp.h", "signal.h", "smmintrin.h", "spawn.h",
             "stdalign.h", "stdarg.h", "stdatomic.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h",
             "stdnoreturn.h", "string.h", "strings.h", "syscall.h", "sysexits.h", "syslog.h", "sysmacros.h",
             "termios.h", "threads.h", "time.h", "tmmintrin.h", "uchar.h", "ucontext.h", "unistd.h", "unwind.h",
             "utime.h", "wait.h", "wchar.h", "wordexp.h", "x86intrin.h"),
}
NOT_FOR_GUESTS = frozenset((
    "any", "barrier", "condition_variable", "cstdio", "deque", "exception", "filesystem", "forward_list", "fstream",
    "functional", "future", "iomanip", "iostream", "istream", "latch", "list", "locale", "map", "memory_resource",
    "mutex", "ostream", "queue", "random", "regex", "semaphore", "set", "shared_mutex", "sstream", "stack", "stdexcept",
    "stdio.h", "stop_token", "streambuf", "string", "syncstream", "system_error", "thread", "unordered_map",
    "unordered_set", "vector"))

SOURCES = (".cpp", ".hpp", ".c", ".h")
HEADERS = (".hpp", ".h")
SCRIPTS = (".py", ".sh")
LINES_MAX = 800
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
# Written in pieces, so that this file does not name what it forbids.
MACHINE_PATH = re.compile(r"(?<![\w./~-])/(?:" + "|".join(("work", "home", "root", "Users")) + r")/\w")


def rooms_as_markdown():
    """The table as ARCHITECTURE.md shows it."""
    lines = ["| folder | is | may include | from outside |", "| --- | --- | --- | --- |"]
    for name, what in ROOMS.items():
        names = [one for one in what.rooms if one not in ANALYSIS or not set(ANALYSIS) <= set(what.rooms)]
        inside = ", ".join("all of `analysis/`" if one == "analysis" else f"`{one}/`" for one in names) or "–"
        if set(ANALYSIS) <= set(what.rooms) and "analysis" not in names:
            inside = f"all of `analysis/`, {inside}"
        if what.only:
            inside = ", ".join(f"`{one}`" for one in what.only) + " alone"
        outside = ", ".join(what.outside) or "–"
        if what.rooms == EVERYTHING:
            inside = outside = "all"
        lines.append(f"| `{name}/` | {what.purpose} | {inside} | {outside} |")
    return "\n".join(lines)


def room_of(path):
    """The innermost room that a path lies in, or None."""
    best = None
    for name in ROOMS:
        if path.startswith(name + "/") and (best is None or len(name) > len(best)):
            best = name
    return best


def provider_of(header):
    """Who ships an outside header: "std", a key of OUTSIDE, or None where nobody has said yet."""
    if re.fullmatch(r"[a-z_0-9]+", header):
        return "std"
    providers = [name for name, starts in OUTSIDE.items()
                 if any(header == one or (one.endswith("/") and header.startswith(one)) for one in starts)]
    return providers or None


def why_not_inside(where, header, root):
    """The rule that forbids room `where` to include our own `header`, or None."""
    target = room_of(header)
    if target is None or not (root / header).is_file():
        return f'"{header}" is no file of the tree: write the path from the root of the repository'
    rule = ROOMS[where]
    if target == where or rule.rooms == EVERYTHING:
        return None
    if rule.only and target in rule.rooms and header not in rule.only:
        return f"{where} may include of {target} only {', '.join(rule.only)}"
    if target in rule.rooms:
        return None
    return f"{where} may not include {target} (may include: {', '.join(rule.rooms) or 'std only'})"


def why_not_outside(where, header, in_header_file):
    """The rule that forbids room `where` to include `<header>`, or None."""
    rule = ROOMS[where]
    if rule.guest and header in NOT_FOR_GUESTS:
        return f"{where} runs inside the program that is watched: <{header}> allocates, locks or throws there"
    providers = provider_of(header)
    if providers == "std":
        return None
    if providers is None:
        return f"<{header}> has no provider: name it in OUTSIDE of tests/lint/layers.py"
    if rule.outside == EVERYTHING:
        return None
    allowed = [one for one in providers if one in rule.outside]
    if not allowed:
        return f"{where} may not include <{header}> of {providers[0]} (may: {', '.join(rule.outside) or 'std only'})"
    if in_header_file and not set(allowed) & {"libc", "interlock"} and where != "primitives/gtest":
        return f"<{header}> of {allowed[0]} belongs in a source file: its types stay out of our headers"
    return None


def check_includes(root, path, lines):
    """Every #include line against ROOMS."""
    if path.suffix not in SOURCES:
        return
    name = path.relative_to(root).as_posix()
    where = room_of(name)
    if where is None:
        yield 1, f"{name} lies in no room of the table"
        return
    for number, line in enumerate(lines, 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        quoted, header = found.group(1) == '"', found.group(2)
        rule = (why_not_inside(where, header, root) if quoted
                else why_not_outside(where, header, path.suffix in HEADERS))
        if rule:
            yield number, rule


def check_once(root, path, lines):
    """Headers are included once."""
    if path.suffix in HEADERS and not any(line.strip() == "#pragma once" for line in lines):
        yield 1, "a header needs `#pragma once`"


def check_purpose(root, path, lines):
    """The first lines of a file say what it is for; for a source with a header of its own, the header does."""
    own_header = path.suffix in (".cpp", ".c") and path.with_suffix(".hpp").is_file()
    begins = any(line.lstrip().startswith(("//", "/*")) for line in lines[:3])
    if path.suffix in SOURCES and not own_header and not begins:
        yield 1, "the first lines say what the file is for: begin with a comment"


def check_length(root, path, lines):
    """No file grows without end."""
    if len(lines) > LINES_MAX:
        yield LINES_MAX + 1, f"{len(lines)} lines, at most {LINES_MAX}: split it"


def check_space(root, path, lines):
    """No tabs, no space at the end of a line, one newline at the end."""
    for number, line in enumerate(lines, 1):
        if "\t" in line:
            yield number, "a tab"
        if line != line.rstrip():
            yield number, "space at the end of the line"
    if lines and not lines[-1].strip():
        yield len(lines), "empty lines at the end of the file"


def check_paths(root, path, lines):
    """No path of one person's machine."""
    for number, line in enumerate(lines, 1):
        found = MACHINE_PATH.search(line)
        if found:
            yield number, f"a path of somebody's machine: {line[found.start():found.start() + 40].strip()}"


CHECKS = {
    "includes follow the table of rooms": check_includes,
    "headers are included once": check_once,
    "files say what they are for": check_purpose,
    f"files have at most {LINES_MAX} lines": check_length,
    "no tabs and no space at line ends": check_space,
    "no path of somebody's machine": check_paths,
}


def is_checked(root, path):
    """Code and pages; not data, not what tools build."""
    parts = path.relative_to(root).parts
    if any(part == "__pycache__" or part == "subprojects" or part.startswith("build") and depth == 0
           or part.startswith(".") and part != ".ci" for depth, part in enumerate(parts[:-1])):
        return False
    return (path.suffix in SOURCES + SCRIPTS + (".md",) or path.name in ("meson.build", "meson_options.txt")
            or path.relative_to(root).as_posix() in ("dev", ".ci/run"))


def check_tree(root):
    """All violations, by check: {name: ["file:line: rule", ...]}; and how many files were read."""
    found = {name: [] for name in CHECKS}
    files = sorted(path for path in root.rglob("*") if is_checked(root, path) and path.is_file())
    for path in files:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
        if lines and lines[-1] == "":
            lines.pop()
        for name, check in CHECKS.items():
            found[name] += [f"{path.relative_to(root).as_posix()}:{number}: {rule}"
                            for number, rule in check(root, path, lines)]
    return found, len(files)


def check_page(root):
    """ARCHITECTURE.md shows the table as it is here."""
    page = root / "ARCHITECTURE.md"
    if page.is_file() and rooms_as_markdown() not in page.read_text(encoding="utf-8"):
        return ["ARCHITECTURE.md:1: its table of rooms is not what `tests/lint/layers.py --markdown` prints"]
    return []


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    options.add_argument("--tap", action="store_true", help="print as TAP, for Meson")
    options.add_argument("--markdown", action="store_true", help="print the table of rooms")
    called = options.parse_args()
    if called.markdown:
        print(rooms_as_markdown())
        return 0
    found, files = check_tree(called.root.resolve())
    found["ARCHITECTURE.md shows the table of rooms"] = check_page(called.root.resolve())
    found["the tree has files"] = [] if files else [f"{called.root}:1: nothing to check"]
    if called.tap:
        print(f"1..{len(found)}")
        for number, (name, rules) in enumerate(found.items(), 1):
            print(f"{'not ok' if rules else 'ok'} {number} - {name}")
            for rule in rules:
                print(f"# {rule}")
    else:
        for rules in found.values():
            for rule in rules:
                print(rule)
    return 1 if any(found.values()) and not called.tap else 0


if __name__ == "__main__":
    sys.exit(main())
