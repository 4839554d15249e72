#!/usr/bin/python3
"""Installs the build into an empty folder and links programs against it as users do: pkg-config, CMake, Meson. TAP.

The programs refer to nothing of interlock; the library must be in them all the same, since their own libraries may lock.
Arguments: the build folder, the Meson command.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

PROGRAM = "int main() { return 0; }\n"
CMAKE = """cmake_minimum_required(VERSION 3.20)
project(user CXX)
find_package(interlock 0.1 REQUIRED)
add_executable(user user.cpp)
target_link_libraries(user PRIVATE interlock::interlock)
"""
MESON = """project('user', 'cpp')
executable('user', 'user.cpp', dependencies: dependency('interlock'))
"""


class broken(Exception):
    """A command failed; its output."""


def run(*command, **options):
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)
    if ran.returncode:
        raise broken(f"{' '.join(command)}\n{ran.stdout}")
    return ran.stdout.strip()


def must_hold_the_library(program, libdir):
    """The program names the library, finds it, and runs."""
    dynamic = run("readelf", "--dynamic", "--wide", str(program))
    if "Shared library: [libinterlock.so.0]" not in dynamic:
        raise broken(dynamic)
    with tempfile.TemporaryDirectory() as logs:
        run(str(program), cwd=logs, env={**os.environ, "LD_LIBRARY_PATH": str(libdir), "INTERLOCK_OPTIONS": "report=0"})


def by_pkg_config(folder, libdir, environment, _meson):
    flags = run("pkg-config", "--cflags", "--libs", "interlock", env=environment).split()
    run("c++", "-Wl,--as-needed", "user.cpp", *flags, "-o", "user", cwd=folder)
    must_hold_the_library(folder / "user", libdir)


def by_cmake(folder, libdir, environment, _meson):
    (folder / "CMakeLists.txt").write_text(CMAKE, encoding="utf-8")
    run("cmake", "-S", ".", "-B", "b", f"-Dinterlock_DIR={libdir}/cmake/interlock", cwd=folder, env=environment)
    run("cmake", "--build", "b", cwd=folder, env=environment)
    must_hold_the_library(folder / "b/user", libdir)


def by_meson(folder, libdir, environment, meson):
    (folder / "meson.build").write_text(MESON, encoding="utf-8")
    run(*meson, "setup", "b", cwd=folder, env=environment)
    run(*meson, "compile", "-C", "b", cwd=folder, env=environment)
    must_hold_the_library(folder / "b/user", libdir)


def main():
    build, meson = sys.argv[1], sys.argv[2:]
    cases = {"pkg-config links it": by_pkg_config, "CMake links it": by_cmake, "Meson links it": by_meson}
    print(f"1..{len(cases)}")
    with tempfile.TemporaryDirectory() as place:
        run(*meson, "install", "-C", build, "--no-rebuild", "--destdir", place)
        libdir = next(pathlib.Path(place).rglob("libinterlock.so")).parent
        environment = {**os.environ, "PKG_CONFIG_PATH": str(libdir / "pkgconfig")}
        environment.pop("DESTDIR", None)
        for number, (name, case) in enumerate(cases.items(), 1):
            folder = pathlib.Path(place) / str(number)
            folder.mkdir()
            (folder / "user.cpp").write_text(PROGRAM, encoding="utf-8")
            try:
                case(folder, libdir, environment, meson)
                print(f"ok {number} - {name}")
            except broken as failure:
                print(f"not ok {number} - {name}")
                print("".join(f"# {line}\n" for line in str(failure).splitlines()), end="")
            shutil.rmtree(folder)


main()
