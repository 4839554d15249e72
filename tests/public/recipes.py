#!/usr/bin/python3
"""The recipes of docs/testing.md for runners other than GoogleTest, each run as it stands there on a project of two test programs: one makes an
inversion and passes by itself, its twin is clean. TAP. Usage: recipes.py INTERLOCK MESON..."""
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import tap

INTERLOCK = pathlib.Path(sys.argv[1]).resolve()
MESON = sys.argv[2:]
PAGE = (HERE.parents[1] / "docs/testing.md").read_text(encoding="utf-8")

LOCKS = """#include <mutex>
#include <thread>
#include <semaphore.h>
inline std::mutex a, b;
inline void nest(std::mutex& outer, std::mutex& inner) {
    std::lock_guard<std::mutex> hold(outer);
    std::lock_guard<std::mutex> hold_too(inner);
}
inline void in_turns(bool inverted) {  // two threads that live at the same time, one at work after the other
    sem_t posted;
    sem_init(&posted, 0, 0);
    std::thread late([&] { sem_wait(&posted); inverted ? nest(b, a) : nest(a, b); });
    std::thread early([&] { nest(a, b); sem_post(&posted); });
    early.join();
    late.join();
}
"""
ASSERT = """#include <cassert>
#include "locks.hpp"
int main() {
    in_turns(%s);
    assert(a.try_lock());
    a.unlock();
}
"""
CATCH = """#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#include "locks.hpp"
TEST_CASE("in one order") { in_turns(false); REQUIRE(a.try_lock()); a.unlock(); }
TEST_CASE("in opposite orders, [a, b] and back") { in_turns(true); REQUIRE(a.try_lock()); a.unlock(); }
"""
DOCTEST = CATCH.replace("#define CATCH_CONFIG_MAIN\n#include <catch2/catch.hpp>",
                        "#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN\n#include <doctest/doctest.h>")
MESON_BUILD = """project('user', 'cpp', default_options: ['cpp_std=c++17', 'buildtype=debug'])
foreach name : ['keeps', 'inverts']
  test(name, executable(name, name + '.cpp', dependencies: dependency('threads')))
endforeach
"""
CMAKE = """cmake_minimum_required(VERSION 3.20)
project(user CXX)
set(CMAKE_CXX_STANDARD 17)
find_package(Threads REQUIRED)
enable_testing()
foreach(name keeps inverts)
  add_executable(${name} ${name}.cpp)
  target_link_libraries(${name} Threads::Threads)
  add_test(NAME ${name} COMMAND ${name})
endforeach()
"""


class project:
    """A folder with the sources, in which recipes run with `interlock` on the path."""

    def __init__(self, **files):
        self.place = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.place.name)
        files = {"locks.hpp": LOCKS, "keeps.cpp": ASSERT % "false", "inverts.cpp": ASSERT % "true"} | files
        for name, text in files.items():
            (self.folder / name).write_text(text, encoding="utf-8")

    def run(self, command, status=0):
        """Runs a shell command; its output."""
        kept = {name: value for name, value in os.environ.items() if name not in ("INTERLOCK_OPTIONS", "MESON_TESTTHREADS")}
        ran = subprocess.run(["bash", "-c", command], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             env=kept | {"PATH": f"{self.folder}/bin:{INTERLOCK.parent}:{os.environ['PATH']}"}, timeout=200, check=False)
        assert ran.returncode == status, f"{command}\nstatus {ran.returncode}\n{ran.stdout}"
        return ran.stdout

    def recipe(self, command, status=0):
        """One that stands in the page, word for word."""
        assert f"    {command}\n" in PAGE, f"docs/testing.md does not have: {command}"
        return self.run(command, status)

    def compile(self, source, program):
        self.run(f"c++ -std=c++17 -g -pthread {source} -o {program}")

    def setup_meson(self):
        self.folder.joinpath("bin").mkdir()
        meson = self.folder / "bin/meson"
        meson.write_text(f"#!/bin/sh\nexec {' '.join(MESON)} \"$@\"\n", encoding="utf-8")
        meson.chmod(0o755)
        self.run("meson setup build && meson compile -C build")


INVERSION = "WARNING: interlock: lock-order-inversion"


def meson_tests_fail_by_the_wrapper():
    user = project(**{"meson.build": MESON_BUILD})
    user.setup_meson()
    user.run("meson test -C build")
    said = user.recipe("meson test -C build --wrapper 'interlock run --'", status=1)
    assert "keeps" in said and "OK" in said and "exit status 66" in said, said


def parallel_processes_make_one_report():
    user = project(**{"meson.build": MESON_BUILD})
    user.setup_meson()
    user.recipe("mkdir logs")
    user.recipe('meson test -C build --wrapper "interlock run --fail-on never --log $PWD/logs/%e.%p.ilk --"')
    logs = os.listdir(user.folder / "logs")
    assert len(logs) == 2 and any(name.startswith("inverts.") for name in logs), logs
    said = user.recipe("interlock analyze logs/*.ilk", status=66)
    assert said.count(INVERSION) == 1 and "in 2 logs" in said, said


def ctest_tests_fail_by_the_emulator():
    user = project(**{"CMakeLists.txt": CMAKE})
    said = user.recipe("cmake -B build -DCMAKE_CROSSCOMPILING_EMULATOR='interlock;run;--' && cmake --build build && ctest --test-dir build",
                       status=8)
    assert "1 tests failed out of 2" in said and "inverts (Failed)" in said, said


def plain_asserts_fail_by_the_command():
    user = project()
    for name, status in (("keeps", 0), ("inverts", 66)):
        user.compile(f"{name}.cpp", "tests")
        user.run("./tests")
        said = user.recipe("interlock run -- ./tests", status)
        assert (INVERSION in said) == (status != 0), said
    user.run("sed -i 's/a.try_lock()/false/' keeps.cpp")
    user.compile("keeps.cpp", "tests")
    user.recipe("interlock run -- ./tests", 134)


def one_by_one(user, listing, loop):
    """Runs each case by itself: what was said, with a case that inverts and without."""
    said = user.recipe(listing) + user.recipe(loop, status=1)
    assert said.count(INVERSION) == 1, said
    user.run("sed -i 's/in_turns(true)/in_turns(false)/' cases.cpp")
    user.compile("cases.cpp", "tests")
    return user.run(listing) + user.run(loop)


def catch2_cases_fail_one_by_one():
    user = project(**{"cases.cpp": CATCH})
    user.compile("cases.cpp", "tests")
    user.run("./tests")
    user.recipe("interlock run -- ./tests", 66)
    said = one_by_one(user, r"""./tests --list-test-names-only | sed 's/[][,\\*~"]/\\&/g' > cases""",
                      'while read -r name; do interlock run -- ./tests -w NoTests "$name" < /dev/null || failed=1; done < cases; [ -z "$failed" ]')
    assert said.count("(1 assertion in 1 test case)") == 2, said


def doctest_cases_fail_one_by_one():
    user = project(**{"cases.cpp": DOCTEST})
    user.compile("cases.cpp", "tests")
    user.run("./tests")
    said = user.recipe("interlock run -- ./tests", 66)
    assert said.count(INVERSION) == 1 and "Status: SUCCESS!" in said, said
    said = one_by_one(user, r"""./tests --list-test-cases | sed '/^\[doctest\]/d; /^=*$/d; s/[,\\]/\\&/g' > cases""",
                      'while read -r name; do interlock run -- ./tests --test-case="$name" < /dev/null || failed=1; done < cases; [ -z "$failed" ]')
    assert said.count("1 | 1 passed | 0 failed | 1 skipped") == 2, said


tap.run(*tap.cases_in(globals(), one_by_one))
