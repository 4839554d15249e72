#!/usr/bin/python3
"""The manual: groff has nothing to say against it, every command has a page, and a page names the options that --help names.
Prints TAP. Usage: manual_test.py INTERLOCK PAGE..."""
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import tap  # noqa: E402  (found in the folder above)

INTERLOCK = sys.argv[1]
PAGES = {pathlib.Path(name).stem: pathlib.Path(name) for name in sys.argv[2:]}
COMMANDS = {name: page for name, page in PAGES.items() if page.suffix == ".1"}
ROOT = pathlib.Path(__file__).parents[2]
OPTION = re.compile(r"(?<![\w-])--?[a-zA-Z][\w-]*")


def options_of_help(command):
    text = subprocess.run([INTERLOCK, *command, "--help"], capture_output=True, text=True, check=True).stdout
    found = set()
    for line in text.splitlines():
        head = re.match(r"  (-\S.*?)(?:  |$)", line)
        if head:
            found |= set(OPTION.findall(head.group(1).replace(",", " ")))
    return found


def options_of_page(page):
    """The options that head a paragraph of the section OPTIONS."""
    text = page.read_text(encoding="utf-8")
    section = text.split(".SH OPTIONS", 1)[-1].split(".SH", 1)[0]
    found = set()
    for head in re.findall(r"^\.TP\n(.*)$", section, re.M):
        found |= set(OPTION.findall(head.replace("\\-", "-")))
    return found


def problems_of_page(page):
    checker = ["man", "--warnings", "-l", "-Tutf8", "-Z"] if not shutil.which("groff") else ["groff", "-man", "-ww", "-Tutf8", "-z"]
    done = subprocess.run([*checker, str(page)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    # These macros join their words, so a sentence must not go on behind the name in bold.
    joined = [f"words without spaces: {line}" for line in page.read_text(encoding="utf-8").splitlines()
              if re.match(r"\.(BR|BI|IR|IB|RB|RI) .* [.,;] \w", line)]
    return done.stderr.splitlines() + joined


def undescribed_kinds():
    """Kinds of findings that interlock(1) does not name."""
    names = (ROOT / "analysis/findings/names.cpp").read_text(encoding="utf-8")
    kinds = set(re.findall(r'case kind::\w+: return "([a-z-]+)";', names))
    page = PAGES["interlock"].read_text(encoding="utf-8").replace("\\-", "-")
    return sorted(kinds ^ set(re.findall(r"^\.B ([a-z-]+)$", page.split(".SH FINDINGS")[1].split(".SH VERDICTS")[0], re.M)))


def headless_commands():
    """Commands that do not head a paragraph of their own in interlock(1), COMMANDS."""
    section = PAGES["interlock"].read_text(encoding="utf-8").replace("\\-", "-").split(".SH COMMANDS")[1].split("\n.SH")[0]
    heads = re.findall(r"^\.TP\n\.BR (interlock-[a-z]+) \(1\)\n[a-z]", section, re.M)
    return sorted(set(heads) ^ (set(COMMANDS) - {"interlock"}))


def undescribed_headers():
    """Headers that interlock-primitives(7) does not have, or has and are none."""
    page = PAGES["interlock-primitives"].read_text(encoding="utf-8")
    written = re.findall(r"^\.B ([a-z_]+\.hpp)$", page.split(".SH HEADERS")[1].split("\n.SH")[0], re.M)
    build = (ROOT / "primitives/meson.build").read_text(encoding="utf-8").split("primitives_headers = files(")[1].split(")")[0]
    return sorted(set(written) ^ set(re.findall(r"interlock/([a-z_]+\.hpp)'", build)))


def main():
    text = subprocess.run([INTERLOCK, "--help"], capture_output=True, text=True, check=True).stdout
    commands = re.findall(r"^  ([a-z]+) .*  ", text.split("Commands:")[1].split("interlock COMMAND")[0], re.M)
    results = [("every command has a page", [] if {f"interlock-{one}" for one in commands} | {"interlock"} == set(COMMANDS) else [f"{commands} {sorted(PAGES)}"])]
    results.append(("every command is described in interlock(1)", headless_commands()))
    results.append(("every kind of finding is described", undescribed_kinds()))
    results.append(("every header of the primitives is described", undescribed_headers()))
    for name, page in sorted(PAGES.items()):
        results.append((f"{page.name} is well-formed", problems_of_page(page)))
        if name != "interlock" and name in COMMANDS:
            helped, written = options_of_help([name.split("-", 1)[1]]), options_of_page(page)
            results.append((f"{page.name} and --help name the same options", [f"only one has {one}" for one in sorted(helped ^ written)] + ([] if helped else ["none"])))
    tap.tell(results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
