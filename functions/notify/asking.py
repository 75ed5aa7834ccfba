"""What an announcement asks of people: to be woken, to look when there is time, or no longer anything."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from edsr.errors import Malformed
from edsr.model import DecisionVerdict, Severity, State
from edsr.protocol.consequences import BRAKE
from edsr.protocol.controls import ALL
from edsr.protocol.keys import CONTROL

Data = Mapping[str, Any]

EVERYTHING = "everything"
"""What stands for the incident where automation stopped itself: it concerns them all."""

WAKES = (Severity.CRITICAL, Severity.HIGH)
MONTH = 1_000_000
"""More records than a month's chain of control records has."""


class Level(StrEnum):
    """How urgently a person is asked: now, or when there is time."""

    PAGE = "page"
    TICKET = "ticket"


class Asking(NamedTuple):
    """What one announcement says of one incident: nobody is asked any more where `level` is None. Of two about the same
    incident the one with the greater `order` holds. `postmortem` is where its draft is, if there is one."""

    incident: str
    order: int
    level: Level | None
    title: str
    reason: str
    postmortem: str = ""


def asking(detail_type: str, data: Data) -> Asking | None:
    """What it says of an incident's need of people; None when it says nothing about that. Raises Malformed.

    A page wakes somebody: a remediation that failed or did harm, one that waits for an answer, automation that stopped
    itself, and what is left to a person and is urgent. A ticket is whatever else is left to people.
    """
    if detail_type not in _READ:
        return None
    try:
        return _READ[detail_type](data)
    except (KeyError, TypeError, ValueError) as exc:
        raise Malformed(f"{detail_type}: {type(exc).__name__} {exc}") from exc


def _decided(data: Data) -> Asking | None:
    return _about(data, _by_severity(data)) if data["verdict"] == DecisionVerdict.ESCALATE else None


def _asked(data: Data) -> Asking:
    return _about(data, Level.PAGE)


def _answered(data: Data) -> Asking | None:
    return _about(data, None) if data["complete"] else None


def _closed(data: Data) -> Asking:
    state = State(data["state"])
    if data.get("recovered") or data.get("storm"):
        return _about(data, None)  # it was over by itself, or a storm held it, of which a person was told
    if "harm" in data or state in (State.ESCALATED, State.REVERTED):
        return _about(data, Level.PAGE)
    return _about(data, _by_severity(data) if state is State.ABORTED else None)


def _switched(data: Data) -> Asking | None:
    month, switch = str(data["incident_id"]).removeprefix(CONTROL), data.get("switch")
    itself = switch == "engaged" and data.get("by") == BRAKE
    if data.get("scope") != ALL or not (itself or switch == "released"):
        return None
    order = int(month.replace("-", "")) * MONTH + int(data["seq"])
    title, reason = str(data.get("title", "")), str(data.get("reason", ""))
    return Asking(EVERYTHING, order, Level.PAGE if itself else None, title, reason)


def _about(data: Data, level: Level | None) -> Asking:
    title, reason, draft = (str(data.get(name, "")) for name in ("title", "reason", "postmortem"))
    return Asking(str(data["incident_id"]), int(data["seq"]), level, title, reason, draft)


def _by_severity(data: Data) -> Level:
    return Level.PAGE if Severity(data["severity"]) in WAKES else Level.TICKET


_READ: Mapping[str, Callable[[Data], Asking | None]] = {
    "Decision Made": _decided,
    "Approval Requested": _asked,
    "Approval Answered": _answered,
    "Incident Closed": _closed,
    "Control Changed": _switched,
}
"""By the type of the announcement."""
