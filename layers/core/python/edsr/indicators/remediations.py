"""What became of a remediation, told from its incident's chain alone."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from edsr.model import AuditRecord, Direction, Judged, Kind, State, Status
from edsr.times import parse

WELL = (Status.DONE, Status.RECOVERED, Status.NOOP, Status.GONE)
"""How a step may have ended for the remediation to have done what it was for."""

CHANGED = (Status.DONE, Status.RECOVERED)
"""How a step ended that changed something."""


class Remediation(NamedTuple):
    """A remediation that acted, at its first end: a temporary measure that helped counts when it is taken.

    It `succeeded` when every step was done and judged better, and is `partial` when it counts as resolved without
    that; `worse` says that a probe measured so, or that it showed later. `asked` says that people were, `waited_s` how
    long their answers took, `took_s` how long all of it did, from the finding on.
    """

    state: State
    succeeded: bool
    partial: bool
    worse: bool
    changed: bool
    asked: bool
    took_s: float
    waited_s: float


def remediation(chain: Sequence[AuditRecord]) -> Remediation | None:
    """Told from an incident's records in order; None for one that has not acted, or has not ended."""
    told = list(_until_closed(chain))
    acted = [record for record in told if record.kind is Kind.INTENT and record.body["direction"] == Direction.APPLY]
    if not acted or told[-1].kind is not Kind.CLOSE:
        return None
    close = told[-1].body
    state, took = State(close["state"]), timedelta(milliseconds=close["took_ms"])
    statuses = [Status(record.body["status"]) for record in outcomes(told)]
    judged = _judged(told)
    steps = {record.body["step"] for record in acted}
    known = steps <= {record.body["step"] for record in outcomes(told)} and steps <= set(judged)
    whole = known and all(status in WELL for status in statuses) and set(judged.values()) == {Judged.BETTER}
    waits = answered(told)
    helped = state in (State.RESOLVED, State.HOLDING)
    return Remediation(
        state,
        succeeded=helped and whole,
        partial=helped and not whole,
        worse=Judged.WORSE in judged.values() or any("harm" in record.body for record in chain),
        changed=any(status in CHANGED for status in statuses),
        asked=any(record.kind is Kind.APPROVAL for record in told),
        took_s=took.total_seconds(),
        waited_s=sum(waits),
    )


def outcomes(chain: Iterable[AuditRecord], direction: Direction = Direction.APPLY) -> list[AuditRecord]:
    """The records of what came of steps in a direction."""
    return [record for record in chain if record.kind is Kind.OUTCOME and record.body["direction"] == direction]


def answered(chain: Sequence[AuditRecord]) -> list[float]:
    """How many seconds passed from each asking to what ended it: an answer that was enough, or nobody's."""
    asked: dict[int, AuditRecord] = {}
    waits: list[float] = []
    for record in chain:
        if record.kind is Kind.APPROVAL and "answer" not in record.body:
            asked[record.body["asked"]] = record
        elif record.kind is Kind.APPROVAL and record.body["complete"] and record.body["asked"] in asked:
            since = parse(asked.pop(record.body["asked"]).ts)
            waits.append((parse(record.ts) - since).total_seconds())
    return waits


def _until_closed(chain: Iterable[AuditRecord]) -> Iterator[AuditRecord]:
    for record in chain:
        yield record
        if record.kind is Kind.CLOSE:
            return


def _judged(chain: Iterable[AuditRecord]) -> dict[int, str]:
    """The last judgement of each step that was done, by its number; undoing is judged apart."""
    last: dict[int, str] = {}
    for record in chain:
        for verdict in record.body.get("verdicts", []) if record.kind in (Kind.INTENT, Kind.CLOSE) else []:
            if _is_of_a_step(verdict) and verdict["judged"] != Judged.PENDING:
                last[verdict["step"]] = verdict["judged"]
    return last


def _is_of_a_step(verdict: dict[str, Any]) -> bool:
    return "judged" in verdict and verdict.get("direction", Direction.APPLY) == Direction.APPLY
