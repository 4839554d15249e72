"""Runs the test functions of a Python test and prints TAP, which Meson and tests/tally.py count case by case."""
import traceback


class Skipped(Exception):
    """Raised by a case that cannot be tried on this machine: says why."""


def run(*cases):
    """Each case is a function that names a behaviour and raises AssertionError where it does not hold."""
    print(f"1..{len(cases)}")
    for number, case in enumerate(cases, 1):
        try:
            case()
            print(f"ok {number} - {case.__name__}", flush=True)
        except Skipped as reason:
            print(f"ok {number} - {case.__name__} # SKIP {reason}", flush=True)
        except Exception:  # whatever it is, the other cases run too
            print(f"not ok {number} - {case.__name__}")
            print("".join(f"# {line}\n" for line in traceback.format_exc().splitlines()), end="", flush=True)


def tell(results):
    """The same of cases that were tried already: (name, what is wrong) each, nothing where it holds."""
    print(f"1..{len(results)}")
    for number, (name, wrong) in enumerate(results, 1):
        print(f"{'not ok' if wrong else 'ok'} {number} - {name}")
        for line in wrong:
            print(f"# {line}")


def cases_in(names, *not_cases):
    """The functions of a module's globals() that it defines itself, in order, without those named."""
    return [value for name, value in names.items()
            if callable(value) and getattr(value, "__module__", "") == names["__name__"]
            and not isinstance(value, type) and value not in not_cases]
