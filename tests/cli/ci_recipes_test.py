#!/usr/bin/python3
"""The recipes of docs/ci.md are YAML of the form that GitHub and GitLab take, and each of their commands does what it says: run here as a
runner would, with interlock itself and with stand-ins for what is another's. Prints TAP. Usage: ci_recipes_test.py INTERLOCK BANK"""
import importlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

import jsonschema
import yaml

from called import INTERLOCK, call, check, expect_status, run_all, test
import tap

BANK = os.path.abspath(sys.argv[2])
PAGE = (pathlib.Path(__file__).resolve().parents[2] / "docs" / "ci.md").read_text(encoding="utf-8")
STAND_INS = ("meson", "ninja", "gh", "curl")  # of the runner's image


class Strict(yaml.SafeLoader):
    """Refuses a key that stands twice, and takes `on` for a word, as YAML 1.2 does."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value]
        check(len(keys) == len(set(keys)), "a key stands twice", keys)
        return super().construct_mapping(node, deep)


Strict.yaml_implicit_resolvers = {first: [(tag, pattern) for tag, pattern in ways if tag != "tag:yaml.org,2002:bool"]
                                  for first, ways in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def recipe(heading):
    """The first block of YAML below the heading."""
    found = re.search(rf"^## {heading}$.*?^```yaml\n(.*?)^```$", PAGE, re.M | re.S)
    check(found, heading)
    return yaml.load(found[1], Loader=Strict)


class Checkout:
    """A folder with a built test program, and what its jobs may call."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "build").mkdir()
        (folder / "build" / "tests").symlink_to(BANK)
        self.bin = folder / "bin"
        self.bin.mkdir()
        (self.bin / "interlock").symlink_to(INTERLOCK)
        self.calls = folder / "calls"
        for name in STAND_INS:
            stand_in = self.bin / name
            stand_in.write_text(f'#!/bin/sh\necho {name} "$@" >> {shlex.quote(str(self.calls))}\n', encoding="utf-8")
            stand_in.chmod(0o755)

    def run(self, script, **environment):
        """As a runner does: a shell that ends at the first command that fails."""
        return subprocess.run(["bash", "-e", "-c", script], cwd=self.folder, capture_output=True, text=True, check=False, timeout=300,
                              env={**os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}", **environment})

    def holds(self, name):
        return (self.folder / name).is_file() and (self.folder / name).stat().st_size > 0

    def called(self):
        return self.calls.read_text(encoding="utf-8").splitlines()


def steps_by_name(job):
    return {step.get("name", step.get("uses")): step for step in job["steps"]}


@test
def the_github_recipe_is_a_workflow(_folder):
    workflow = recipe("GitHub Actions")
    check(set(workflow) == {"name", "on", "jobs"}, set(workflow))
    for name, job in workflow["jobs"].items():
        check(job["runs-on"] and set(job) <= {"runs-on", "container", "permissions", "steps", "needs", "if"}, name)
        check(job.get("needs", name) in workflow["jobs"], name)
        check(set(job["permissions"].values()) <= {"read", "write"}, name)
        for step in job["steps"]:
            check(("run" in step) != ("uses" in step), step)
            check("uses" not in step or re.fullmatch(r"[\w-]+(/[\w-]+)+@v\d+", step["uses"]), step)
            check("with" not in step or "uses" in step, step)


@test
def the_github_recipe_is_valid_by_the_published_schema(_folder):
    try:
        package = importlib.import_module("check_jsonschema")
    except ImportError:
        raise tap.Skipped("the schema of workflows is not here: it comes with the Python package check-jsonschema") from None
    place = pathlib.Path(package.__file__).parent / "builtin_schemas" / "vendor" / "github-workflows.json"
    schema = json.loads(place.read_text(encoding="utf-8"))
    jsonschema.validators.validator_for(schema)(schema).validate(recipe("GitHub Actions"))


@test
def each_command_of_the_github_recipe_does_as_it_says(folder):
    jobs = recipe("GitHub Actions")["jobs"]
    checkout = Checkout(folder)
    steps = steps_by_name(jobs["deadlocks"])
    expect_status(checkout.run(steps["Build"]["run"]), 0)
    tested = expect_status(checkout.run(steps["Test"]["run"]), 66)
    check(re.search(r"^::error file=", tested.stdout, re.M), tested.stdout)
    failing = {name for name, step in steps.items() if step.get("if") != "always()"}
    check(failing == {"actions/checkout@v4", "Build", "Test"}, "what is wanted after a failure runs after one", failing)
    check(checkout.holds(steps["Code scanning"]["with"]["sarif_file"]), "no SARIF")
    check(jobs["deadlocks"]["permissions"]["security-events"] == "write", jobs["deadlocks"]["permissions"])
    summary = folder / "summary"
    expect_status(checkout.run(steps["Summary"]["run"], GITHUB_STEP_SUMMARY=str(summary)), 0)
    check(summary.read_text(encoding="utf-8").startswith("### interlock: 1 error,"), summary)
    kept = steps["actions/upload-artifact@v4"]["with"]
    check(all(checkout.holds(name) for name in kept["path"].split()), kept)

    comment = jobs["comment"]
    fetched = steps_by_name(comment)["actions/download-artifact@v4"]["with"]
    check(fetched["name"] == kept["name"] and comment["needs"] == "deadlocks" and "always()" in comment["if"], comment)
    (last,) = (step for step in comment["steps"] if "run" in step)
    check(set(last["env"]) == {"GH_TOKEN", "NUMBER"}, last["env"])
    expect_status(checkout.run(last["run"], GITHUB_REPOSITORY="a/b", NUMBER="7"), 0)
    body = re.fullmatch(r"gh pr comment 7 --repo a/b --body-file (\S+)", checkout.called()[-1])
    check(body and body[1] in kept["path"].split(), checkout.called())


@test
def each_command_of_the_gitlab_recipe_does_as_it_says(folder):
    pipeline = recipe("GitLab CI")
    check(set(pipeline) == {"deadlocks"}, set(pipeline))
    job = pipeline["deadlocks"]
    check(set(job) == {"image", "script", "after_script", "artifacts"}, set(job))
    checkout = Checkout(folder)
    *build, tests = job["script"]
    expect_status(checkout.run("\n".join(build)), 0)
    tested = expect_status(checkout.run(tests), 66)
    check("SUMMARY: interlock: lock-order-inversion" in tested.stdout, tested.stdout)
    check(all(checkout.holds(name) for name in job["artifacts"]["paths"]) and job["artifacts"]["when"] == "always", job["artifacts"])
    (note,) = job["after_script"]
    before = len(checkout.called())
    expect_status(checkout.run(note, CI_MERGE_REQUEST_IID=""), 0)
    check(len(checkout.called()) == before, "no merge request, no comment")
    expect_status(checkout.run(note, CI_MERGE_REQUEST_IID="7", CI_API_V4_URL="https://git/api/v4", CI_PROJECT_ID="3", INTERLOCK_TOKEN="t"), 0)
    said = checkout.called()[-1]
    check(said.endswith("https://git/api/v4/projects/3/merge_requests/7/notes") and "PRIVATE-TOKEN: t" in said, said)
    body = re.search(r"body=<(\S+)", said)
    check(body and checkout.holds(body[1]), said)
    allowed = re.search(r"^```yaml\n(  allow_failure:.*?)^```$", PAGE, re.M | re.S)
    check(yaml.load(allowed[1], Loader=Strict) == {"allow_failure": {"exit_codes": 66}}, allowed[1])


@test
def the_recipe_for_any_other_system_only_reports(folder):
    found = re.search(r"^## Any other system$.*?^```sh\ninterlock (.*?)\n```$", PAGE, re.M | re.S)
    *words, program = shlex.split(found[1])
    check(program == "build/tests", found[1])
    expect_status(call(*words, BANK, cwd=folder), 0)
    report = json.loads((folder / words[words.index("--report") + 1]).read_text(encoding="utf-8"))
    check(report["summary"]["errors"] == 1, report["summary"])


if __name__ == "__main__":
    run_all()
