#!/usr/bin/python3
"""Completions as the shells themselves make them. TAP. Usage: completions_test.py INTERLOCK BASH_FILE ZSH_FILE FISH_FILE"""
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import tap  # noqa: E402  (found in the folder above)

INTERLOCK, BASH_FILE, ZSH_FILE, FISH_FILE = (os.path.abspath(path) for path in sys.argv[1:5])
SECONDS_MAX = 60


def need(shell):
    if shutil.which(shell) is None:
        raise tap.Skipped(f"{shell} is not installed")


def helped(*words):
    return subprocess.run([INTERLOCK, *words, "--help"], check=True, capture_output=True, text=True).stdout


def commands():
    return re.findall(r"^  ([a-z]+) .*  ", helped().split("Commands:")[1].split("interlock COMMAND")[0], re.M)


def options(command):
    """The options that --help names, which completions are not made of."""
    heads = re.findall(r"^  (-\S*)", helped(command), re.M)
    return sorted(name for head in heads for name in head.split(","))


def in_bash(line, cwd=None):
    """What completes the last word of the line."""
    words = line.split(" ")
    script = f"source {BASH_FILE}; COMP_WORDS=({' '.join(repr(word) for word in words)}); COMP_CWORD={len(words) - 1}; " \
             "_interlock; printf '%s\\n' \"${COMPREPLY[@]}\""
    done = subprocess.run(["bash", "--norc", "--noprofile", "-c", script], capture_output=True, text=True, cwd=cwd, check=False)
    assert done.stderr == "", done.stderr
    return sorted(done.stdout.split())


def in_fish(line, cwd=None):
    script = f"source {FISH_FILE}; complete -C {line!r}"
    with tempfile.TemporaryDirectory(prefix="interlock-fish.") as home:
        done = subprocess.run(["fish", "--no-config", "-c", script], capture_output=True, text=True, cwd=cwd, check=False,
                              env={**os.environ, "HOME": home})
    assert done.stderr == "", done.stderr
    return sorted(one.split("\t")[0] for one in done.stdout.splitlines())


class zsh_terminal:
    """A zsh at a terminal, which completes what is typed as it would for a user."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        (self.folder / "functions").mkdir()
        shutil.copy(ZSH_FILE, self.folder / "functions" / "_interlock")
        (self.folder / ".zshrc").write_text(
            "fpath=($ZDOTDIR/functions $fpath); autoload -U compinit; compinit -u -d $ZDOTDIR/dump; LISTMAX=1000000\n"
            "unsetopt beep list_beep; PS1='ready>'\n"
            "tell() { print -r -- \"$BUFFER\" >> $ZDOTDIR/told; BUFFER= }; zle -N tell; bindkey '^X' tell; bindkey '^I' complete-word\n",
            encoding="utf-8")
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execvpe("zsh", ["zsh", "-i"], {**os.environ, "ZDOTDIR": folder, "TERM": "dumb", "HOME": folder})
        self.read_until(lambda text: "ready>" in text)

    def read_until(self, done):
        text = ""
        while not done(text):
            ready, _, _ = select.select([self.terminal], [], [], SECONDS_MAX)
            assert ready, f"zsh says no more than {text!r}"
            text += os.read(self.terminal, 65536).decode(errors="replace")
        return text

    def completed(self, line):
        """The line after a tabulator."""
        told = self.folder / "told"
        known = len(told.read_text().splitlines()) if told.exists() else 0
        os.write(self.terminal, f"{line}\t\x18".encode())
        self.read_until(lambda _: told.exists() and len(told.read_text().splitlines()) > known)
        return told.read_text().splitlines()[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.terminal)  # a hang-up ends it
        os.waitpid(self.pid, 0)


def bash_completes_every_command_and_option():
    assert in_bash("interlock ") == sorted([*commands(), "--help", "--version"]), in_bash("interlock ")
    for command in commands():
        assert in_bash(f"interlock {command} -") == options(command), (command, in_bash(f"interlock {command} -"))


def bash_completes_values():
    assert in_bash("interlock run --record ") == ["full", "order"]
    assert in_bash("interlock run --record = o") == ["order"]
    assert in_bash("interlock analyze --format s") == ["sarif"]
    assert in_bash("interlock stats --by ") == ["both", "class", "lock"]
    assert in_bash("interlock run --watchdog ") == []


def bash_completes_files_programs_and_processes():
    with tempfile.TemporaryDirectory(prefix="interlock-completions.") as folder:
        (pathlib.Path(folder) / "one.ilk").touch()
        (pathlib.Path(folder) / "prog").touch()
        for line in ("interlock analyze o", "interlock run --suppressions o", "interlock watch o", "interlock diff o",
                     "interlock run --record full ./prog o", "interlock run -- ./prog o"):
            assert in_bash(line, folder) == ["one.ilk"], (line, in_bash(line, folder))
        # Behind the program, options are the program's.
        assert in_bash("interlock run ./prog --form", folder) == []
        assert "prog" in in_bash("interlock record -o x.ilk p", folder)
    assert str(os.getpid()) in in_bash(f"interlock snapshot {str(os.getpid())[:-1]}")
    assert in_bash(f"interlock analyze {str(os.getpid())}") == []


def fish_completes_every_command_and_option():
    need("fish")
    assert in_fish("interlock ") == sorted(commands()), in_fish("interlock ")
    for command in commands():
        wanted = [one for one in options(command) if one.startswith("--")]
        assert in_fish(f"interlock {command} --") == wanted, (command, in_fish(f"interlock {command} --"))


def fish_completes_values_and_files():
    need("fish")
    assert in_fish("interlock run --record ") == ["full", "order"]
    assert in_fish("interlock analyze --format s") == ["sarif"]
    with tempfile.TemporaryDirectory(prefix="interlock-completions.") as folder:
        (pathlib.Path(folder) / "one.ilk").touch()
        assert in_fish("interlock analyze on", folder) == ["one.ilk"]
        assert in_fish("interlock analyze --baseline on", folder) == ["one.ilk"]


def zsh_completes_commands_options_values_and_files():
    need("zsh")
    with tempfile.TemporaryDirectory(prefix="interlock-zsh.") as folder, zsh_terminal(folder) as zsh:
        (pathlib.Path(folder) / "onlyone.ilk").touch()
        for line, wanted in (("interlock anal", "interlock analyze "), ("interlock run --rec", "interlock run --record="),
                             ("interlock run --record=f", "interlock run --record=full "),
                             ("interlock run --record f", "interlock run --record full "),
                             ("interlock analyze --format sa", "interlock analyze --format sarif "),
                             ("interlock stats --qu", "interlock stats --qu"),
                             (f"interlock analyze {folder}/on", f"interlock analyze {folder}/onlyone.ilk "),
                             (f"interlock diff {folder}/onlyone.ilk {folder}/on",
                              f"interlock diff {folder}/onlyone.ilk {folder}/onlyone.ilk "),
                             ("interlock run ./prog --rec", "interlock run ./prog --rec")):
            got = zsh.completed(line)
            assert got.rstrip() == wanted.rstrip(), (line, got)
        for command in commands():
            for name in options(command):
                if not name.startswith("--"):
                    continue
                got = zsh.completed(f"interlock {command} {name}").rstrip().removesuffix("=")
                assert got == f"interlock {command} {name}", got
            unique = [name for name in options(command) if not any(
                other != name and other.startswith(name[:-1]) for other in options(command)) and len(name) > 4]
            for name in unique:
                got = zsh.completed(f"interlock {command} {name[:-1]}").rstrip().removesuffix("=")
                assert got == f"interlock {command} {name}", got


tap.run(bash_completes_every_command_and_option, bash_completes_values, bash_completes_files_programs_and_processes,
        fish_completes_every_command_and_option, fish_completes_values_and_files, zsh_completes_commands_options_values_and_files)
