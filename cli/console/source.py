"""Where the console's pages have their facts from: what the commands read, each chain once for as long as it stands."""

from collections.abc import Callable
from datetime import datetime
from threading import Lock
from typing import Any, NamedTuple

from cli import approvals, incidents, switch
from cli.account import Account
from cli.incidents import Told
from edsr.audit import Head
from edsr.indicators.labels import Label
from edsr.model import OPEN, AuditRecord, State
from edsr.ports import Clock
from edsr.protocol import keys
from edsr.protocol.approval import Answer, Asking
from edsr.protocol.case import Case
from edsr.protocol.incident import Incident
from edsr.timeline import Entry, timeline
from edsr.times import parse_epoch

REMEMBERED = 1000
"""So many chains are kept; what is under way is read again as soon as its head has moved."""


class Line(NamedTuple):
    """An incident in the list as of `now`, and its timeline."""

    incident: Incident
    now: datetime
    entries: list[Entry]

    @property
    def ago(self) -> str:
        """How long ago it was seen."""
        return ago(self.now, self.incident.finding.detected_at)

    @property
    def took(self) -> str:
        """How long it took from its event to its last record, or how long it goes on."""
        if self.open:
            return f"{span((self.now - self.incident.finding.observed_at).total_seconds())} so far"
        return f"{sum(entry.after_s for entry in self.entries):.1f} s"

    @property
    def open(self) -> bool:
        """Whether it has not ended."""
        return self.incident.state in OPEN


class Question(NamedTuple):
    """What a person is asked about an incident, and how much time is left."""

    case: Case
    asking: Asking
    until: datetime
    left: str

    @property
    def pending(self) -> bool:
        """Whether an answer still counts."""
        return self.asking.st is Answer.PENDING and self.case.incident.state is State.ASKED


class Source:
    """Reads an account, whose sandbox may come and go: Unavailable says how to start one."""

    def __init__(self, account: Callable[[], Account], clock: Clock) -> None:
        self._account, self.clock = account, clock
        self._chains: dict[tuple[str, Head], tuple[AuditRecord, ...]] = {}
        self._lock = Lock()

    @property
    def account(self) -> Account:
        """The sandbox that runs now."""
        return self._account()

    def lines(self, found: list[Incident]) -> list[Line]:
        """Incidents as the list shows them."""
        now = self.clock()
        return [Line(one, now, timeline(self._chain(one))) for one in found]

    def told(self, incident_id: str) -> Told:
        """One incident with its records; Unavailable when there is none with this id."""
        return incidents.one(self.account, incident_id)

    def question(self, incident: Incident) -> Question | None:
        """What is asked about an incident, or was; None when nobody was asked."""
        if not incident.asked:
            return None
        case, asking = approvals.one(self.account, incident.id)
        until = parse_epoch(asking.expires_at)
        return Question(case, asking, until, span((until - self.clock()).total_seconds()))

    def label(self, incident: Incident) -> Label:
        """What an operator says that an incident was."""
        key = keys.label(incident.id)
        return Label(self.account.store.read([key]).get(key, {}).get("label", Label.UNCLEAR))

    def stopped(self) -> dict[str, Any]:
        """What the kill switch stops."""
        return switch.stopped(self.account)

    def _chain(self, incident: Incident) -> tuple[AuditRecord, ...]:
        key = (incident.id, Head(*incident.head))
        with self._lock:
            known = self._chains.get(key)
        if known is not None:
            return known
        records = self.told(incident.id).records
        with self._lock:
            while len(self._chains) >= REMEMBERED:
                self._chains.pop(next(iter(self._chains)))
            self._chains[key] = records
        return records


def ago(now: datetime, at: datetime) -> str:
    """`just now`, `5 min ago`, `2 h ago`."""
    seconds = (now - at).total_seconds()
    return "just now" if seconds < 10 else f"{span(seconds)} ago"


def span(seconds: float) -> str:
    """`45 s`, `12 min`, `3 h`, `2 d`: in the largest unit of which there is one, for no second of it matters."""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"
