"""The demo: a bad release goes out, its alarm fires, and the suite repairs it while you watch."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cli.account import Account
from cli.audit import Checked, check
from cli.errors import Unavailable
from cli.estate import Estate, Traffic
from cli.incidents import Told, every, one
from edsr.model import Kind, State
from edsr.ports import utc_now
from edsr.timeline import timeline
from edsr.times import parse

PATIENCE = 180
"""Seconds that the demo waits for the remediation to end."""

_LAST = (Kind.CLOSE, Kind.DECISION, Kind.SUPPRESSED)
"""Kinds of record after which nothing more comes."""

Tell = Callable[[str, str], None]
"""`(what, why)`: how the demo says what happens while it happens."""


@dataclass(frozen=True)
class Shown:
    """What the demo came to."""

    told: Told
    checked: Checked
    version: str
    served: int
    failed: int

    def summary(self, differences: list[dict[str, Any]]) -> dict[str, Any]:
        """The demo's figures, for --json."""
        state = self.told.incident.state
        return {
            "incidents": 1,
            "remediated": int(state is State.RESOLVED),
            "reverted": int(state is State.REVERTED),
            "escalated": int(state is State.ESCALATED),
            "time_to_detect_s": self.seconds_to_detect,
            "time_to_remediate_s": self.seconds_to_remediate,
            "audit": {"records": self.checked.records, "intact": self.checked.intact},
            "differences": differences,
        }

    @property
    def last_words(self) -> str:
        """What it came to, in a line."""
        state, body = self.told.incident.state, self.told.records[-1].body
        chain = f"audit chain of {self.checked.records} records " + ("intact" if self.checked.intact else "NOT intact")
        if state is State.RESOLVED:
            return f"1 incident, 1 remediated, verified in {self.seconds_to_remediate:.0f} s; {chain}"
        rows = body.get("decision", {}).get("rows", [])
        why = body.get("reason") or "; ".join(row["reason"] for row in rows if not row["allowed"])
        return f"1 incident, 0 remediated: {state.value.lower()}, since {why}; {chain}"

    @property
    def seconds_to_detect(self) -> float:
        """From the alarm's own transition to the finding."""
        finding = self.told.incident.finding
        return round((finding.detected_at - finding.observed_at).total_seconds(), 3)

    @property
    def seconds_to_remediate(self) -> float:
        """From the finding to the verified end."""
        end = parse(self.told.records[-1].ts)
        return round((end - self.told.incident.finding.detected_at).total_seconds(), 3)

    @property
    def remediated(self) -> bool:
        """Whether the bad release is gone, verified, and every word of it stands."""
        return self.told.incident.state is State.RESOLVED and self.checked.intact


def run(account: Account, tell: Tell) -> Shown:
    """Make the estate, ship the bad release, and watch until its incident has ended."""
    estate = Estate(account.client)
    tell("estate", f"a function {estate.function} with two releases, its customers, and the alarm {estate.alarm_name}")
    estate.make()
    with Traffic(account.client("lambda"), estate.function) as traffic:
        estate.wait_for_alarm("OK", 60)
        tell("healthy", f"version {estate.version()} is live and its alarm is OK")
        began = utc_now()
        estate.release()
        tell("release", f"version {estate.version()} goes out; it fails every call")
        estate.wait_for_alarm("ALARM", 60)
        tell("alarm", f"{estate.alarm_name} is in ALARM; from here on nobody touches anything")
        told = _watch(account, began, tell)
        if told.incident.state is State.RESOLVED:
            estate.wait_for_alarm("OK", 60)
        checked = _settled(account)
    return Shown(told, checked, estate.version(), traffic.served, traffic.failed)


def _watch(account: Account, began: datetime, tell: Tell) -> Told:
    """Tell each moment as its record appears, until the incident has ended."""
    until = time.monotonic() + PATIENCE
    seen = 0
    while time.monotonic() < until:
        time.sleep(0.2)
        ours = [incident for incident in every(account) if incident.finding.observed_at >= began]
        if not ours:
            continue
        told = one(account, ours[0].id)
        moments = [entry.moment for entry in timeline(told.records)]
        for moment in moments[seen:]:
            tell(moment.what, moment.why)
        seen = len(moments)
        if told.ended and told.records[-1].kind in _LAST:
            return told
    raise Unavailable(f"no incident ended within {PATIENCE} s; `edsr incidents list` shows how far it came")


def _settled(account: Account, seconds: float = 20) -> Checked:
    """The audit's check, once the stream has carried the incident's last record into the export."""
    until = time.monotonic() + seconds
    while (checked := check(account)).exported < checked.records and time.monotonic() < until:
        time.sleep(0.2)
    if checked.exported < checked.records:
        raise Unavailable(
            f"only {checked.exported} of {checked.records} audit records were exported in {seconds:.0f} s"
        )
    return checked
