"""What came of a day on which everything went as it should: tests change one thing of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from cli.gameday.evidence import Evidence
from cli.gameday.place import Page, Seen
from cli.gameday.scenario import Scenario
from cli.gameday.wire import Call
from cli.incidents import Told
from edsr.model import AuditRecord, Kind, State
from edsr.timeline import Moment
from tests.things import AT, a_finding, an_incident

MOVED = Seen(AT, Call("lambda", "UpdateAlias", "edsr-act-shift-alias"), 200, 0.02)
ROWS = [{"gate": "mode", "allowed": True, "observed": "automatic", "limit": None, "reason": "it may act"}]
REFUSED = {"gate": "cooldown", "allowed": False, "observed": 3, "limit": 900, "reason": "repaired a moment ago"}


def chain(*said: tuple[Kind, dict[str, Any]]) -> tuple[AuditRecord, ...]:
    """Records in order, each a second after the one before."""
    found: list[AuditRecord] = []
    for number, (kind, body) in enumerate(said, 1):
        made = {"incident_id": an_incident().id, "seq": number, "kind": kind, "body": body, "actor": "x"}
        at = (AT + timedelta(seconds=number)).isoformat().replace("+00:00", "Z")
        found.append(AuditRecord.model_validate({**made, "ts": at, "mode": "automatic", "prev": "p", "hash": "h" * 64}))
    return tuple(found)


def decision(verdict: str = "act", rows: list[dict[str, Any]] = ROWS) -> tuple[Kind, dict[str, Any]]:
    """What was decided."""
    found = a_finding().model_dump(mode="json")
    return Kind.DECISION, {"finding": found, "decision": {"verdict": verdict, "rows": rows, "policy": "p"}}


OUTCOME = (
    Kind.OUTCOME,
    {
        "direction": "apply",
        "status": "DONE",
        "action": "shift-alias",
        "target": "arn:aws:lambda:us-east-1:000000000000:function:checkout:live",
        "before": {"version": "2"},
        "after": {"version": "1"},
    },
)
CLOSE = (Kind.CLOSE, {"state": "RESOLVED", "reason": "all <steps> are better", "verdicts": []})


def sound(**changes: Any) -> Evidence:
    """One incident, one change, no page."""
    told = Told(an_incident(state=State.RESOLVED), chain(decision(), OUTCOME, CLOSE))
    found = Evidence(
        began=AT,
        told=(told,),
        effects=(MOVED,),
        pages=(),
        flaws=(),
        records=3,
        exported=3,
        looks=(),
        figures=(),
        compared=(),
        moments=(Moment(AT - timedelta(minutes=1), "a release goes out", "release"),),
        faults={},
        watched=True,
    )
    return replace(found, **changes)


def a_page(text: str = "somebody has to look") -> Page:
    """A page."""
    return Page(AT, text)


def a_day(**changes: Any) -> Scenario:
    """A day that expects just that."""
    expect = {
        "incidents": [{"policy": "lambda-canary-rollback", "states": ["RESOLVED"], "verdict": "act"}],
        "effects": {"lambda:UpdateAlias": 1},
        "pages": 0,
    }
    said = {
        "id": "a-day",
        "title": "A <b>day</b>",
        "covers": ["F1"],
        "modes": {"lambda-canary-rollback": "automatic"},
        "estate": [],
        "timeline": [{"do": "pause", "seconds": 1}],
        "expect": expect | changes,
    }
    return Scenario.model_validate(said)
