"""Storms: so many subjects of a service are unwell that one incident tells a person, and the others are observed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from edsr.model import Decision, DecisionVerdict
from edsr.policy import Policy
from edsr.ports import Item, Write
from edsr.protocol import keys
from edsr.protocol.brief import Brief
from edsr.times import epoch

BEGINS = "storm-begins"
"""The gate that refuses when a storm begins."""


class Weather(NamedTuple):
    """The subjects of a kind of a service about which something was found lately, by the second when; the incident
    that told a person of the storm there, and until when everything is only observed."""

    unwell: Mapping[str, int] = {}
    told: str = ""
    until: int = 0

    def stormy(self, incident: str, at: datetime) -> bool:
        """Whether a storm lasts that another incident told of."""
        return bool(self.told) and self.told != incident and self.until >= epoch(at)

    def found(self, subject: str, within: timedelta, at: datetime) -> int:
        """How many subjects something was found about within the span, this one included."""
        if not self.unwell:
            return 1
        since = epoch(at - within)
        return len({name for name, when in self.unwell.items() if when > since} | {subject})


def weather(unwell: Mapping[str, int], item: Item | None) -> Weather:
    """As the items have it; what is not there was calm."""
    return Weather(unwell, item["inc_id"], item["until"]) if item else Weather(unwell)


def open_storm(decision: Decision, policy: Policy, brief: Brief, at: datetime) -> list[Write]:
    """The write with which one incident, and no other, tells of a storm; none for a decision that does not."""
    begins = any(row.gate == BEGINS and not row.allowed for row in decision.rows)
    if decision.verdict is not DecisionVerdict.ESCALATE or not begins:
        return []
    return [tell(brief, policy, at)]


def tell(brief: Brief, policy: Policy, at: datetime) -> Write:
    """An incident tells a person of a storm, unless one lasts there: then another has."""
    until = epoch(at + policy.safeguards.storm.lasts)
    return Write(
        "STM",
        "Put",
        keys.storm(brief.service, brief.kind),
        "attribute_not_exists(#pk) OR #until < :now",
        item={"inc_id": brief.id, "until": until, "ttl": until + 86_400},
        values={":now": epoch(at)},
    )
