"""What policies wait for while recorded events pass: each is looked at when it is overdue, by the events' own time."""

from collections.abc import Iterator
from datetime import datetime
from heapq import heappop, heappush

from edsr.model import Finding
from edsr.policy import Policy
from edsr.ports import Key
from edsr.protocol import keys
from edsr.technique.absence import absence_of, overdue, overdue_at
from edsr.technique.notes import Memory


class Silences:
    """When to look; whether anything is missing the notes say."""

    def __init__(self) -> None:
        self._due: list[tuple[datetime, str, Key]] = []
        self._policies: dict[str, Policy] = {}

    def hear(self, policy: Policy, found: Finding) -> None:
        """Something came, so the next is waited for."""
        self._policies[policy.id] = policy
        at = overdue_at(absence_of(policy), found.observed_at)
        heappush(self._due, (at, policy.id, keys.absent(policy.id, found.subject.arn)))

    def until(self, at: datetime, notes: Memory) -> Iterator[tuple[Policy, Finding]]:
        """What was overdue by a time and is told of for the first time, in order."""
        while self._due and self._due[0][0] <= at:
            due, name, key = heappop(self._due)
            item, policy = notes.items.get(key, {}), self._policies[name]
            found = overdue(policy, item, due) if item and "told" not in item else None
            if found:
                item["told"] = found.id
                yield policy, found
