"""What was found about a subject lately: each finding once, however often it comes."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from edsr.model import Finding
from edsr.policy import Policy
from edsr.ports import Item, Write
from edsr.protocol import keys
from edsr.times import epoch


class Confirming(NamedTuple):
    """The latest findings of a policy about a subject, by id, with the second at which each was observed."""

    seen: Mapping[str, int] = {}
    ver: int = 0

    def within(self, span: timedelta, at: datetime) -> dict[str, int]:
        """Those that still count."""
        since = epoch(at - span)
        return {name: when for name, when in self.seen.items() if when > since}


def confirming(item: Item | None) -> Confirming:
    """As its item has it; what is not there was never found."""
    return Confirming(item["seen"], item["ver"]) if item else Confirming()


def confirm(found: Finding, policy: Policy, stands: Confirming, at: datetime) -> list[Write]:
    """The write that counts a finding, where the policy waits for several; none for one that is counted already.

    It holds only while nobody else has counted: two that come at once are both counted, and one is decided anew.
    """
    said = policy.safeguards.confirmations
    if said.count == 1 or found.id in stands.seen:
        return []
    latest = sorted(stands.within(said.within, at).items(), key=lambda one: one[1])[1 - said.count :]
    values: Item = {
        ":seen": {**dict(latest), found.id: epoch(found.observed_at)},
        ":next": stands.ver + 1,
        ":ttl": epoch(at + said.within + timedelta(days=1)),
    }
    return [
        Write(
            "CNF",
            "Update",
            keys.confirming(policy.id, found.subject.arn),
            "#ver = :ver" if stands.ver else "attribute_not_exists(#pk)",
            "SET #seen = :seen, #ver = :next, #ttl = :ttl",
            values={**values, ":ver": stands.ver} if stands.ver else values,
        )
    ]
