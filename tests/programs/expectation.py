"""Reads what a program of the corpus expects of its report, from the comment block in its source.

The format is strict: whatever is not understood is an error, so that a typing mistake cannot turn a check off.

    // twin: other.c                       the clean twin, where it is not a case of the same file
    // expect: ARGUMENTS                   begins a case: the program is run with these arguments (none is fine)
    //   exit 3                            the program's own exit status (0 if left out)
    //   stdout some text                  one line of its output; no such line: it prints nothing
    //   acquisitions 4                    of all logs together, at level full; also `acquisitions at-least 4`
    //   dependencies 2                    the same; also `dependencies at-least 2`
    //   threads 3                         of all logs together (optional)
    //   events semaphore_acquire 4        records of this kind in all logs together, at level full (optional): what a case without a
    //                                     finding, whose acquisitions are none, must show of itself
    //   options spurious_wakeups=1        INTERLOCK_OPTIONS of the recorded runs (optional)
    //   only full                         not at level order, which does not have what the finding needs
    //   logs 2                            how many processes were recorded (1 if left out)
    //   harmless mutual-exclusion 1       cycles that cannot block, by the condition that fails; also hold-and-wait (0)
    //   blind bare futex                  some blind spot of the report has these words; `none`: it has none; `not WORDS`: none has
                                      these (optional)
    //   finding KIND VERDICT key=value    one line for each finding; or
    //   clean                             no finding at all

Keys of a finding (each optional but `edges`, which cycles and deadlocks need): `edges` how many; `locks` their names;
`threads` names of its threads; `functions` the innermost function of each request (or of the finding's own stack);
`via` functions that must appear somewhere in its stacks; `modes` held and wanted mode of each edge (EE, ES, SE, SS);
`timed` how many edges give up by themselves; `guards` names of the guards; `no` the Coffman condition that is negated, or
`none`; `says` and `unsaid` what must and must not occur in its reasons and evidence.
Lists are separated by commas and compared without regard to order; `p0..99` is p0, p1 and so on to p99, `forks[0..99]` likewise.
In names of locks `~` stands for a space, `?` for a lock that has no name. What Coffman's conditions must say follows from the
verdict, so run.py checks it of every cycle.
"""
import pathlib
import re
import shlex
from dataclasses import dataclass, field

KINDS = ("lock-order-cycle", "deadlock", "self-deadlock", "lock-rank-violation", "unlock-not-held", "unlock-not-owner",
         "destroy-while-held", "held-at-thread-exit", "stalled", "reinit-while-held", "unlock-wrong-mode",
         "broken-promise", "pool-exhausted", "handler-overrun", "suspend-while-holding",
         "spinlock-held-long", "spinlock-held-blocking", "wait-without-loop", "condition-two-mutexes")
VERDICTS = ("observed", "confirmed", "proven", "replayable", "potential", "unwitnessed", "across-runs", "ordered",
            "single-thread", "guarded", "escapable", "unverifiable")
CONDITIONS = ("mutual_exclusion", "hold_and_wait", "no_preemption", "circular_wait")
WITH_EDGES = ("lock-order-cycle", "deadlock", "self-deadlock")
LISTS = ("locks", "threads", "functions", "via", "modes", "guards")
NUMBERS = ("edges", "timed")


class malformed(Exception):
    """A block that does not follow the format: file, line and reason in one line."""


@dataclass(frozen=True)
class count:
    """A number that is exact, or a floor where a library's own locks come on top."""
    number: int
    at_least: bool = False

    def holds(self, actual):
        return actual >= self.number if self.at_least else actual == self.number

    def __str__(self):
        return f"at least {self.number}" if self.at_least else str(self.number)


@dataclass
class expected_finding:
    kind: str
    verdict: str
    keys: dict = field(default_factory=dict)

    def __str__(self):
        rest = (f"{key}={','.join(value) if isinstance(value, tuple) else value}" for key, value in self.keys.items())
        return " ".join((self.kind, self.verdict, *rest))


@dataclass
class case:
    line: int
    arguments: tuple
    exit_status: int = 0
    stdout: list = field(default_factory=list)
    acquisitions: count = None
    dependencies: count = None
    threads: count = None
    logs: int = 1
    harmless: dict = field(default_factory=lambda: {"mutual-exclusion": 0, "hold-and-wait": 0})
    blind: list = field(default_factory=list)
    events: dict = field(default_factory=dict)
    clean: bool = False
    options: str = ""
    only_full: bool = False
    findings: list = field(default_factory=list)

    @property
    def name(self):
        return " ".join(self.arguments) or "no arguments"


@dataclass
class program:
    path: pathlib.Path
    cases: list
    twins: list

    @property
    def has_findings(self):
        return any(one.findings for one in self.cases)

    @property
    def has_clean_case(self):
        return any(one.clean for one in self.cases)


def finding_of(words):
    """`KIND VERDICT key=value ...`; ValueError with the reason."""
    if len(words) < 2 or words[0] not in KINDS or words[1] not in VERDICTS:
        raise ValueError("a finding needs a known kind and a known verdict")
    keys = {}
    for word in words[2:]:
        key, equals, value = word.partition("=")
        if not equals or not value or key in keys:
            raise ValueError(f"`{word}` is no key=value, or said twice")
        if key in LISTS:
            named = value.replace("~", " ") if key == "locks" else value
            keys[key] = tuple(one for item in named.split(",") for one in spelt_out(item))
        elif key in NUMBERS:
            keys[key] = number_of(value)
        elif (key == "no" and value in (*CONDITIONS, "none")) or key in ("says", "unsaid"):
            keys[key] = value
        else:
            raise ValueError(f"`{word}`: no such key")
    if words[0] in WITH_EDGES and "edges" not in keys:
        raise ValueError(f"a {words[0]} needs edges=N")
    return expected_finding(words[0], words[1], keys)


def spelt_out(item):
    """One item of a list, or each of the range that it is."""
    parts = re.fullmatch(r"(.*?)([0-9]+)\.\.([0-9]+)(.*)", item)
    if not parts:
        return [item]
    return [f"{parts[1]}{number}{parts[4]}" for number in range(int(parts[2]), int(parts[3]) + 1)]


def number_of(word):
    if not re.fullmatch(r"[0-9]+", word):
        raise ValueError(f"`{word}` is no number")
    return int(word)


def count_of(words):
    if len(words) == 2 and words[0] == "at-least":
        return count(number_of(words[1]), True)
    if len(words) != 1:
        raise ValueError("needs a number, or at-least and a number")
    return count(number_of(words[0]))


def directive(into, text):
    """One indented line of a case; ValueError with the reason."""
    word, _, rest = text.partition(" ")
    words = rest.split()
    if word == "stdout":
        into.stdout.append(rest)
    elif word in ("acquisitions", "dependencies", "threads"):
        if getattr(into, word) is not None:
            raise ValueError(f"{word} said twice")
        setattr(into, word, count_of(words))
    elif word in ("exit", "logs") and len(words) == 1:
        setattr(into, "exit_status" if word == "exit" else word, number_of(words[0]))
    elif word == "harmless" and len(words) == 2 and words[0] in into.harmless:
        into.harmless[words[0]] = number_of(words[1])
    elif word == "events" and len(words) >= 2 and words[0] not in into.events:
        into.events[words[0]] = count_of(words[1:])
    elif word == "finding":
        into.findings.append(finding_of(words))
    elif word == "blind" and words:
        into.blind.append(rest)
    elif word == "options" and len(words) == 1:
        into.options = words[0]
    elif text == "only full":
        into.only_full = True
    elif text == "clean":
        into.clean = True
    else:
        raise ValueError(f"`{text}` is not understood")


def complete(one):
    """The reason why a case says too little or contradicts itself, or None."""
    if one.clean == bool(one.findings):
        return "a case has findings or is clean: one of the two"
    if one.acquisitions is None or one.dependencies is None:
        return "a case needs acquisitions and dependencies"
    return None


def parse(path):
    """The program's cases. Raises malformed."""
    cases, twins, current = [], [], None

    def bad(line, reason):
        return malformed(f"{path}:{line}: {reason}")

    for number, line in enumerate(pathlib.Path(path).read_text(encoding="utf-8").splitlines(), 1):
        text = line.rstrip()
        if re.match(r"//\s*expect\b", text):
            if not re.match(r"// expect:( |$)", text):
                raise bad(number, "a case begins with `// expect:`")
            current = case(number, tuple(shlex.split(text[len("// expect:"):])))
            cases.append(current)
        elif re.match(r"// twin: \S+$", text):
            twins.append(text.split()[-1])
            current = None
        elif current is not None and text.startswith("//"):
            if not re.match(r"//   \S", text):
                raise bad(number, "a line of a case is indented by three spaces")
            try:
                directive(current, text[5:])
            except ValueError as reason:
                raise bad(number, reason) from None
        else:
            current = None
    if not cases:
        raise bad(1, "no `// expect:` block")
    for one in cases:
        if complete(one):
            raise bad(one.line, complete(one))
    if len({one.arguments for one in cases}) != len(cases):
        raise bad(cases[-1].line, "two cases have the same arguments")
    return program(pathlib.Path(path), cases, twins)
