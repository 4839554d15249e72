#!/usr/bin/python3
"""What libinterlock.so asks of the program it is loaded into, read from its dynamic section by readelf. Prints TAP.

It comes before every other library, binds at once, needs libc alone, reaches its thread state without a call, and
exports nothing of its own inside.
"""
import re
import subprocess
import sys

MAY_NEED = {"libc.so.6", "ld-linux-x86-64.so.2"}
MAY_NOT_CALL = re.compile(r"^(__tls_get_addr|_Unwind_.*|__cxa_(throw|allocate_exception|begin_catch|guard_acquire)|_Zn.*|"
                          r"_Zd.*|_ZSt.*|_ZNSt.*|_ZNKSt.*)$")


def readelf(*options):
    return subprocess.run(["readelf", "--wide", *options], check=True, stdout=subprocess.PIPE, text=True).stdout


def main():
    library = sys.argv[1]
    dynamic = readelf("--dynamic", library)
    needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic))
    flags = re.search(r"\(FLAGS_1\)\s+Flags: (.*)", dynamic)
    # Num: Value Size Type Bind Vis Ndx Name
    symbols = [line.split() for line in readelf("--dyn-syms", library).splitlines() if re.match(r"\s+\d+:", line)]
    names = [(one[6], one[7].split("@")[0]) for one in symbols if len(one) > 7]
    missing = [name for index, name in names if index == "UND" and MAY_NOT_CALL.match(name)]
    mangled = [name for index, name in names if index != "UND" and "9interlock" in name]
    checks = {
        "needs libc alone": needed - MAY_NEED,
        "is initialised first and bound at once": {"NOW", "INITFIRST"} - set((flags.group(1) if flags else "").split()),
        "carries its soname": set() if "[libinterlock.so.0]" in dynamic else {"libinterlock.so.0"},
        "calls neither the C++ runtime nor for its thread state": missing,
        "exports nothing of our own C++": mangled,
        "interposes pthread_mutex_lock": set() if any(name == "pthread_mutex_lock" and index != "UND"
                                                      for index, name in names) else {"it does not"},
    }
    print(f"1..{len(checks)}")
    for number, (name, wrong) in enumerate(checks.items(), 1):
        print(f"{'not ok' if wrong else 'ok'} {number} - {name}")
        if wrong:
            print(f"# {' '.join(sorted(wrong))}")


main()
