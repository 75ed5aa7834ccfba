"""Kinds of events: who sends each, and how it is read; what anybody might have sent is not taken for AWS's."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from detect.envelope import Seen, said
from detect.intake import Ignored, text
from edsr.errors import Malformed

Event = dict[str, Any]
Read = Callable[[Event], Seen | Ignored]

ANY_OF_AWS, TEAMS = "aws.*", "teams"
"""Instead of one source: any service of AWS, or anybody but AWS, whose word counts for its own account alone."""

SUITE = (":role/edsr/", ":assumed-role/edsr-")
"""In the ARN of every role of the suite, or of a session of one, and of no other; in small letters."""


class Kind(NamedTuple):
    """One kind of event: its source, and what reads it."""

    source: str
    read: Read


def read(event: Event, kinds: Mapping[str, Kind]) -> Seen | Ignored:
    """What is seen in an event, by its detail type; Ignored says why it is not read, Malformed what it lacks."""
    source, name = text(event, "source"), text(event, "detail-type")
    kind = kinds.get(name)
    if kind is None:
        return Ignored(f"{name[:64]!r} is not read")
    of_aws = source.startswith("aws.")
    if kind.source == TEAMS:
        return Ignored("AWS sends no such event") if of_aws else kind.read(event)
    if source != kind.source and not (of_aws and kind.source == ANY_OF_AWS):
        wanted = "of AWS" if kind.source == ANY_OF_AWS else kind.source
        return Ignored(f"{source[:64]!r} is not {wanted}: anybody may send such an event")
    return kind.read(event)


def of_suite(*names: str) -> bool:
    """Whether an ARN of who did it is one of the suite's own roles."""
    return any(mark in name.lower() for name in names for mark in SUITE)


def here(event: Event, name: str) -> bool:
    """Whether an ARN is one of the account and Region that sent the event."""
    return name.startswith("arn:") and name.split(":")[3:5] == [said(event, "region"), said(event, "account")]


def instant(value: Any, what: str) -> datetime:
    """The time of seconds since 1970; Malformed when it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Malformed(f"{what} is not a number of seconds")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError) as exc:
        raise Malformed(f"{what} {value} is not a time: {exc}") from exc
