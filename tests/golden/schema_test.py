#!/usr/bin/python3
"""Every JSON report among the golden files, and each file named on the command line, is what report.schema.json says; and the
schema is not so lax that a report with a part missing passes. Prints TAP."""
import json
import pathlib
import sys

import jsonschema

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import tap  # noqa: E402  (found in the folder above)

HERE = pathlib.Path(__file__).resolve().parent


def problems(validator, report):
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}"[:300] for error in validator.iter_errors(report)]


def main():
    schema = json.loads((HERE / "report.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    named = [pathlib.Path(name) for name in sys.argv[1:]]
    files = sorted(path for path in (HERE / "expected").glob("*.json") if path.name != "graph.json") + named
    results = []
    for path in files:
        results.append((f"{path.name} is valid", problems(validator, json.loads(path.read_text(encoding="utf-8")))))
    bank = json.loads((HERE / "expected" / "bank.json").read_text(encoding="utf-8"))
    for part in ("edges", "coffman", "why", "severity"):
        broken = json.loads(json.dumps(bank))
        del broken["findings"][0][part]
        results.append((f"a cycle without {part} is not valid", [] if problems(validator, broken) else ["it passed"]))
    tap.tell(results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
