"""What of GCC's and LLVM's ThreadSanitizer tests is a program, how it is built, and where our verdict is not theirs: rules of our own in
place of their build files. Whatever differs or is left out has its reason here."""
import pathlib
import re
from dataclasses import dataclass

LEAVING = "destroys a barrier that others may still be leaving, which POSIX lets who passed it do"
OWN_OPTIONS = "turns the reports of its own runtime off from inside the program"
ALLOCATION = "no access but the allocation itself is unordered, which is none for us: who writes the block first is told"
# suite/name: why our verdict is another.
DIFFERENT = {
    "c-c++-common/race_on_barrier2": LEAVING,
    "llvm/race_on_barrier2": LEAVING,
    "g++.dg/default_options": OWN_OPTIONS,
    "llvm/default_options": OWN_OPTIONS,
    "llvm/free_race2": "one thread alone uses what it has freed: no race, and before a second thread nothing is recorded",
    "llvm/malloc_stack": ALLOCATION,
    "llvm/ignored-interceptors-mmap": ALLOCATION,
    "llvm/signal_sync2": "a handler that interrupts a region where synchronisation is ignored is in that region for us",
    "llvm/stack_sync_reuse": "has a race, as its own text says, which their runtime takes for ordered",
}
# Of those, whose verdict is a matter of the schedule with either runtime.
NOW_AND_THEN = ()
LEFT_OUT = {
    "llvm/restore_stack": "runs for minutes with its own runtime",
}


@dataclass
class program:
    """One source: how it is built and run."""
    name: str  # suite/stem
    source: pathlib.Path
    root: pathlib.Path
    compiler: tuple
    flags: tuple = ()
    libraries: tuple = ("-ldl", "-lrt", "-lm")
    options: tuple = ()       # of ThreadSanitizer
    suppressions: tuple = ()  # of ours

    @property
    def stem(self):
        return self.source.stem


def has_main(source):
    return re.search(r"\bmain\s*\(", source.read_text(encoding="utf-8", errors="replace"))


def of_gcc(root):
    """GCC's programs. Those without a main are only compiled by their own suite."""
    for source in sorted([*root.glob("gcc/testsuite/*/tsan/*.c"), *root.glob("gcc/testsuite/*/tsan/*.C")]):
        if not has_main(source):
            continue
        text = source.read_text(encoding="utf-8", errors="replace")
        more = re.search(r'dg-additional-sources "([^"]+)"', text)
        compiler = ("gcc", "-std=gnu11") if source.suffix == ".c" else ("g++", "-std=gnu++17")
        yield program(f"{source.parent.parent.name}/{source.stem}", source, root,
                      (*compiler, "-w", "-g", "-O1", "-pthread", "-D_GNU_SOURCE"),
                      libraries=((str(source.parent / more[1]),) if more else ()) + ("-ldl", "-lrt", "-lm"))


def first_build(text):
    """(compiler, its words) of the first line that says how a test is built; None: it is built otherwise."""
    joined = re.sub(r"\\\n// RUN:", "", text)
    for line in re.findall(r"// RUN:(.*)", joined):
        found = re.search(r"%(clangxx|clang)_tsan\b(.*?)%s\b(.*?)-o %t(?=\s|$)", line)
        if found:
            return found[1], f"{found[2]} {found[3]}".split()
    return None


def of_llvm(root):
    """LLVM's programs, the flags from the first line that builds each."""
    tests = root / "compiler-rt/test"
    for source in sorted([*tests.glob("tsan/*.c"), *tests.glob("tsan/*.cpp"), *tests.glob("tsan/Linux/*.c*"), *tests.glob("tsan/libcxx/*.cpp")]):
        text = source.read_text(encoding="utf-8", errors="replace")
        built = first_build(text)
        if not built or not has_main(source):
            continue
        compiler = "clang++-14" if built[0] == "clangxx" else "clang-14"
        flags = tuple(word for word in built[1] if re.match(r"-(O|std|-std|D|f(?!sanitize)|m|pie)", word))
        said = re.search(r"%env_tsan_opts=(\S+)", text)
        options = tuple(said[1].replace("%s", str(source)).replace("'", "").split(":")) if said and "%t" not in said[1] else ()
        yield program(f"llvm/{source.stem}", source, tests, (compiler, "-w", "-g", "-pthread", f"-I{tests}", f"-I{tests}/tsan"), flags,
                      options=options, suppressions=tuple(one for one in options if one.startswith("suppressions=")))
