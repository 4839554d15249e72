#!/usr/bin/python3
"""Tests of tests/tally.py, on the logs that Meson 1.0 writes: what counts as a case, and that no failure is lost. TAP."""
import json
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import tally  # noqa: E402  (found in the folder above)
import tap  # noqa: E402

CASE = '<testcase name="b" status="run" classname="a" />'
FAILED = '<testcase name="c" status="run" classname="a"><failure message="no" /></testcase>'
SKIPPED = '<testcase name="d" status="run" classname="a"><skipped message="why" /></testcase>'


def counted(tests, *suites):
    """Suites and complaints for tests of (name, result, stdout) and JUnit suites of (name, cases)."""
    with tempfile.TemporaryDirectory() as folder:
        logs = pathlib.Path(folder)
        (logs / "testlog.json").write_text("".join(
            json.dumps({"name": name, "result": result, "stdout": said}) + "\n" for name, result, said in tests),
            encoding="utf-8")
        (logs / "testlog.junit.xml").write_text("<testsuites>" + "".join(
            f'<testsuite name="{name}">{"".join(cases)}</testsuite>' for name, cases in suites) + "</testsuites>",
            encoding="utf-8")
        return tally.tally(logs)


def is_(count, passed, failed, skipped=0):
    assert (count.passed, count.failed, count.skipped) == (passed, failed, skipped), count


def each_case_of_each_googletest_suite_counts():
    suites, bad = counted([("x:unit / unit-t", "FAIL", "")],
                          ("x.x:unit / unit-t.A", [CASE, CASE]), ("x.x:unit / unit-t.B", [CASE, FAILED, SKIPPED]))
    is_(suites["unit"], 3, 1, 1)
    assert bad == ["x:unit / unit-t: fail, 1 failed"], bad


def a_program_whose_name_begins_alike_is_another():
    suites, _ = counted([("x:unit / unit-t", "OK", "")],
                        ("x.x:unit / unit-t.A", [CASE]), ("x.x:unit / unit-trace.A", [CASE, FAILED]))
    is_(suites["unit"], 1, 0)


def a_test_without_cases_counts_once():
    suites, _ = counted([("x:lint / one", "OK", ""), ("x:lint / two", "FAIL", ""), ("x:lint / three", "SKIP", "")])
    is_(suites["lint"], 1, 1, 1)


def a_crash_after_good_cases_is_a_failure():
    suites, bad = counted([("x:unit / unit-t", "ERROR", "")], ("x.x:unit / unit-t", [CASE, CASE]))
    is_(suites["unit"], 2, 1)
    assert bad, bad


def a_timeout_is_a_failure():
    suites, _ = counted([("x:programs / hangs", "TIMEOUT", "")])
    is_(suites["programs"], 0, 1)


def a_test_that_should_fail_and_does_passes():
    suites, _ = counted([("x:programs / wrong", "EXPECTEDFAIL", ""), ("x:programs / right", "UNEXPECTEDPASS", "")])
    is_(suites["programs"], 1, 1)


def a_run_of_one_suite_names_no_suite():
    suites, _ = counted([("layers", "OK", "")], ("x.layers", [CASE, CASE]))
    is_(suites["other"], 2, 0)


def the_words_of_a_failed_tap_case_are_told():
    _, bad = counted([("x:lint / tap", "FAIL", "1..2\nok 1 - a\n# fine\nnot ok 2 - b\n# file:3: a tab\n")],
                     ("x.x:lint / tap", [CASE, FAILED]))
    assert bad[1:] == ["    not ok 2 - b", "    # file:3: a tab"], bad


tap.run(*tap.cases_in(globals(), counted, is_))
