#!/usr/bin/python3
"""Tests of layers.py: each rule against a small tree that breaks it, and one that keeps it. Prints TAP."""
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[up]) for up in (0, 1)]
import layers  # noqa: E402  (found beside this file)
import tap  # noqa: E402  (found in the folder above)

INCLUDES, ONCE, PURPOSE, LENGTH, SPACE, PATHS = layers.CHECKS
EVENT = {"instrument/format/event.hpp": "#pragma once\n// Events.\n#include <cstdint>\n"}
HEAD = "// Something.\n"


def complaints(files):
    """What check_tree says of a tree with these files, as {check: [rules]} without the empty ones."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        found, _ = layers.check_tree(root)
        return {name: rules for name, rules in found.items() if rules}


def breaks(check, place, files):
    """The tree breaks this check alone, once, at this file:line."""
    found = complaints(files)
    assert list(found) == [check] and len(found[check]) == 1 and found[check][0].startswith(place + ": "), found


def keeps(files):
    """The tree breaks nothing."""
    found = complaints(files)
    assert not found, found


def source(name, *includes):
    return {name: HEAD + "".join(f"#include {one}\n" for one in includes)}


def a_layer_may_include_the_one_below():
    keeps({**EVENT, **source("analysis/trace/reader.cpp", '"instrument/format/event.hpp"', "<vector>")})


def analysis_may_not_include_the_recorder():
    files = {"instrument/recorder/writer.hpp": "#pragma once\n// W.\n",
             **source("analysis/trace/reader.cpp", '"instrument/recorder/writer.hpp"')}
    breaks(INCLUDES, "analysis/trace/reader.cpp:2", files)


def a_layer_may_not_include_upwards():
    files = {"analysis/graph/order.hpp": "#pragma once\n// G.\n",
             **source("analysis/trace/reader.cpp", '"analysis/graph/order.hpp"')}
    breaks(INCLUDES, "analysis/trace/reader.cpp:2", files)


def an_include_is_written_from_the_root():
    breaks(INCLUDES, "instrument/format/codec.cpp:2", {**EVENT, **source("instrument/format/codec.cpp", '"event.hpp"')})


def a_commented_include_is_no_include():
    keeps({"cli/main.cpp": HEAD + '// #include "instrument/recorder/writer.hpp"\n'})


def an_inner_room_has_its_own_rule():
    keeps(source("primitives/gtest/listener.cpp", "<gtest/gtest.h>"))
    breaks(INCLUDES, "primitives/mutex.cpp:2", source("primitives/mutex.cpp", "<gtest/gtest.h>"))


def primitives_see_one_header_of_the_recorder():
    files = {"instrument/recorder/interlock/recorder.hpp": "#pragma once\n// F.\n",
             "instrument/recorder/writer.hpp": "#pragma once\n// W.\n"}
    keeps({**files, **source("primitives/mutex.cpp", '"instrument/recorder/interlock/recorder.hpp"')})
    breaks(INCLUDES, "primitives/mutex.cpp:2",
           {**files, **source("primitives/mutex.cpp", '"instrument/recorder/writer.hpp"')})


def third_party_headers_are_for_the_rooms_that_name_them():
    keeps(source("analysis/graph/cycles.cpp", "<boost/graph/strong_components.hpp>"))
    breaks(INCLUDES, "analysis/trace/reader.cpp:2", source("analysis/trace/reader.cpp", "<boost/crc.hpp>"))


def third_party_types_stay_out_of_headers():
    breaks(INCLUDES, "analysis/graph/cycles.hpp:3",
           {"analysis/graph/cycles.hpp": "#pragma once\n// C.\n#include <boost/graph/graph_traits.hpp>\n"})


def a_header_that_nobody_named_fails():
    breaks(INCLUDES, "cli/main.cpp:2", source("cli/main.cpp", "<mystery/box.h>"))


def guests_have_no_locks_and_no_streams():
    keeps(source("instrument/recorder/state.cpp", "<atomic>", "<pthread.h>"))
    for header in ("<mutex>", "<iostream>", "<vector>", "<stdio.h>"):
        breaks(INCLUDES, "instrument/recorder/state.cpp:2", source("instrument/recorder/state.cpp", header))


def the_format_is_std_alone():
    breaks(INCLUDES, "instrument/format/codec.cpp:2", source("instrument/format/codec.cpp", "<sys/mman.h>"))


def public_tests_see_public_headers():
    keeps(source("tests/public/mutex_test.cpp", "<interlock/mutex.hpp>", "<gtest/gtest.h>"))
    breaks(INCLUDES, "tests/public/mutex_test.cpp:2",
           {**EVENT, **source("tests/public/mutex_test.cpp", '"instrument/format/event.hpp"')})


def a_source_lies_in_a_room():
    breaks(INCLUDES, "misc/thing.cpp:1", source("misc/thing.cpp"))


def a_header_without_once_fails():
    breaks(ONCE, "cli/main.hpp:1", {"cli/main.hpp": HEAD})


def a_file_without_a_purpose_fails():
    breaks(PURPOSE, "cli/main.cpp:1", {"cli/main.cpp": "int one;\nint two;\nint three;\nint four; // late\n"})


def a_source_with_a_header_may_leave_the_purpose_to_it():
    keeps({"cli/run.hpp": "#pragma once\n// R.\n", "cli/run.cpp": '#include "cli/run.hpp"\nint one;\nint two;\n'})


def a_long_file_fails():
    keeps({"cli/main.cpp": HEAD * 800})
    breaks(LENGTH, "cli/main.cpp:801", {"cli/main.cpp": HEAD * 801})


def a_tab_or_a_trailing_space_fails():
    breaks(SPACE, "cli/main.cpp:2", {"cli/main.cpp": HEAD + "\tint one;\n"})
    breaks(SPACE, "cli/meson.build:1", {"cli/meson.build": "x = 1 \n"})
    breaks(SPACE, "cli/main.cpp:3", {"cli/main.cpp": HEAD + "int one;\n\n"})


def a_path_of_a_machine_fails():
    breaks(PATHS, "README.md:1", {"README.md": "see /" + "home/somebody/x\n"})
    keeps({"README.md": "see lib/" + "home/x and https://example.org/" + "work/x\n"})


def built_files_are_not_read():
    keeps({"build/x.cpp": "\t", "build-clang/y.hpp": "\t", ".git/z.md": "\t"})


def the_markdown_has_a_line_a_room():
    lines = layers.rooms_as_markdown().split("\n")
    assert len(lines) == 2 + len(layers.ROOMS), lines
    assert any(line.startswith("| `analysis/trace/` |") and "`instrument/format/`" in line for line in lines), lines


def every_room_that_is_named_exists():
    for name, rule in layers.ROOMS.items():
        for one in rule.rooms:
            assert one == "*" or one in layers.ROOMS, (name, one)
        for one in rule.outside:
            assert one == "*" or one in layers.OUTSIDE, (name, one)


def an_old_table_in_the_page_fails():
    with tempfile.TemporaryDirectory() as folder:
        page = pathlib.Path(folder) / "ARCHITECTURE.md"
        assert not layers.check_page(page.parent)
        page.write_text("# Rooms\n\n" + layers.rooms_as_markdown() + "\n", encoding="utf-8")
        assert not layers.check_page(page.parent)
        page.write_text("# Rooms\n\n| an | old | table |\n", encoding="utf-8")
        assert layers.check_page(page.parent)


tap.run(*tap.cases_in(globals(), complaints, breaks, keeps, source))
