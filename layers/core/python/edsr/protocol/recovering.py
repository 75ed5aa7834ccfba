"""What recovered by itself: noted, so that what began before is not begun; ended, where nothing was done yet."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from edsr.model import Finding, Kind, State
from edsr.ports import Item, Write
from edsr.protocol import keys
from edsr.protocol.case import Case
from edsr.protocol.ending import Ending, last_words
from edsr.protocol.incident import Incident, Move, advance
from edsr.recovery import Recovery, after, began
from edsr.times import epoch, iso, parse

KEPT = timedelta(days=1)
"""Of what is older than a quarter of an hour no finding is acted on."""

MOST = 16
"""Conditions of a subject whose last end is remembered."""

UNBEGUN = (State.DECIDED, State.PLANNED, State.ASKED, State.APPROVED)
"""Where an incident stands before anything was intended."""

TOLD = (State.OBSERVED, State.ESCALATED)
BY_ITSELF = "recovered by itself"


class Recovered(NamedTuple):
    """What has ended on a subject for a policy lately, each as `condition`, what ended with it as `also`, `same` and
    `at`; `ver` of its item."""

    over: tuple[dict[str, Any], ...] = ()
    ver: int = 0

    def of(self, found: Finding) -> int | None:
        """The second at which what a finding tells of was over; None when it is not."""
        ends = [
            at
            for one in self.over
            if after(found, (one["condition"], *one.get("also", ())), one["same"], at := parse(one["at"]))
        ]
        return max(map(epoch, ends), default=None)


def recovered(item: Item | None) -> Recovered:
    """As its item has it; what is not there never ended."""
    return Recovered(tuple(item["over"]), item["ver"]) if item else Recovered()


def note(recovery: Recovery, stands: Recovered, at: datetime) -> list[Write]:
    """The write that remembers an end; none for one that is known, or older than the one that is."""
    said: dict[str, Any] = {"condition": recovery.condition, "same": dict(recovery.same)}
    said |= {"at": iso(recovery.observed_at), **({"also": list(recovery.also)} if recovery.also else {})}
    alike = [one for one in stands.over if (one["condition"], one["same"]) == (said["condition"], said["same"])]
    if any(one["at"] >= said["at"] for one in alike):
        return []
    others = [one for one in stands.over if one not in alike]
    over = sorted([*others, said], key=lambda one: str(one["at"]))[-MOST:]
    item: Item = {"over": over, "ver": stands.ver + 1, "ttl": epoch(at + KEPT)}
    key = keys.recovered(recovery.policy, recovery.subject.arn)
    if stands.ver:
        return [Write("RCV", "Put", key, "#ver = :ver", item=item, values={":ver": stands.ver})]
    return [Write("RCV", "Put", key, "attribute_not_exists(#pk)", item=item)]


def unchanged(found: Finding, stands: Recovered) -> Write:
    """The condition under which a finding is begun: nothing has ended on its subject since that was read."""
    key = keys.recovered(found.policy, found.subject.arn)
    if stands.ver:
        return Write("RCV", "Check", key, "#ver = :ver", values={":ver": stands.ver})
    return Write("RCV", "Check", key, "attribute_not_exists(#pk)")


def judge(recovery: Recovery, case: Case) -> Ending | None:
    """How an incident ends that nothing was done for; None for another, and for one that has begun: its probes say."""
    incident = case.incident
    if incident.state not in UNBEGUN or not recovery.ends(incident.finding):
        return None
    return Ending(State.ABORTED, _why(recovery, incident), [], recovered=True)


def tell(recovery: Recovery, item: Item, at: datetime) -> list[Write]:
    """The writes that say so in the chain of an incident that was only told of; none when it is another, or was said
    before."""
    incident = Incident.of(item)
    if incident.state not in TOLD or "recovered" in item or not recovery.ends(incident.finding):
        return []
    ending = Ending(incident.state, _why(recovery, incident), [], recovered=True)
    move = Move(
        incident.state,
        Kind.CLOSE,
        last_words(incident.brief, ending, at),
        actor="decide",
        at=at,
        when=(incident.state,),
        also="#recovered = :over",
        condition="attribute_not_exists(#recovered)",
        values={":over": iso(recovery.observed_at)},
    )
    return advance(incident.brief, incident.head, move)[0]


def _why(recovery: Recovery, incident: Incident) -> str:
    took = int((recovery.observed_at - began(incident.finding)).total_seconds())
    return f"{BY_ITSELF} at {iso(recovery.observed_at)}, {took} s after it began"
