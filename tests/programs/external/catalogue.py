"""What of the fetched sources is a program, how it is built and with which arguments it runs: rules of our own in place of
their makefiles. Whatever is left out has its reason here."""
import pathlib
import re
import shlex
from dataclasses import dataclass, field

NO_PROGRAM = "no program: has no main, it is only compiled by its own suite"
# suite/name: why it is not run.
EXCLUDED = {
    "drd/dlopen_lib": "no program: the library that dlopen_main loads",
    "drd/pth_create_glibc_2_0": "links to a symbol version that x86-64 never had",
    "drd/annotate_rwlock": "its home-made lock spins on plain variables: alone, too, some runs end and some do not",
    "helgrind/annotate_rwlock": "the same program",
    "drd/tsan_unittest": "its own suite does not run it either: it plays a fixed list of hangs and sleeps for minutes",
    "helgrind/pth_mempcpy_false_races": "ends while a thread that nobody joins still prints: how much, alone too, is a matter of time",
    "helgrind/hg02_deadlock": "two threads that can deadlock, and now and then do",
    "helgrind/tc14_laog_dinphils": "philosophers that can deadlock, and now and then do",
    "helgrind/tc11_XCHG": "its status is which of two threads came first",
    "helgrind/stackteardown": "alone, too, some runs end in a segmentation fault and some do not",
    "c-c++-common/inline": NO_PROGRAM,
    "c-c++-common/pr65400-2": "no program: the second file of pr65400-1",
    "c-c++-common/pr81275": NO_PROGRAM,
    "c-c++-common/sanitize-thread-macro": "no program: must only fail to compile without -fsanitize=thread",
    "c-c++-common/step": NO_PROGRAM,
    "g++.dg/benign_race": "calls AnnotateBenignRaceSized of libtsan, which is not linked here",
    "g++.dg/pr80110": NO_PROGRAM,
    "g++.dg/pr88018": NO_PROGRAM,
    "gcc.dg/pr88017": NO_PROGRAM,
    "gcc.dg/pr88030": NO_PROGRAM,
    "gcc.dg/pr90208-1": NO_PROGRAM,
    "gcc.dg/pr90208-2": NO_PROGRAM,
}
# Never ends, and is meant to: run for a while, alone and recorded.
ENDLESS = {
    "helgrind/shmem_abits": "two processes change shared memory for ever",
    "drd/pth_cond_destroy_busy": "waits for ever on a condition that it destroyed",
}
# Long, and with one possible output: alone once, and started first.
LONG = ("drd/unit_bitmap", "helgrind/bar_bad", "helgrind/tc23_bogus_condwait", "helgrind/hg03_inherit",
        "drd/pth_mutex_signal", "helgrind/tc22_exit_w_lock")
# Threads print as they come: alone, too, the order of lines differs between runs, though not between any two of them.
RACY_OUTPUT = ("helgrind/pth_barrier", "drd/pth_barrier", "drd/annotate_barrier",
               "drd/circular_buffer", "drd/pth_mutex_signal")
ANSWERS = ("HAVE_ASM_UNISTD_H", "HAVE_BUILTIN_ATOMIC", "HAVE_PTHREAD_CONDATTR_SETCLOCK", "HAVE_PTHREAD_MUTEX_ERRORCHECK_NP",
           "HAVE_PTHREAD_MUTEX_RECURSIVE_NP", "HAVE_PTHREAD_MUTEX_TIMEDLOCK", "HAVE_PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP",
           "HAVE_PTHREAD_RWLOCK_TIMEDRDLOCK", "HAVE_PTHREAD_RWLOCK_TIMEDWRLOCK", "HAVE_TLS")
VALGRIND_FLAGS = ("-I.", "-Iinclude", "-Idrd", "-Icoregrind", "-IVEX/pub", "-DVGA_amd64=1", "-DVGO_linux=1",
                  "-DVGP_amd64_linux=1", "-DVGPV_amd64_linux_vanilla=1", "-fno-builtin")
LIBRARIES = {"drd/boost_thread": ("-lboost_thread", "-lboost_system")}
MORE_SOURCES = {"c-c++-common/pr65400-1": ("gcc/testsuite/c-c++-common/tsan/pr65400-2.c",)}


@dataclass
class program:
    """One source: how it is built."""
    name: str                 # suite/stem
    source: pathlib.Path
    root: pathlib.Path        # paths in its includes and flags start here
    flags: tuple = ()
    runs: list = field(default_factory=lambda: [()])  # tuples of arguments

    @property
    def command(self):
        compiler = ("gcc", "-std=gnu11") if self.source.suffix == ".c" else ("g++", "-std=gnu++17")
        return (*compiler, "-w", "-g", "-O1", "-pthread", "-D_GNU_SOURCE", *self.flags, str(self.source),
                *MORE_SOURCES.get(self.name, ()), "-fopenmp", "-lrt", "-ldl", "-lm", *LIBRARIES.get(self.name, ()))


def answer_questions(root):
    """Their configure script's answers for this system, as far as these programs ask."""
    (root / "config.h").write_text("".join(f"#define {name} 1\n" for name in ANSWERS), encoding="utf-8")


def arguments_of(folder):
    """{program: [arguments]} of a folder of .vgtest files."""
    runs = {}
    for path in sorted(folder.glob("*.vgtest")):
        text = path.read_text(encoding="utf-8", errors="replace")
        said = dict(re.findall(r"(?m)^(prog|args):[ \t]*(.*)$", text))
        words = shlex.split(said.get("prog", "")) + shlex.split(said.get("args", ""))
        if words and "/" not in words[0] and tuple(words[1:]) not in runs.setdefault(words[0], []):
            runs[words[0]].append(tuple(words[1:]))
    return runs


def of_valgrind(root):
    """The programs of helgrind's and drd's tests."""
    answer_questions(root)
    for suite in ("helgrind", "drd"):
        folder = root / suite / "tests"
        runs = arguments_of(folder)
        for source in sorted([*folder.glob("*.c"), *folder.glob("*.cpp")]):
            yield program(f"{suite}/{source.stem}", source, root, VALGRIND_FLAGS, runs.get(source.stem, [()]))


def of_gcc(root):
    """The programs of GCC's own ThreadSanitizer tests."""
    for source in sorted([*root.glob("gcc/testsuite/*/tsan/*.c"), *root.glob("gcc/testsuite/*/tsan/*.C")]):
        suite = source.parent.parent.name
        yield program(f"{suite}/{source.stem}", source, root)
