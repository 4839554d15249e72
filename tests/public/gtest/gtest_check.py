#!/usr/bin/python3
"""The sample tests under <interlock/gtest.hpp>: exactly the right ones fail, with the right words and the right XML. TAP.
Usage: gtest_check.py SAMPLE RACE SURROUNDINGS EXPECTATIONS INTERLOCK. UPDATE_GOLDEN=1 rewrites expected/ and skips."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))
import tap

SAMPLE, RACE, SURROUNDINGS, EXPECTATIONS, INTERLOCK = (os.path.abspath(name) for name in sys.argv[1:6])

# Of these the sample is made; all others must pass. The first fail by an error, the rest by a warning.
ERRORS = {
    "bank.transfers_in_opposite_orders", "bank.ring_of_three", "both/orders.of_two_locks/1",
    "both/orders.of_the_same_locks/0", "both/orders.of_the_same_locks/1", "kinds/0.in_opposite_orders",
    "kinds/1.in_opposite_orders", "styles/death.in_opposite_orders/0", "styles/death.in_opposite_orders/1",
    "outliving.meets_it", "expectations.order", "expectations.no_locks_held", "misuse.unlocks_what_is_free",
    "around.is_clean",
}
WARNINGS = {"bank.ordered_by_join", "bank.single_thread", "across.second_half", "expectations.no_inversion"}
# These need what another test did.
TOGETHER = {"across.second_half", "outliving.meets_it"}


class outcome:
    """One run of a test program: status, output, the tests that failed and passed, the logs it left."""

    def __init__(self, program, *arguments, options="", environment=None, dumped=None):
        with tempfile.TemporaryDirectory() as folder:
            prefix = str(HERE.parents[2]) + "/"
            variables = {name: value for name, value in os.environ.items() if not name.startswith("GTEST_")}
            variables |= {"INTERLOCK_OPTIONS": f"strip_path_prefix={prefix} {options}".replace(":", "%c")}
            variables |= environment or {}
            ran = subprocess.run([program, "--gtest_output=xml:tests.xml", *arguments], cwd=folder, env=variables,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=240, check=False)
            self.logs = sorted(one for one in os.listdir(folder) if one.endswith(".ilk"))
            self.status, self.output = ran.returncode, ran.stdout
            if dumped:
                self.dump = subprocess.run([INTERLOCK, "dump", f"{folder}/{dumped}"], capture_output=True, text=True, check=True).stdout
            report = pathlib.Path(folder, "tests.xml")
            self.xml = report.read_text(encoding="utf-8") if report.exists() else ""
        self.failed, self.passed, self.suites = set(), set(), set()
        for suite in xml.fromstring(self.xml or "<none/>").iter("testsuite"):
            for case in suite.iter("testcase"):
                name = f"{suite.get('name')}.{case.get('name')}"
                if case.get("name") == "":
                    self.suites.add(suite.get("name"))
                elif case.find("failure") is not None:
                    self.failed.add(name)
                else:
                    self.passed.add(name)

    def must(self, good):
        assert good, f"status {self.status}, logs {self.logs}, failed {sorted(self.failed)}\n{self.output}"

    def must_fail(self, tests):
        missing, too_many = sorted(tests - self.failed), sorted(self.failed - tests)
        assert not missing and not too_many, f"should have failed: {missing}; should not: {too_many}\n{self.output}"


def plain(text):
    """What differs from run to run, from machine to machine and from folder to folder."""
    for pattern, instead in (
            (r"\(pid=\d+\)", "(pid=N)"), (r"\(pid \d+\)", "(pid N)"), (r"\(tid \d+\)", "(tid N)"), (r"0x[0-9a-f]{3,}", "0xN"),
            (r"\(\d+ ms( total)?\)", r"(N ms\1)"), (r'(time|timestamp)="[^"]*"', r'\1="N"'),
            (r"(the log of these tests: ).*", r"\1LOG"), (r"\.\./tests/", "tests/"),
            (r"Running main\(\).*\n", "")):
        text = re.sub(pattern, instead, text)
    return text


def must_equal_golden(text, name):
    golden = HERE / "expected" / name
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
        raise tap.Skipped("rewritten")
    expected = golden.read_text(encoding="utf-8")
    assert text == expected, f"not as {golden.name} has it:\n{text}"


def exactly_the_right_tests_fail():
    run = outcome(SAMPLE)
    run.must_fail(ERRORS | WARNINGS)
    run.must(run.status == 1 and len(run.passed) >= 20)


def a_finding_of_no_test_fails_the_next_one_of_the_suite():
    run = outcome(SURROUNDINGS, "--gtest_filter=*set_up.*")
    run.must_fail({"one/set_up.is_clean/0", "two/set_up.is_clean/0"})
    run.must(run.xml.count("in no test, around two/set_up:") == 2)  # message and text
    run = outcome(SURROUNDINGS, "--gtest_filter=one/set_up.*", "--gtest_repeat=3")
    run.must(run.output.count("in no test, around one/set_up:") == 3)


def a_finding_after_the_last_test_of_a_suite_is_in_the_xml():
    run = outcome(SURROUNDINGS, "--gtest_filter=tear_down.*")
    run.must(run.status == 1 and not run.failed and "1 FAILED TEST SUITE" in run.output)
    run.must("in no test, around tear_down:" in run.xml and "lock-order-inversion" in run.xml)


def what_a_suite_allows_is_its_own():
    run = outcome(SURROUNDINGS, "--gtest_filter=*allowing_suite.*")
    run.must_fail({"after_allowing_suite.other_half"})
    run.must(run.output.count("interlock: allowed in test suite allowing_suite: the suite knows") == 2)
    run = outcome(SURROUNDINGS, "--gtest_filter=after_allowing_suite.*", environment={"ALLOW_ALL": "1"})
    run.must_fail({"after_allowing_suite.other_half"})
    run.must('interlock: allow_findings("everything") is called in no test and no test suite; refused' in run.output)


def a_severity_that_is_none_is_refused():
    run = outcome(SURROUNDINGS, "--gtest_filter=after_allowing_suite.*", environment={"FAIL_ON": "bogus"})
    run.must_fail({"after_allowing_suite.other_half"})
    run.must("watch_tests: fail_on: 'bogus' is none of error, warning, note and never; refused" in run.output)


def locks_that_were_never_used_have_no_order():
    run = outcome(SURROUNDINGS, "--gtest_filter=stale.*")
    run.must_fail({"stale.unused"})
    run.must(run.output.count("was never used up to here") == 2)


def a_held_lock_is_told_with_the_users_line():
    run = outcome(SAMPLE, "--gtest_filter=expectations.no_locks_held")
    run.must(re.search(r"this thread holds\n  .*, acquired at \S*sample_test\.cpp:\d+ in ", run.output))
    run = outcome(SURROUNDINGS, "--gtest_filter=held.*")
    run.must_fail({"held.met_before"})
    run.must(re.search(r"this thread holds\n  .*kept, acquired at (\S*surroundings_test\.cpp:\d+ in \S+|.*, whose caller was not kept)\n", run.output))


def the_order_of_every_kind_of_lock_is_known():
    kinds = range(9)
    run = outcome(EXPECTATIONS, "--gtest_filter=order*")
    run.must_fail({f"order/{kind}.{name}" for kind in kinds for name in ("reversed", "of_unused")})
    run.must(len(re.findall(r"both.* was never ", run.output)) == len(kinds))


def expectations_hold_on_any_thread():
    for _ in range(5):
        run = outcome(EXPECTATIONS, "--gtest_filter=threads.*")
        run.must_fail({"threads.one_holds_a_lock", "threads.one_inverts"})
        run.must(run.output.count("makes a lock-order inversion") == 1)


def a_statement_inside_another_tells_its_own():
    run = outcome(EXPECTATIONS, "--gtest_filter=nested.*")
    run.must_fail({"nested.inner_inverts", "nested.outer_inverts_before", "nested.outer_inverts_after", "nested.outer_violates_a_rank_before"})
    told = re.findall(r"^(.*)\nmakes a lock-order inversion\n", run.output, re.MULTILINE)
    run.must(len(told) == 4 and told[0] == "nest(b, a)" and all("EXPECT_NO_LOCK_INVERSION(nest(" in one for one in told[1:]))


def statements_outside_of_tests_are_checked():
    run = outcome(EXPECTATIONS, "--gtest_filter=set_up_*")
    run.must_fail({"set_up_goes_on.is_clean"})
    run.must("set_up_inverts: SetUpTestSuite or TearDownTestSuite" in run.output and run.output.count("makes a lock-order inversion") == 1)
    run.must(run.output.count("in no test, around set_up_goes_on:") == 1)


def a_list_of_tests_leaves_no_log():
    run = outcome(SAMPLE, "--gtest_list_tests")
    run.must(run.status == 0 and run.logs == [] and "transfers_in_one_order" in run.output)


def suppressions_that_hid_nothing_are_told_of_whole_runs():
    with tempfile.NamedTemporaryFile("w") as hidden:
        hidden.write("deadlock:no_such_function\n")
        hidden.flush()
        unused = f"{hidden.name}:1"
        run = outcome(SURROUNDINGS, options=f"suppressions={hidden.name}")
        run.must(f"interlock: suppression matches nothing: {unused}" in run.output)
        run = outcome(SURROUNDINGS, "--gtest_filter=tear_down.*", options=f"suppressions={hidden.name}")
        run.must(unused not in run.output)
        run = outcome(SURROUNDINGS, options=f"suppressions={hidden.name}",
                      environment={"GTEST_TOTAL_SHARDS": "2", "GTEST_SHARD_INDEX": "0"})
        run.must(unused not in run.output)


def the_output_is_golden():
    must_equal_golden(plain(outcome(SAMPLE).output), "sample.txt")


def the_xml_is_golden():
    must_equal_golden(plain(outcome(SAMPLE).xml), "sample.xml")


def a_test_fails_alone_as_it_does_with_others():
    for name in sorted((ERRORS | WARNINGS) - TOGETHER):
        outcome(SAMPLE, f"--gtest_filter={name}").must_fail({name})


def shards_fail_the_same_tests():
    failed = set()
    for index in range(3):
        # A thread that outlives its test is of one shard or of none.
        run = outcome(SAMPLE, "--gtest_filter=-outliving.*",
                      environment={"GTEST_TOTAL_SHARDS": "3", "GTEST_SHARD_INDEX": str(index)})
        failed |= run.failed
    expected = (ERRORS | WARNINGS) - TOGETHER
    assert failed | TOGETHER == expected | TOGETHER, sorted(failed ^ expected)


def fail_on_decides_what_fails():
    outcome(SAMPLE, options="fail_on=error").must_fail(ERRORS)
    run = outcome(SAMPLE, "--gtest_filter=bank.*", options="fail_on=never")
    run.must(run.status == 0 and not run.failed and run.output.count("SUMMARY: interlock:") >= 5)
    run = outcome(SAMPLE, "--gtest_filter=bank.guarded", options="fail_on=note")
    run.must_fail({"bank.guarded"})


def what_a_test_allows_is_told_and_fails_nothing():
    run = outcome(SAMPLE, "--gtest_filter=allowed.*")
    run.must(run.status == 0)
    run.must("interlock: allowed in test allowed.known_inversion: legacy locks, to be mended with the rewrite" in run.output)
    run.must("SUMMARY: interlock: lock-order-inversion" in run.output)


def suppressions_apply():
    with tempfile.NamedTemporaryFile("w") as hidden:
        hidden.write("deadlock:across_second_half_Test\n")
        hidden.flush()
        run = outcome(SAMPLE, "--gtest_filter=across.*", options=f"suppressions={hidden.name}")
    run.must(run.status == 0 and "1 suppressed" in run.output)


def a_declared_order_fails_the_test_that_breaks_it():
    with tempfile.TemporaryDirectory() as folder:
        order = pathlib.Path(folder, "lock-order.toml")
        for first, second, failing in (("journal", "ledger", set()), ("ledger", "journal", {"across.first_half"})):
            order.write_text(f"[ranks]\n{first} = 10\n{second} = 20\n", encoding="utf-8")
            run = outcome(SAMPLE, "--gtest_filter=across.first_half", options=f"lock_order={order}")
            run.must_fail(failing)
            run.must((f"It is observed: {order} declares ledger (rank 10, {order}:2) before journal (rank 20, {order}:3)." in run.output) == bool(failing))
        order.write_text("[ranks]\njournal = 10\nledgers = 20\n", encoding="utf-8")
        run = outcome(SAMPLE, "--gtest_filter=across.first_half", options=f"lock_order={order}")
        run.must(run.status == 0 and "no lock that was nested is called" not in run.output)  # not all tests ran
    run = outcome(SAMPLE, "--gtest_filter=across.first_half", options="lock_order=/no/such/file")
    run.must(run.status == 0 and "interlock: /no/such/file: cannot be read: No such file or directory" in run.output)


def what_the_baseline_knows_fails_nothing():
    with tempfile.TemporaryDirectory() as folder:
        log, known = os.path.join(folder, "before.ilk"), os.path.join(folder, "known")
        outcome(SAMPLE, "--gtest_filter=bank.transfers_in_opposite_orders", options=f"log_path={log}").must_fail({"bank.transfers_in_opposite_orders"})
        subprocess.run([INTERLOCK, "analyze", "--write-baseline", known, log], check=True, capture_output=True)
        run = outcome(SAMPLE, "--gtest_filter=bank.transfers_in_opposite_orders", options=f"baseline={known}")
        run.must(run.status == 0 and "1 in the baseline" in run.output)
        run = outcome(SAMPLE, "--gtest_filter=bank.transfers_in_opposite_orders:bank.ring_of_three:misuse.*", options=f"baseline={known}")
        run.must_fail({"bank.ring_of_three", "misuse.unlocks_what_is_free"})
    run = outcome(SAMPLE, "--gtest_filter=bank.transfers_in_opposite_orders", options="baseline=/no/such/file")
    run.must(run.failed and "interlock: /no/such/file: cannot be read: No such file or directory" in run.output)


def clean_tests_leave_no_log():
    run = outcome(SAMPLE, "--gtest_filter=bank.transfers_in_one_order:styles/death.in_one_order*")
    run.must(run.status == 0 and run.logs == [])
    run = outcome(SAMPLE, "--gtest_filter=bank.transfers_in_one_order", options="log_path=kept.ilk")
    run.must(run.status == 0 and run.logs == ["kept.ilk"])
    run = outcome(SAMPLE, "--gtest_filter=bank.single_thread")
    run.must(len(run.logs) == 1)


def tests_that_change_the_folder_are_checked():
    run = outcome(SURROUNDINGS, "--gtest_filter=folder.*")
    run.must_fail({"folder.inverts_elsewhere", "folder.child_inverts_elsewhere"})
    run.must("any more" not in run.output and len(run.logs) == 2)  # the child's is there too


def the_folder_of_the_log_is_read_only_where_it_changed():
    run = outcome(SURROUNDINGS, "--gtest_filter=*quiet_folder.*")
    run.must(run.status == 0 and len(run.passed) == 10)


def a_test_that_is_stuck_for_ever_is_ended_by_the_watcher():
    run = outcome(SURROUNDINGS, "--gtest_filter=stuck.*", "--gtest_also_run_disabled_tests", options="watchdog=5")
    run.must(run.status not in (0, 1) and "[ RUN      ] stuck.DISABLED_for_ever" in run.output)
    run.must("WARNING: interlock: deadlock" in run.output and "surroundings_test.cpp:" in run.output)


def where_nothing_is_recorded_that_is_said():
    run = outcome(SAMPLE, options="enabled=0")
    run.must(run.status == 0 and run.output.count("nothing is recorded in this process") == 1)
    run = outcome(SURROUNDINGS, "--gtest_filter=stale.*", options="enabled=0", environment={"FAIL_UNCHECKED": "1"})
    run.must_fail({"stale.used", "stale.unused"})
    run = outcome(SURROUNDINGS, "--gtest_filter=stale.*", options="enabled=0 fail_unchecked=1")
    run.must_fail({"stale.used", "stale.unused"})
    run = outcome(SURROUNDINGS, "--gtest_filter=stale.*", options="enabled=0 fail_unchecked=1", environment={"REPORT_ONLY": "1"})
    run.must(run.status == 0)
    run = outcome(SURROUNDINGS, "--gtest_filter=stale.used", options="fail_unchecked=1", environment={"FAIL_UNCHECKED": "1"})
    run.must(run.status == 0)


def a_full_log_is_told_and_kept():
    tests = "--gtest_filter=full.*"
    run = outcome(SURROUNDINGS, tests, options="max_log=64K")
    run.must(run.status == 0 and len(run.logs) == 1)
    run.must(run.output.count("not all, checked: ") == 1 and "the log reached its greatest size" in run.output)
    run.must(re.search(r"interlock: findings may be missing: recording has ended, .*: the log reached its greatest size\n", run.output))
    run = outcome(SURROUNDINGS, tests, options="max_log=64K", environment={"FAIL_UNCHECKED": "1"})
    run.must_fail({"full.fills_it", "full.inverts"})
    run = outcome(SURROUNDINGS, tests, options="max_log=64K fail_unchecked=1")
    run.must_fail({"full.fills_it", "full.inverts"})
    run = outcome(SURROUNDINGS, tests, environment={"FAIL_UNCHECKED": "1"})
    run.must_fail({"full.inverts"})


def report_only_fails_nothing():
    run = outcome(SURROUNDINGS, "--gtest_filter=full.inverts:tear_down.*", environment={"REPORT_ONLY": "1"})
    run.must(run.status == 0 and not run.failed and run.output.count("SUMMARY: interlock: lock-order-inversion") == 2)
    run.must(len(run.logs) == 1)
    run = outcome(SURROUNDINGS, "--gtest_filter=full.inverts", options="enabled=0", environment={"REPORT_ONLY": "1", "FAIL_UNCHECKED": "1"})
    run.must(run.status == 0)


def each_round_of_the_tests_fails_the_same():
    run = outcome(SURROUNDINGS, "--gtest_filter=after_allowing_suite.*:before_all.*", "--gtest_repeat=3")
    for name in ("after_allowing_suite.other_half", "before_all.other_half"):
        run.must(run.output.count(f"[  FAILED  ] {name} (") == 3)
    run.must(run.output.count("lock-order-inversion") > 0 and not re.search(r"FAILED  \] \w+\.one_half", run.output))


def a_small_stack_is_enough():
    run = outcome(SURROUNDINGS, "--gtest_filter=small_stack.*")
    run.must_fail({"small_stack.holds", "small_stack.inverts"})
    run.must("SUMMARY: interlock: lock-order-inversion" in run.output and len(run.logs) == 1)


def the_analysis_is_no_thread_of_the_program():
    run = outcome(SURROUNDINGS, "--gtest_filter=small_stack.holds", environment={"REPORT_ONLY": "1"}, options="log_path=kept.ilk", dumped="kept.ilk")
    run.must(run.dump.count(" agent_create ") == 1 and run.dump.count(" agent_start") == 2)


def races_fail_tests():
    run = outcome(RACE)
    run.must_fail({"counters.plain", "counters.plain_again"})
    run.must("interlock: data-race" in run.output and re.search(r"race_test\.cpp:\d+: Failure", run.output))


def the_end_of_the_process_is_the_tests_own():
    run = outcome(SAMPLE, "--gtest_filter=bank.transfers_in_opposite_orders", options="exitcode=77")
    run.must(run.status == 1 and run.output.count("SUMMARY: interlock:") == 1)


tap.run(*tap.cases_in(globals(), plain, must_equal_golden))
