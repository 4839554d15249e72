#!/usr/bin/python3
"""Every SARIF report among the golden files, and each file named on the command line, is valid by the OASIS schema, has what GitHub's
code scanning requires, and refers only to what is in it. Prints TAP."""
import json
import pathlib
import re
import sys

import jsonschema

HERE = pathlib.Path(__file__).resolve().parent
LINK = re.compile(r"\[[^\]]*\]\((\d+)\)")
ANY_LINK = re.compile(r"\[[^\]]*\]\(([^)]+)\)")
URI = re.compile(r"(file://)?[A-Za-z0-9._~/%-]+")


def check(good, *what):
    if not good:
        raise AssertionError(" | ".join(str(one)[:500] for one in what))


def places(result):
    yield from result["locations"]
    yield from result["relatedLocations"]
    for flow in result["codeFlows"]:
        for thread in flow["threadFlows"]:
            yield from (step["location"] for step in thread["locations"])
    for stack in result["stacks"]:
        yield from (frame["location"] for frame in stack["frames"])


def check_root(run):
    """A folder, absolute and normal; and where the checkout lies (SARIF1004, GH1006 of Microsoft's multitool)."""
    for name, base in run.get("originalUriBaseIds", {}).items():
        check(re.fullmatch(r"%[A-Z]+%", name), name)
        check(base["uri"].startswith("file:///") and base["uri"].endswith("/") and "/../" not in base["uri"], base)
    check("uriBaseId" not in json.dumps(run["results"]) or run["originalUriBaseIds"], "a root that is not there")
    for invocation in run["invocations"]:
        check(isinstance(invocation["executionSuccessful"], bool), invocation)
        check(invocation.get("workingDirectory", {"uri": "file:///"})["uri"].startswith("file:///"), invocation)


def check_sizes(run):
    """What code scanning takes at most (docs.github.com, "SARIF results exceed one or more limits")."""
    check(len(run["results"]) <= 25_000)
    for result in run["results"]:
        check(len(result["locations"]) + len(result["relatedLocations"]) <= 1_000, result["ruleId"])
        steps = sum(len(thread["locations"]) for flow in result["codeFlows"] for thread in flow["threadFlows"])
        check(steps <= 10_000, result["ruleId"], steps)


def check_shown(result):
    """What a viewer shows a step by: a message at each related location and each step; the flow's first step where the finding is."""
    for place in result["relatedLocations"]:
        check(place["message"]["text"], place)
    for thread in result["codeFlows"][0]["threadFlows"]:
        check(thread["locations"] and all(step["location"]["message"]["text"] for step in thread["locations"]), thread["id"])
    shown = [step["location"]["physicalLocation"] for thread in result["codeFlows"][0]["threadFlows"] for step in thread["locations"]]
    check(result["locations"][0]["physicalLocation"] in shown, "no step is where the finding is", result["locations"])


def check_place(run, place):
    """What GitHub requires of a location: a file, and all four ends of a region."""
    physical = place["physicalLocation"]
    artifact = physical["artifactLocation"]
    check(URI.fullmatch(artifact["uri"]), artifact)
    check("uriBaseId" not in artifact or artifact["uriBaseId"] in run.get("originalUriBaseIds", {}), artifact)
    if "uriBaseId" in artifact:
        check(not re.match(r"/|[a-z]+:|(.*/)?\.\.(/|$)", artifact["uri"]), artifact)  # relative, and below the root
    region = physical["region"]
    check(region["startLine"] >= 1 and region["startColumn"] >= 1 and region["endLine"] == region["startLine"], region)
    check(region["endColumn"] > region["startColumn"], region)


def check_rule(rule):
    for field in ("shortDescription", "fullDescription", "help"):
        check(0 < len(rule[field]["text"]) <= 1024, rule["id"], field)
    check(rule["help"]["markdown"] and 0 < len(rule["name"]) <= 255 and len(rule["properties"]["tags"]) <= 10, rule["id"])
    check(rule["defaultConfiguration"]["level"] in ("error", "warning", "note"), rule["id"])


def check_order(result):
    """In a cycle every hold comes before every request, and no two steps at once."""
    order = {}
    for thread in result["codeFlows"][0]["threadFlows"]:
        numbers = [step["executionOrder"] for step in thread["locations"] if "executionOrder" in step]
        check(numbers == sorted(numbers), numbers)
        for number in numbers:
            check(number not in order, "twice", number)
            order[number] = thread["id"]
    check(sorted(order) == list(range(1, len(order) + 1)), order)
    half = len(order) // 2
    check([order[n] for n in range(1, half + 1)] == [order[n] for n in range(half + 1, 2 * half + 1)], order)


def check_result(run, result):
    rules = run["tool"]["driver"]["rules"]
    check(rules[result["ruleIndex"]]["id"] == result["ruleId"], result["ruleId"])
    check(result["message"]["text"].endswith("."), result["message"])
    check(1 <= len(result["locations"]) <= 10)
    prints = result["partialFingerprints"]
    check(re.fullmatch(r"[0-9a-f]+", prints["interlockFindingId/v1"]), prints)
    check(prints["primaryLocationLineHash"] == prints["interlockFindingId/v1"] + ":1", prints)
    ids = [place["id"] for place in result["relatedLocations"]]
    check(ids == list(range(1, len(ids) + 1)), ids)
    linked = [int(number) for number in LINK.findall(result["message"]["text"])]
    check(set(linked) <= set(ids), linked, ids)
    check(len(ANY_LINK.findall(result["message"]["text"])) == len(linked), "a link that is not ours", result["message"])
    flow = result["codeFlows"][0]["threadFlows"]
    check(len({thread["id"] for thread in flow}) == len(flow))
    for place in places(result):
        check_place(run, place)
    for thread in flow:
        check(thread["locations"][-1]["importance"] == "essential", thread["id"])
        check(all(step["nestingLevel"] >= 1 for step in thread["locations"]), thread["id"])
    check_order(result)
    check_shown(result)


def check_report(validator, report):
    wrong = [f"{'/'.join(map(str, error.absolute_path))}: {error.message}"[:300] for error in validator.iter_errors(report)]
    check(not wrong, *wrong[:5])
    check(len(report["runs"]) == 1)
    run = report["runs"][0]
    check_root(run)
    check_sizes(run)
    for rule in run["tool"]["driver"]["rules"]:
        check_rule(rule)
    check(len({rule["id"] for rule in run["tool"]["driver"]["rules"]}) == len(run["tool"]["driver"]["rules"]))
    for result in run["results"]:
        check_result(run, result)


def main():
    schema = json.loads((HERE / "sarif" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
    jsonschema.Draft4Validator.check_schema(schema)
    validator = jsonschema.Draft4Validator(schema)
    named = [pathlib.Path(name) for name in sys.argv[1:]]
    files = named or sorted((HERE / "expected").glob("*.sarif"))
    cases = [(f"{path.name} is what OASIS and GitHub ask for", lambda text=path.read_text(encoding="utf-8"):
              check_report(validator, json.loads(text))) for path in files]
    if not named:
        bank = (HERE / "expected" / "bank.sarif").read_text(encoding="utf-8")
        for what, whole, broken in (("a root that is no folder", "file:///src/", "file:///src"), ("a place above the root", '"uri": "bank.cpp"', '"uri": "../bank.cpp"'),
                                    ("a step without words", '"text": "alice holds', '"texts": "alice holds'), ("no region", '"region"', '"rejion"'), ("a level of its own", '"level": "error"', '"level": "fatal"'),
                                    ("a link to nowhere", "[holds](1)", "[holds](9)"), ("a link of the program's", "alice [holds](1)", "[alice](http://a) [holds](1)")):
            cases.append((f"a report with {what} is refused", lambda text=bank.replace(whole, broken): refused(validator, json.loads(text))))
    print(f"1..{len(cases)}")
    for number, (name, case) in enumerate(cases, 1):
        try:
            case()
            print(f"ok {number} - {name}")
        except (AssertionError, KeyError, IndexError) as reason:
            print(f"not ok {number} - {name}\n# {type(reason).__name__}: {str(reason)[:2000]!r}")
    return 0


def refused(validator, report):
    try:
        check_report(validator, report)
    except (AssertionError, KeyError):
        return
    raise AssertionError("it passed")


if __name__ == "__main__":
    sys.exit(main())
