#!/usr/bin/python3
"""Ids of findings hold still: over runs, over edits above, and from compiler to compiler. Prints TAP.
Usage: ids_test.py INTERLOCK SOURCE GXX CLANGXX"""
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import tap  # noqa: E402  (found in the folder above)

INTERLOCK, SOURCE, GXX, CLANGXX = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], sys.argv[4]
RUNS = 20
DEFECTS = 12

# Where a build differs from g++ -O0: (what of the finding is told, the reason).
FOLDED = (r"several_a in several_th(is|at)_way => ", "GCC folds functions with the same code into one (-fipa-icf), which debug information calls by either name")
DIFFERENCES = {
    "g++ -O2": [FOLDED],
}


def build(folder, name, compiler, level, text):
    source = folder / "defects.cpp"
    source.write_text(text, encoding="utf-8")
    program = folder / name
    subprocess.run([compiler, "-std=c++20", "-g", level, "-o", program, source, "-pthread"], check=True)
    return program


def findings(folder, program):
    """{id: "kind text"} of one run."""
    base = folder / "baseline"
    done = subprocess.run([INTERLOCK, "run", "--write-baseline", base, "--report", "/dev/null", "--", program], capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"status {done.returncode}: {done.stderr[:1000]}")
    told = {}
    for line in base.read_text(encoding="utf-8").splitlines():
        found = re.fullmatch(r"finding (\w+) (\S+) \S+ (.*)", line)
        if found:
            told[found.group(1)] = f"{found.group(2)} {found.group(3)}"
    return told


def with_lines_above(text):
    """Lines before every function, and in the folder's file nothing stays where it was."""
    moved = []
    for number, line in enumerate(text.splitlines(keepends=True)):
        if re.match(r"(std::|template|inline|void|int|class|bool|    void)", line):
            moved.append("// moved\n" * (1 + number % 7))
        moved.append(line)
    return "".join(moved)


def differences(expected, told):
    return sorted({expected[one] for one in expected.keys() - told.keys()} | {told[one] for one in told.keys() - expected.keys()})


def main():
    text = SOURCE.read_text(encoding="utf-8")
    results = []
    with tempfile.TemporaryDirectory(prefix="interlock-ids.") as name:
        folder = pathlib.Path(name)
        plain = build(folder, "defects", GXX, "-O0", text)
        expected = findings(folder, plain)
        results.append((f"the program shows its {DEFECTS} defects", [] if len(expected) == DEFECTS else sorted(expected.values())))
        wrong = []
        for _ in range(RUNS - 1):
            wrong += differences(expected, findings(folder, plain))
        results.append((f"{RUNS} runs have the same ids", wrong))
        moved = with_lines_above(text)
        assert moved.count("// moved") > 60
        results.append(("lines above every function change none", differences(expected, findings(folder, build(folder, "moved", GXX, "-O0", moved)))))
        for compiler, label in ((GXX, "g++"), (CLANGXX, "clang++")):
            for level in ("-O0", "-O2"):
                if (label, level) == ("g++", "-O0"):
                    continue
                allowed = [pattern for pattern, _ in DIFFERENCES.get(f"{label} {level}", [])]
                told = differences(expected, findings(folder, build(folder, f"{label}{level}", compiler, level, text)))
                results.append((f"{label} {level} has the same ids but for {len(allowed)} with a reason",
                                [f"not listed: {one}" for one in told if not any(re.search(each, one) for each in allowed)] +
                                [f"no longer: {each}" for each in allowed if not any(re.search(each, one) for one in told)]))
    tap.tell(results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
