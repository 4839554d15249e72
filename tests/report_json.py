"""The one way in which tests read a JSON report: what is not as report.schema.json says fails there and then."""
import json
import pathlib

import jsonschema

SCHEMA = pathlib.Path(__file__).resolve().parent / "golden" / "report.schema.json"
VALIDATOR = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def read(text):
    """The report in `text`. Raises jsonschema.ValidationError, or ValueError where it is no JSON."""
    report = json.loads(text)
    VALIDATOR.validate(report)
    return report
