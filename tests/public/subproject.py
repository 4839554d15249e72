#!/usr/bin/python3
"""interlock as a Meson subproject: its dependencies are those of an installed one, by the same names, and a program of primitives builds and runs. TAP.

Only what such a program needs is compiled. Usage: subproject.py SOURCE_ROOT FOLDER_OF_LIBINTERLOCK MESON...
"""
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import tap

SOURCE_ROOT, LIBRARY_FOLDER, *MESON = sys.argv[1:]
PACKAGES = ("interlock", "interlock-primitives", "interlock-race", "interlock-gtest", "interlock-gtest-main")
PROJECT = """project('user', 'cpp', default_options: ['cpp_std=c++20'])
subproject('interlock', default_options: ['tests=false'])
foreach package : PACKAGES
  found = dependency(package)
  message(package, 'is', found.type_name())
endforeach
foreach name, arguments : {'recording': [], 'bare': '-DNDEBUG'}
  executable(name, 'user.cpp', cpp_args: arguments, dependencies: dependency('interlock-primitives'))
endforeach
""".replace("PACKAGES", repr(list(PACKAGES)))
PROGRAM = """#include <interlock/barrier.hpp>
#include <interlock/queue.hpp>
#include <interlock/thread.hpp>

int main() {
    interlock::queue<int> jobs{"jobs"};
    interlock::thread worker("worker", [&] { jobs.put(3); });
    const int got = *jobs.get();
    worker.join();
    return got == 3 ? 0 : 1;
}
"""


def run(*command, **options):
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)
    assert ran.returncode == 0, f"{' '.join(map(str, command))}\n{ran.stdout[-4000:]}"
    return ran.stdout


with tempfile.TemporaryDirectory(prefix="interlock-subproject.") as place:
    FOLDER = pathlib.Path(place)

    def every_dependency_is_found_by_its_name():
        (FOLDER / "subprojects").mkdir()
        (FOLDER / "subprojects" / "interlock").symlink_to(SOURCE_ROOT)
        (FOLDER / "meson.build").write_text(PROJECT, encoding="utf-8")
        (FOLDER / "user.cpp").write_text(PROGRAM, encoding="utf-8")
        said = run(*MESON, "setup", "b", cwd=FOLDER)
        for package in PACKAGES:
            assert f"Message: {package} is internal" in said, said[-4000:]

    def programs_of_primitives_are_built_and_run():
        run(*MESON, "compile", "-C", "b", "recording", "bare", cwd=FOLDER)
        for name, records in (("recording", True), ("bare", False)):
            program = FOLDER / "b" / name
            assert ("[libinterlock.so.0]" in run("readelf", "--dynamic", "--wide", program)) == records, name
            with tempfile.TemporaryDirectory(prefix="interlock-logs.") as logs:
                run(program, cwd=logs, env={**os.environ, "LD_LIBRARY_PATH": LIBRARY_FOLDER, "INTERLOCK_OPTIONS": "report=0"})
                assert bool(os.listdir(logs)) == records, os.listdir(logs)

    tap.run(every_dependency_is_found_by_its_name, programs_of_primitives_are_built_and_run)
