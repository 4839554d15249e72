#!/usr/bin/python3
"""Writes a library that exports the door for primitives and nothing else, to be linked in place of libinterlock.so.

The real library stands before libc's functions, so a linker that drops what is not needed finds it needed by every program. This one is
needed only by a program whose primitives record; at run time its soname leads to the real one. Usage: stub.py recorder.hpp
"""
import pathlib
import re
import sys

names = sorted(set(re.findall(r"\binterlock_v\d+_\w+(?=\()", pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))))
if not names:
    sys.exit(f"{sys.argv[1]}: no interlock_v1_ function")
print("// Exported names alone; never run.")
for name in names:
    print(f"void {name}(void);\nvoid {name}(void) {{}}")
