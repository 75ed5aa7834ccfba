"""What the detectors make of events, in a line each: the tables of the tests are written in such lines."""

import importlib
from typing import Any

from detect.intake import Ignored
from edsr.errors import Malformed
from edsr.model import Finding
from edsr.policy import Policy
from tests import estate
from tests.things import AT, a_policy

POLICY = a_policy()


def found(source: str, event: dict[str, Any], policy: Policy = POLICY) -> Finding:
    """The finding that the source's detector makes of an event."""
    said = importlib.import_module(f"detect.detectors.{source}").detect(event, policy, AT)
    assert isinstance(said, Finding), said
    return said


def became(source: str, event: Any) -> str:
    """`finding: kind condition`, `ignored: reason` or `malformed: reason`; no other error is one that may come."""
    try:
        said = importlib.import_module(f"detect.detectors.{source}").detect(event, POLICY, AT)
    except (Malformed, ValueError) as exc:
        return f"malformed: {exc}"
    return f"ignored: {said.reason}" if isinstance(said, Ignored) else f"finding: {said.subject.kind} {said.condition}"


def told_twice(event: str) -> tuple[Finding, Finding]:
    """What is found when an event of ours (`source/name`) comes, and when it comes again hours later, by another id."""
    source, told = event.split("/")[0], estate.event(event)
    again = told | {"id": "another", "time": "2026-03-02T09:00:00Z"}
    return found(source, told), found(source, again)
