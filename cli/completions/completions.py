#!/usr/bin/python3
"""Writes the completions of a shell from the command's own option tables (cli/option_table.hpp), so that they cannot get stale.

Usage: completions.py INTERLOCK bash|zsh|fish > FILE
"""
import subprocess
import sys
from dataclasses import dataclass

FILES = ("FILE", "PATH", "LOG", "SUMMARY", "CORE", "OLD", "NEW")
RUN_PROGRAMS = ("run", "record")  # behind their own options stands somebody else's command line


@dataclass(frozen=True)
class option:
    names: tuple
    value: str  # "" where it takes none
    values: tuple  # those that there are, if not any will do
    description: str
    repeatable: bool

    @property
    def is_file(self):
        return self.value in FILES


@dataclass(frozen=True)
class command:
    name: str
    purpose: str
    options: tuple
    arguments: tuple  # "PID", "FILE": what stands behind the options

    @property
    def takes_program(self):
        return self.name in RUN_PROGRAMS


def table_of(interlock, *words):
    text = subprocess.run([interlock, *words, "--option-table"], check=True, capture_output=True, text=True).stdout
    return [line.split("\t") for line in text.splitlines()]


def options_of(rows):
    return tuple(option(tuple(names.split(",")), value, tuple(values.split(",")) if values else (), description,
                        kind == "repeatable")
                 for kind, names, value, values, description in rows if kind != "argument")


def arguments_of(rows):
    """What the positional arguments are: by their names, or by the type where that says more."""
    words = {word for kind, names, value, _, _ in rows if kind == "argument" for word in f"{value}|{names}".split("|")}
    return tuple(kind for kind, known in (("PID", ("PID",)), ("FILE", FILES)) if words & set(known))


def read(interlock):
    made = []
    for name, purpose in table_of(interlock):
        rows = table_of(interlock, name)
        made.append(command(name, purpose, options_of(rows), arguments_of(rows)))
    return made


# -- bash --------------------------------------------------------------------------------------------------------------------

BASH = """# bash completion for interlock. Made by cli/completions/completions.py.
_interlock() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} command=${{COMP_WORDS[1]-}}
    local options= files= pids= i
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W "{commands} --help --version" -- "$current")
        return
    fi
    # `--option=value` comes as three words.
    if [[ $current == = ]]; then
        current=
    elif [[ $previous == = ]]; then
        previous=${{COMP_WORDS[COMP_CWORD-2]}}
    fi
    case $command in
{cases}
        *) return ;;
    esac
    case $command:$previous in
{values}
    esac
{programs}
    if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
        return
    fi
    [[ $files ]] && {{ compopt -o filenames 2> /dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current"); }}
    [[ $pids ]] && mapfile -t -O "${{#COMPREPLY[@]}}" COMPREPLY < <(compgen -W "$(cd /proc && echo [0-9]*)" -- "$current")
}}
complete -F _interlock interlock
"""
BASH_PROGRAM = """    # The first word that is neither an option nor an option's value begins the program's own command line.
    if [[ $command == {one} ]]; then
        for ((i = 2; i < COMP_CWORD; ++i)); do
            case ${{COMP_WORDS[i]}} in
                --) ((++i)); break ;;
                {with_value}) ((++i)) ;;
                -*) ;;
                *) break ;;
            esac
            [[ ${{COMP_WORDS[i]-}} == = ]] && ((++i))
        done
        if ((i < COMP_CWORD)) && declare -F _command_offset > /dev/null; then
            _command_offset "$i"
            return
        elif ((i == COMP_CWORD)) && [[ $current != -* ]]; then
            compopt -o filenames 2> /dev/null
            mapfile -t COMPREPLY < <(compgen -c -f -- "$current")
            return
        elif ((i < COMP_CWORD)); then
            compopt -o filenames 2> /dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            return
        fi
    fi"""


def bash(commands):
    cases, values, programs = [], [], []
    for one in commands:
        names = " ".join(name for entry in one.options for name in entry.names)
        kinds = "".join(f" {variable}=1" for variable, kind in (("files", "FILE"), ("pids", "PID")) if kind in one.arguments)
        cases.append(f"        {one.name}) options='{names}'{kinds} ;;")
        for entry in one.options:
            pattern = "|".join(f"{one.name}:{name}" for name in entry.names)
            if entry.values:
                values.append(f"        {pattern}) mapfile -t COMPREPLY < <(compgen -W '{' '.join(entry.values)}' -- \"$current\"); return ;;")
            elif entry.is_file:
                values.append(f"        {pattern}) compopt -o filenames 2> /dev/null; mapfile -t COMPREPLY < <(compgen -f -- \"$current\"); return ;;")
            elif entry.value:
                values.append(f"        {pattern}) return ;;")
        if one.takes_program:
            with_value = "|".join(name for entry in one.options if entry.value for name in entry.names)
            programs.append(BASH_PROGRAM.format(one=one.name, with_value=with_value))
    return BASH.format(commands=" ".join(one.name for one in commands), cases="\n".join(cases), values="\n".join(values),
                       programs="\n".join(programs))


# -- zsh ---------------------------------------------------------------------------------------------------------------------

ZSH = """#compdef interlock
# zsh completion for interlock. Made by cli/completions/completions.py.
_interlock() {{
    local curcontext=$curcontext state line
    local -a commands
    commands=(
{commands}
    )
    _arguments -C '(- *)--help[list the commands]' '(- *)--version[the version]' '1: :->command' '*:: :->rest' && return
    case $state in
        command) _describe -t commands command commands ;;
        rest)
            curcontext=${{curcontext%:*}}-$line[1]:
            case $line[1] in
{cases}
            esac ;;
    esac
}}
_interlock "$@"
"""


def zsh_quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def zsh_option(entry):
    described = entry.description.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]").replace(":", "\\:")
    action = ""
    if entry.value:
        what = f"({' '.join(entry.values)})" if entry.values else "_files" if entry.is_file else " "
        action = f":{entry.value}:{what}"
    for name in entry.names:
        equals = "=" if entry.value and name.startswith("--") else ""
        others = "*" if entry.repeatable else f"({' '.join(entry.names)})"
        yield zsh_quoted(f"{others}{name}{equals}[{described}]{action}")


def zsh_rest(one):
    if one.takes_program:
        return "'(-)*:: :_normal -p interlock' '(-)1:program: _command_names -e'"
    actions = {"FILE": "_files", "PID": "_pids"}
    wanted = [actions[kind] for kind in one.arguments]
    return zsh_quoted("*: :" + (wanted[0] if len(wanted) == 1 else "{ _alternative " + " ".join(
        f'"{action}: :{action}"' for action in wanted) + " }"))


def zsh(commands):
    listed = "\n".join(f"        {zsh_quoted(one.name + ':' + one.purpose)}" for one in commands)
    cases = []
    for one in commands:
        words = [spec for entry in one.options for spec in zsh_option(entry)] + [zsh_rest(one)]
        flags = "-S -s " if one.takes_program else "-s "
        cases.append(f"                {one.name}) _arguments {flags}" + " \\\n                    ".join(words) + " ;;")
    return ZSH.format(commands=listed, cases="\n".join(cases))


# -- fish --------------------------------------------------------------------------------------------------------------------

def fish_quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fish_line(one, entry):
    words = ["complete", "-c", "interlock", "-n", fish_quoted(f"__fish_seen_subcommand_from {one.name}")]
    for name in entry.names:
        words += ["-l", name[2:]] if name.startswith("--") else ["-s", name[1:]]
    if entry.values:
        words += ["-x", "-a", fish_quoted(" ".join(entry.values))]
    elif entry.value:
        words += ["-r", "-F"] if entry.is_file else ["-x"]
    return " ".join(words + ["-d", fish_quoted(entry.description)])


def fish(commands):
    names = " ".join(one.name for one in commands)
    none = fish_quoted(f"not __fish_seen_subcommand_from {names}")
    lines = ["# fish completion for interlock. Made by cli/completions/completions.py.",
             "complete -c interlock -f",
             f"complete -c interlock -n {none} -l help -d 'list the commands'",
             f"complete -c interlock -n {none} -l version -d 'the version'"]
    lines += [f"complete -c interlock -n {none} -a {one.name} -d {fish_quoted(one.purpose)}" for one in commands]
    for one in commands:
        lines += [fish_line(one, entry) for entry in one.options]
        seen = fish_quoted(f"__fish_seen_subcommand_from {one.name}")
        if one.takes_program:
            lines.append(f"complete -c interlock -n {seen} -a '(__fish_complete_subcommand --fcs-skip=2)'")
        if "FILE" in one.arguments:
            lines.append(f"complete -c interlock -n {seen} -F")
        if "PID" in one.arguments:
            lines.append(f"complete -c interlock -n {seen} -a '(__fish_complete_pids)'")
    return "\n".join(lines) + "\n"


def main():
    interlock, shell = sys.argv[1:3]
    sys.stdout.write({"bash": bash, "zsh": zsh, "fish": fish}[shell](read(interlock)))


main()
