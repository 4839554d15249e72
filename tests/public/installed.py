#!/usr/bin/python3
"""Installs the build into an empty folder and builds programs against it as users do: pkg-config, CMake, Meson. TAP.

A program that links interlock refers to nothing of it; the library must be in it all the same, since its own libraries may lock. A program
of primitives has the library when they record, and nothing of ours when they do not.
Arguments: the build folder, the Meson command.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass

PLAIN = "int main() { return 0; }\n"
PRIMITIVES = """#include <interlock/mutex.hpp>

interlock::mutex accounts{"accounts"};

int main() {
    const std::scoped_lock held(accounts);
    return 0;
}
"""
RACE = """#include <thread>
int counter = 0;
int main() {
    std::thread other([] { ++counter; });
    ++counter;
    other.join();
}
"""
TESTS = """#include <mutex>
#include <interlock/gtest.hpp>

std::mutex a, b;

TEST(order, is_kept) {
    {
        const std::scoped_lock held(a);
        const std::lock_guard held_too(b);
    }
    EXPECT_LOCK_ORDER(a, b);
    EXPECT_NO_LOCKS_HELD();
    const std::lock_guard held(b);
    const std::lock_guard held_too(a);
}
"""
TESTS_AND_MAIN = TESTS + """
int main(int count, char** arguments) {
    testing::InitGoogleTest(&count, arguments);
    interlock::watch_tests();
    return RUN_ALL_TESTS();
}
"""
CMAKE = """cmake_minimum_required(VERSION 3.20)
project(user CXX)
find_package(interlock 0.1 REQUIRED)
add_executable(user user.cpp)
target_compile_definitions(user PRIVATE {definitions})
target_link_libraries(user PRIVATE interlock::{target})
"""
MESON = """project('user', 'cpp', default_options: ['cpp_std=c++20'])
executable('user', 'user.cpp', cpp_args: {arguments}, dependencies: dependency('{package}'))
"""


@dataclass(frozen=True)
class use:
    """What a user asks for, and whether the recorder comes with it."""
    name: str
    package: str
    target: str
    program: str
    definitions: tuple
    holds_the_recorder: bool
    says: str = ""
    status: int = 0


USES = (
    use("the recorder", "interlock", "interlock", PLAIN, (), True),
    use("primitives that record", "interlock-primitives", "primitives", PRIMITIVES, (), True),
    use("primitives that do not", "interlock-primitives", "primitives", PRIMITIVES, ("NDEBUG",), False),
    use("race detection", "interlock-race", "race", RACE, (), True, "interlock: data race"),
    use("tests", "interlock-gtest", "gtest", TESTS_AND_MAIN, (), True, "[  FAILED  ] order.is_kept", 1),
    use("tests without a main", "interlock-gtest-main", "gtest_main", TESTS, (), True, "lock-order-inversion", 1),
)
# From the prefix.
PLACES = ("bin/interlock", "share/man/man1/interlock.1", "share/man/man1/interlock-run.1",
          "share/man/man7/interlock-primitives.7",
          "share/bash-completion/completions/interlock", "share/zsh/site-functions/_interlock",
          "share/fish/vendor_completions.d/interlock.fish")


class broken(Exception):
    """A command failed; its output."""


def run(*command, status=0, **options):
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)
    if ran.returncode != status:
        raise broken(f"{' '.join(command)}\n{ran.stdout}")
    return ran.stdout.strip()


def check(program, libdir, what):
    """The program has the recorder or has nothing of ours, finds what it has, runs, and says what it should."""
    holds_the_recorder = what.holds_the_recorder
    dynamic = run("readelf", "--dynamic", "--wide", str(program))
    if ("Shared library: [libinterlock.so.0]" in dynamic) != holds_the_recorder:
        raise broken(dynamic)
    if not holds_the_recorder and "Shared library: [libinterlock" in dynamic:
        raise broken(dynamic)
    with tempfile.TemporaryDirectory() as logs:
        options = "report=0" if not what.says else f"command={libdir}/none"
        said = run(str(program), status=what.status, cwd=logs,
                   env={**os.environ, "LD_LIBRARY_PATH": str(libdir), "INTERLOCK_OPTIONS": options})
        if what.says not in said:
            raise broken(f"it says `{said}`, not `{what.says}`")
        if bool(os.listdir(logs)) != holds_the_recorder:
            raise broken(f"the recorder wrote {os.listdir(logs)}")


def by_pkg_config(what, folder, libdir, environment, _meson):
    flags = run("pkg-config", "--cflags", what.package, env=environment).split()
    libraries = run("pkg-config", "--libs", what.package, env=environment).split()
    defined = [f"-D{one}" for one in what.definitions]
    run("c++", "-std=c++20", *defined, *flags, "-c", "user.cpp", cwd=folder)
    run("c++", "user.o", *libraries, "-o", "user", cwd=folder)
    check(folder / "user", libdir, what)


def in_a_system_root(what, folder, libdir, environment, _meson):
    """What pkg-config names of ours for a program of another system lies in that system's root, and is there."""
    place = str(folder.parent)
    inside = {**environment, "PKG_CONFIG_SYSROOT_DIR": place}
    named = run("pkg-config", "--cflags", "--libs", what.package, env=inside)
    paths = [one for one in re.split(r"[\s,]+", named) if "libinterlock" in one]
    if not any(pathlib.Path(one).resolve().parent == libdir.resolve() for one in paths):
        raise broken(f"no library of ours in: {named}")
    for one in paths:
        if not one.startswith(place + "/") or not pathlib.Path(one).exists():
            raise broken(f"{one} is not in {place}: {named}")


def by_cmake(what, folder, libdir, environment, _meson):
    text = CMAKE.format(definitions=" ".join(what.definitions), target=what.target)
    (folder / "CMakeLists.txt").write_text(text, encoding="utf-8")
    run("cmake", "-S", ".", "-B", "b", f"-Dinterlock_DIR={libdir}/cmake/interlock", cwd=folder, env=environment)
    run("cmake", "--build", "b", cwd=folder, env=environment)
    check(folder / "b/user", libdir, what)


def by_meson(what, folder, libdir, environment, meson):
    text = MESON.format(arguments=[f"-D{one}" for one in what.definitions], package=what.package)
    (folder / "meson.build").write_text(text, encoding="utf-8")
    run(*meson, "setup", "b", cwd=folder, env=environment)
    run(*meson, "compile", "-C", "b", cwd=folder, env=environment)
    check(folder / "b/user", libdir, what)


def main():
    build, meson = sys.argv[1], sys.argv[2:]
    ways = {"pkg-config": by_pkg_config, "pkg-config in a system root": in_a_system_root, "CMake": by_cmake, "Meson": by_meson}
    cases = [(f"{way} links {what.name}", build_it, what) for what in USES for way, build_it in ways.items()]
    print(f"1..{len(cases) + 1}")
    with tempfile.TemporaryDirectory() as place:
        run(*meson, "install", "-C", build, "--no-rebuild", "--destdir", place)
        libdir = next(pathlib.Path(place).rglob("libinterlock.so")).parent
        prefix = next(pathlib.Path(place).rglob("bin/interlock")).parents[1]
        # The files say where they lie by their own place, but for the prefix, which --destdir stands before.
        environment = {**os.environ, "PKG_CONFIG_PATH": str(libdir / "pkgconfig")}
        environment.pop("DESTDIR", None)
        for number, (name, build_it, what) in enumerate(cases, 1):
            folder = pathlib.Path(place) / str(number)
            folder.mkdir()
            (folder / "user.cpp").write_text(what.program, encoding="utf-8")
            try:
                build_it(what, folder, libdir, environment, meson)
                print(f"ok {number} - {name}")
            except broken as failure:
                print(f"not ok {number} - {name}")
                print("".join(f"# {line}\n" for line in str(failure).splitlines()), end="")
            shutil.rmtree(folder)
        missing = [one for one in PLACES if not (prefix / one).exists()]
        print(f"{'not ok' if missing else 'ok'} {len(cases) + 1} - command, manual and completions lie where they are looked for")
        print("".join(f"# {one}\n" for one in missing), end="")


main()
