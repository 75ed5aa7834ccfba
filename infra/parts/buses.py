"""Buses: AWS's own events come over the default bus; what is forwarded, and what teams send, over the bus `edsr`."""

from collections.abc import Mapping
from typing import Any

from edsr import pattern
from edsr.declare import Detector
from edsr.pattern.branches import Branch, Field
from infra.parts.names import BUS

DEFAULT = "default"


def buses(detector: Detector, said: Mapping[str, Any]) -> tuple[str, ...]:
    """The buses that a rule with this pattern has to stand on: those by which events come that its detector reads."""
    over = {bus for branch in pattern.compile({**said}).branches for bus in _over(detector, branch)}
    return tuple(sorted(over)) or (DEFAULT,)


def _over(detector: Detector, branch: Branch) -> set[str]:
    kind = _at("detail-type", branch)
    taken = {name for name in detector.detail_types if kind is None or kind.takes(name)}
    forwarded = taken & set(detector.forwarded)
    if forwarded and _only_of_aws(_at("source", branch)):
        forwarded = set()  # nobody can send in AWS's name on a bus of one's own
    own = taken - set(detector.forwarded)
    return {bus for bus, some in ((DEFAULT, own), (BUS, forwarded)) if some}


def _only_of_aws(source: Field | None) -> bool:
    wanted = source.wanted if source else ()
    return bool(wanted) and all(isinstance(one, str) and one.startswith("aws.") for one in wanted)


def _at(name: str, branch: Branch) -> Field | None:
    return next((field for field in branch.fields if field.path == name), None)
