"""Compares one JSON report with what a case expects, and says in words a person reads what differs.

Beyond what the case spells out, it holds every finding to the contract: severity by verdict, Coffman's conditions by
verdict, a summary that adds up.
"""
import re

SEVERITY = {"observed": "error", "confirmed": "error", "proven": "error", "replayable": "error", "potential": "error",
            "unwitnessed": "warning", "across-runs": "warning", "ordered": "warning", "single-thread": "warning",
            "guarded": "note", "escapable": "note", "unverifiable": "warning"}
SEVERITY_MAX = {"stalled": "warning", "spinlock-held-blocking": "warning", "wait-without-loop": "warning",
                "spinlock-held-long": "note", "handler-overrun": "warning"}
NEGATED = {"ordered": "circular_wait", "single-thread": "circular_wait", "guarded": "circular_wait",
           "escapable": "no_preemption"}
UNKNOWN = ("across-runs", "unverifiable")
CYCLES = ("lock-order-cycle", "deadlock", "self-deadlock")
MODE = {"exclusive": "E", "shared": "S"}


def plain_name(name):
    """`bank.cpp: accounts+80` is accounts+80: where a symbol lives is not what a case is about."""
    return name.rsplit(": ", 1)[-1].replace("(anonymous namespace)::", "")


def plain_function(name):
    """`(anonymous namespace)::transfer(account&, long)` is transfer."""
    name = name.replace("(anonymous namespace)::", "")
    name = re.sub(r"<[^<>]*>", "", re.sub(r"<[^<>]*>", "", name))
    name = name.split("(", 1)[0].strip()
    return name.rsplit("::", 1)[-1].rsplit(" ", 1)[-1]


def innermost(stack):
    return plain_function(stack[0].get("function", "?")) if stack else "?"


def severity_of(finding):
    return severity_told(finding["kind"], finding["verdict"])


def severity_told(kind, verdict):
    """The verdict's severity, at most the kind's."""
    order = ("note", "warning", "error")
    return min(SEVERITY[verdict], SEVERITY_MAX.get(kind, "error"), key=order.index)


def stacks_of(finding):
    stacks = [finding.get("stack", [])]
    for edge in finding.get("edges", []):
        stacks += [edge["held_stack"], edge["wanted_stack"]]
    return stacks


def actual_keys(finding):
    """What a case can say of a finding, read from the report."""
    edges = finding.get("edges", [])
    names = {lock["id"]: plain_name(lock.get("name", "?")) for lock in finding["locks"]}
    guards = sorted({names.get(guard, "?") for edge in edges for guard in edge.get("guards", [])})
    in_cycle = ({edge["held"] for edge in edges} | {edge["wanted"] for edge in edges}) or set(names)
    denied = [name for name, what in finding.get("coffman", {}).items() if what["holds"] == "no"]
    return {
        "edges": len(edges),
        "locks": sorted(names.get(lock, "?") for lock in in_cycle),
        "threads": sorted(thread.get("name", "?") for thread in finding["threads"]),
        "functions": sorted({innermost(edge["wanted_stack"]) for edge in edges} or {innermost(finding.get("stack"))}),
        "via": {plain_function(frame.get("function", "?")) for stack in stacks_of(finding) for frame in stack},
        "modes": sorted(MODE[edge["held_mode"]] + MODE[edge["wanted_mode"]] for edge in edges),
        "timed": sum(edge.get("blocking") == "timed" for edge in edges),
        "guards": guards,
        "no": ",".join(denied) or "none",
    }


def evidence(finding):
    return " ".join([finding.get("why", ""), *(what["because"] for what in finding.get("coffman", {}).values())])


def agrees(expected, finding):
    """Whether a finding of the report is the one that a case expects."""
    if (expected.kind, expected.verdict) != (finding["kind"], finding["verdict"]):
        return False
    actual = actual_keys(finding)
    for key, value in expected.keys.items():
        if key == "via":
            if not set(value) <= actual["via"]:
                return False
        elif key in ("says", "unsaid"):
            if (value in evidence(finding)) != (key == "says"):
                return False
        elif (sorted(value) if isinstance(value, tuple) else value) != actual[key]:
            return False
    return True


def told(finding):
    """A finding of the report in the words of the format."""
    keys = actual_keys(finding)
    words = (f"{key}={','.join(sorted(value)) if isinstance(value, (list, set)) else value}"
             for key, value in keys.items() if value)
    return " ".join((finding["kind"], finding["verdict"], *words)) + f" | {finding.get('why', finding['message'])}"


def pair_off(expected, findings):
    """The largest pairing of expected and actual findings (augmenting paths): (missing, extra)."""
    partner = {}

    def place(index, seen):
        for at, finding in enumerate(findings):
            if at not in seen and agrees(expected[index], finding):
                seen.add(at)
                if at not in partner or place(partner[at], seen):
                    partner[at] = index
                    return True
        return False

    missing = [one for index, one in enumerate(expected) if not place(index, set())]
    extra = [finding for at, finding in enumerate(findings) if at not in partner]
    return missing, extra


def conditions_wrong(finding):
    """Where Coffman's conditions do not say what the verdict says."""
    negated = NEGATED.get(finding["verdict"])
    for name, what in finding.get("coffman", {}).items():
        want = "no" if name == negated else "yes"
        if finding["verdict"] in UNKNOWN and name == "circular_wait":
            want = "unknown"
        if what["holds"] != want:
            yield f"{finding['verdict']}: condition {name} holds: {what['holds']}, must be {want}"
        if not what["because"].strip():
            yield f"condition {name} gives no evidence"


def contract_broken(report):
    """What every report must keep, whatever the program."""
    by_severity = {"error": 0, "warning": 0, "note": 0}
    for finding in report["findings"]:
        by_severity[finding["severity"]] += 1
        if finding["severity"] != severity_of(finding):
            yield f"{finding['kind']} {finding['verdict']} has severity {finding['severity']}"
        if finding["kind"] in CYCLES:
            yield from conditions_wrong(finding)
            threads = {thread["id"] for thread in finding["threads"]}
            if not {edge["thread"] for edge in finding["edges"]} <= threads:
                yield "an edge's thread is not among the finding's threads"
            locks = {lock["id"] for lock in finding["locks"]}
            if not {edge[end] for edge in finding["edges"] for end in ("held", "wanted")} <= locks:
                yield "an edge's lock is not among the finding's locks"
    ids = [finding["id"] for finding in report["findings"]]
    if len(set(ids)) != len(ids):
        yield "two findings have the same id"
    for severity, number in by_severity.items():
        if report["summary"][severity + "s"] != number:
            yield f"summary says {report['summary'][severity + 's']} {severity}s, there are {number}"
    for log in report["logs"]:
        if not log["complete"] or log.get("lost_events", 0):
            yield f"the log of {log['program']} is not complete"


def exit_status(case):
    """What `interlock run` must exit with: the program's own status unless that is 0 and something is a warning or worse."""
    bad = any(severity_told(one.kind, one.verdict) != "note" for one in case.findings)
    return 66 if bad and case.exit_status == 0 else case.exit_status


def counts_wrong(case, report):
    """Acquisitions and dependencies of all logs together: a recorder that is dead, or deaf, shows here."""
    for key in ("acquisitions", "dependencies", "threads"):
        expected = getattr(case, key)
        actual = sum(log.get(key, 0) for log in report["logs"])
        if expected is not None and not expected.holds(actual):
            yield f"{key}: {actual}, expected {expected}"
    for condition, expected in case.harmless.items():
        actual = report["summary"].get("harmless_" + condition.replace("-", "_"), 0)
        if actual != expected:
            yield f"harmless cycles for want of {condition}: {actual}, expected {expected}"


def blind_spots_wrong(case, report):
    told = [spot for log in report["logs"] for spot in log.get("blind_spots", [])]
    for words in case.blind:
        if words == "none" and told:
            yield f"blind spots: {told}, expected none"
        elif words.startswith("not "):
            if any(words.removeprefix("not ") in spot for spot in told):
                yield f"a blind spot has the words `{words.removeprefix('not ')}`: {told}"
        elif words != "none" and not any(words in spot for spot in told):
            yield f"no blind spot has the words `{words}`: {told}"


def differences(case, report, level):
    """Everything in which a report is not what the case expects; nothing if it is."""
    expected, findings = case.findings, report["findings"]
    if level == "order":
        # Cycles do not depend on the level; misuse and counts may.
        expected = [one for one in expected if one.kind in CYCLES]
        findings = [one for one in findings if one["kind"] in CYCLES]
    missing, extra = pair_off(expected, findings)
    yield from (f"missing: {one}" for one in missing)
    yield from (f"not expected: {told(one)}" for one in extra)
    yield from contract_broken(report)
    yield from blind_spots_wrong(case, report)
    if len(report["logs"]) != case.logs:
        yield f"logs: {len(report['logs'])}, expected {case.logs}"
    if level == "full":
        yield from counts_wrong(case, report)
