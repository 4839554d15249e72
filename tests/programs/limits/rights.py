#!/usr/bin/python3
"""Programs that run with rights which their caller does not have: never recorded, run as they are, and told. TAP.

They are made here (setuid of another user, file capabilities), which needs root: without it all is left out, and says so.
"""
import os
import pathlib
import shutil
import subprocess
import tempfile

from recorded import INTERLOCK, LIBRARY, program, tap

NOBODY = 65534
OUTPUT = "secure: {}\n"
TOLD = "runs with another user's rights"


class fixture:
    """A folder that others may enter, with the command, the library, and the program: as it is and linked with the library."""

    def __enter__(self):
        # pylint: disable=consider-using-with,attribute-defined-outside-init
        self.held = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.held.name)
        self.folder.chmod(0o777)
        for where in ("bin", "lib"):
            (self.folder / where).mkdir()
        self.command = shutil.copy(INTERLOCK, self.folder / "bin/interlock")
        self.library = shutil.copy(LIBRARY, self.folder / "lib/libinterlock.so.0")
        (self.folder / "lib/libinterlock.so").symlink_to("libinterlock.so.0")
        self.plain = shutil.copy(program("secure"), self.folder / "plain")
        self.linked = self.folder / "linked"
        source = pathlib.Path(__file__).with_name("secure.c")
        subprocess.run(["cc", "-pthread", str(source), "-o", str(self.linked), "-Wl,--no-as-needed", self.library,
                        f"-Wl,-rpath,{self.folder}/lib"], check=True)
        return self

    def __exit__(self, *_):
        self.held.cleanup()

    def logs(self):
        return [path.name for path in self.folder.iterdir() if "ilk" in path.name]

    def run(self, *words, user=0, **more):
        return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, cwd=self.folder, user=user,
                              group=user, extra_groups=[], **more)


def give_user(path):
    os.chown(path, NOBODY, NOBODY)
    pathlib.Path(path).chmod(0o4755)


def give_capability(path):
    subprocess.run(["setcap", "cap_net_bind_service+ep", str(path)], check=True)


WAYS = [(give_user, 0), (give_capability, NOBODY)]  # how, and the user who runs it then


def the_same_programs_without_rights_are_recorded():
    for _, user in WAYS:
        with fixture() as made:
            ran = made.run(made.command, "run", "--", made.plain, user=user)
            assert (ran.returncode, ran.stdout) == (7, OUTPUT.format(0)), ran
            assert TOLD not in ran.stderr and "lock-order-inversion" in ran.stderr, ran
            linked = made.folder / "b.ilk"
            ran = made.run(made.linked, user=user, env={**os.environ, "INTERLOCK_OPTIONS": f"log_path={linked}"})
            assert (ran.returncode, ran.stdout) == (7, OUTPUT.format(0)), ran
            assert "lock-order-inversion" in ran.stderr and linked.exists(), ran


def run_says_why_nothing_is_recorded():
    for give, user in WAYS:
        with fixture() as made:
            give(made.plain)
            for call in (["run"], ["record", "-o", made.folder / "a.ilk"]):
                ran = made.run(made.command, *call, "--", made.plain, user=user)
                assert (ran.returncode, ran.stdout) == (7, OUTPUT.format(1)), ran
                assert TOLD in ran.stderr, ran
                assert made.logs() == [], made.logs()


def a_linked_program_heeds_no_variable_and_says_nothing():
    for give, user in WAYS:
        with fixture() as made:
            give(made.linked)
            options = f"log_path={made.folder}/a.ilk:help=1:nonsense=1:command=/bin/touch:exitcode=9"
            for more in ({}, {"INTERLOCK_OPTIONS": options}):
                ran = made.run(made.linked, user=user, env={**os.environ, **more})
                assert (ran.returncode, ran.stdout, ran.stderr) == (7, OUTPUT.format(1), ""), ran
                assert made.logs() == [], made.logs()


if __name__ == "__main__":
    if os.geteuid() == 0:
        tap.run(*tap.cases_in(globals(), fixture, give_user, give_capability))
    else:
        print("1..0 # SKIP needs root to give a program another user's rights")
