"""What a policy last told of a subject without acting, so that an alarm that flaps is told of once."""

from datetime import datetime, timedelta
from typing import NamedTuple

from edsr.model import Decision, DecisionVerdict, Finding, Mode
from edsr.policy import Policy
from edsr.ports import Item, Write
from edsr.protocol import keys
from edsr.protocol.admission import CLAIM_KEPT
from edsr.times import epoch

AHEAD = 60
"""Seconds that a source's clock may be ahead of ours; what is further ahead would hide what comes until then."""

LIVE = ("event", "sweep")


class Observed(NamedTuple):
    """The incident that was observed or escalated last, and the second at which its finding was observed."""

    incident: str = ""
    at: int = 0
    escalated: bool = False

    def repeated(self, found: Finding, cooldown: timedelta) -> bool:
        """Whether a finding repeats it: its own time, not when it arrived, is within a cooldown before or after."""
        near = abs(epoch(found.observed_at) - self.at) < cooldown.total_seconds()
        return bool(self.incident) and near and found.origin in LIVE


def observed(item: Item | None) -> Observed:
    """As its item has it; what is not there was never observed."""
    return Observed(item["inc_id"], item["at"], item.get("escalated", False)) if item else Observed()


def observe(found: Finding, decision: Decision, policy: Policy, stands: Observed, at: datetime) -> list[Write]:
    """The write that lets a finding stand for its repeats when a person is told of it, or its policy only observes;
    none where the policy acts or asks, nor for an older finding than the one that stands. Of two that come at once it
    holds for one, and the other is decided anew."""
    seen, escalated = epoch(found.observed_at), decision.verdict is DecisionVerdict.ESCALATE
    watched = decision.verdict is DecisionVerdict.OBSERVE and decision.mode is Mode.OBSERVE
    told = (escalated or watched) and found.origin in LIVE
    if not told or seen > epoch(at) + AHEAD or (stands.incident and seen <= stands.at):
        return []
    item: Item = {
        "inc_id": found.incident_id,
        "at": seen,
        "escalated": escalated,
        "ttl": epoch(at + policy.safeguards.cooldown + CLAIM_KEPT),
    }
    key = keys.observed(policy.id, found.subject.arn)
    if stands.incident:
        return [Write("OBS", "Put", key, "#at = :at", item=item, values={":at": stands.at})]
    return [Write("OBS", "Put", key, "attribute_not_exists(#pk)", item=item)]
