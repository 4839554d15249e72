#!/usr/bin/python3
"""What else is at the log's path, and whose descriptors are whose. TAP."""
import os
import pathlib
import stat
import subprocess
import tempfile

from recorded import INTERLOCK, analysed, counts_file, options, program, tap


def a_daemon_that_closes_everything_has_its_files_for_itself():
    for level in ("order", "full"):
        with tempfile.TemporaryDirectory() as folder:
            log, own = pathlib.Path(folder) / "log.ilk", pathlib.Path(folder) / "own"
            own.mkdir()
            ran = subprocess.run([program("closes"), str(own)], env=options(log, level), check=False)
            assert ran.returncode == 0, ran
            for i in range(10):
                assert (own / str(i)).read_bytes() == b"mine\n" * 3, (i, (own / str(i)).read_bytes()[:200])
            assert len(list(own.iterdir())) == 10
            assert analysed(log, statuses=(0, 66))["complete"]


def planted(make):
    """The program runs with something made at the log's path; what was made, untouched, and the log beside it."""
    with tempfile.TemporaryDirectory() as folder:
        log, victim = pathlib.Path(folder) / "log.ilk", pathlib.Path(folder) / "victim"
        victim.write_text("untouched", encoding="utf-8")
        make(log, victim)
        before = os.lstat(log)
        ran = subprocess.run([program("counted"), str(counts_file(folder)), "10"], env=options(log), check=False,
                             capture_output=True, timeout=60)
        assert ran.returncode == 0, ran
        after = os.lstat(log)
        assert victim.read_text(encoding="utf-8") == "untouched"
        assert (before.st_mode, before.st_ino, before.st_size) == (after.st_mode, after.st_ino, after.st_size)
        others = list(pathlib.Path(folder).glob("log.*.ilk"))
        assert len(others) == 1 and stat.S_IMODE(others[0].stat().st_mode) == 0o600, others
        assert analysed(others[0])["acquisitions"] == 20


def a_link_a_hard_link_a_pipe_and_a_folder_stay_what_they_are():
    planted(lambda log, victim: log.symlink_to(victim))
    planted(lambda log, victim: log.symlink_to(log.parent / "nowhere"))
    planted(lambda log, victim: log.hardlink_to(victim))
    planted(lambda log, victim: os.mkfifo(log))
    planted(lambda log, victim: log.mkdir())


def run_replaced(folder, how):
    """A linked program that finds its inversion after it replaced descriptor 2; standard error, and the file that it opened."""
    log, file = pathlib.Path(folder) / f"{how}.ilk", pathlib.Path(folder) / "file"
    ran = subprocess.run([program("replaces"), how, str(file)], check=False, capture_output=True, text=True,
                         env={**os.environ, "INTERLOCK_OPTIONS": f"log_path={log}:command={INTERLOCK}"})
    assert ran.returncode == 66 and ran.stdout == "", ran
    assert analysed(log, statuses=(66,))["complete"]
    return ran.stderr, file.read_text(encoding="utf-8") if file.exists() else ""


def is_told(text):
    return "interlock: " in text and "SUMMARY: interlock: lock-order-inversion" in text


def messages_go_to_standard_error_and_to_nothing_that_took_its_number():
    with tempfile.TemporaryDirectory() as folder:
        errors, file = run_replaced(folder, "kept")
        assert is_told(errors) and file == "", (errors, file)
        for how, expected in (("closed", ""), ("null", ""), ("data", "data\n")):
            assert run_replaced(folder, how) == ("", expected), how


def messages_follow_a_program_that_leads_its_output_into_a_log():
    with tempfile.TemporaryDirectory() as folder:
        errors, file = run_replaced(folder, "log")
        assert errors == "" and is_told(file), (errors, file)


if __name__ == "__main__":
    tap.run(*tap.cases_in(globals(), planted, run_replaced, is_told))
