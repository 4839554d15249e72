#!/usr/bin/python3
"""Writes a library that exports the door for primitives and nothing else, to be linked in place of libinterlock.so.

The real library stands before libc's functions, so a linker that drops what is not needed finds it needed by every program. This one is
needed only by a program whose primitives record; at run time its soname leads to the real one. Usage: stub.py HEADERS
"""
import pathlib
import re
import sys

text = "".join(pathlib.Path(path).read_text(encoding="utf-8") for path in sys.argv[1:])
names = sorted(set(re.findall(r"\binterlock_v\d+_\w+(?=\()", text)))
thread_local = sorted(set(re.findall(r"__thread[^;]*\b(interlock_v\d+_\w+);", text)))
if not names or not thread_local:
    sys.exit(f"{' '.join(sys.argv[1:])}: no interlock_v1_ function or variable")
print("// Exported names alone; never run.")
for name in names:
    print(f"void {name}(void);\nvoid {name}(void) {{}}")
for name in thread_local:
    print(f"extern __thread void* {name};\n__thread void* {name};")
