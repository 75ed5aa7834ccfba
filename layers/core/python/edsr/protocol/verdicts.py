"""What became of the steps before: the state machine nests each stage's results around those of the stages before."""

import json
from collections.abc import Iterator
from typing import Any

Result = dict[str, Any]
KEPT = ("step", "direction", "status", "judged", "observed", "at")
"""What is audited of a result; the rest is for the machine to count."""


def stages(nested: Any) -> list[list[Result]]:
    """The results of each stage, the first first: `[[[], first], second]` is `[first, second]`."""
    found: list[list[Result]] = []
    while nested:
        nested, latest = nested
        found.append(latest)
    return found[::-1]


def uncarried(nested: Any) -> Iterator[Result]:
    """The verdicts that no record says yet: an intent carries those of the stages before it, so they are those of the
    last stage in which something was intended, and of all stages after it."""
    results = stages(nested)
    while len(results) > 1 and not any(result.get("stands") for result in results[-1]):
        last = results.pop()
        results[-1] = results[-1] + last
    yield from map(told, results[-1] if results else [])


def told(result: Result) -> Result:
    """A verdict as it is audited; of a step that raised it says which error, and why."""
    kept = {name: result[name] for name in KEPT if name in result}
    if error := result.get("error"):
        kept["observed"] = described(error)
    return kept


def described(error: dict[str, str]) -> str:
    """An error of the state machine in a line: a Lambda's cause is JSON around its message."""
    return f"{error.get('Error', 'an error')}: {_message(error.get('Cause', ''))}"


def _message(cause: str) -> str:
    try:
        return str(json.loads(cause)["errorMessage"])
    except (ValueError, KeyError, TypeError):
        return cause
