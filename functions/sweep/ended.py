"""What has ended though the bus said nothing: the trouble of open incidents that nothing was done about yet."""

from collections.abc import Collection, Iterator
from typing import Any

from edsr.model import Finding
from edsr.ports import Store
from edsr.protocol import keys
from edsr.protocol.incident import Incident
from edsr.protocol.recovering import UNBEGUN
from edsr.recovery import began
from edsr.serve import Runtime
from edsr.settings import Tables
from edsr.times import epoch, parse
from sweep.ask import Ask
from sweep.handed import AT_ONCE, Rule, Seen

EVER = 1 << 40
"""A second that is after all: of the index of open incidents, all of it."""


def ended(poll: Any, policies: Collection[str], store: Store, ask: Ask, runtime: Runtime[Tables]) -> Iterator[Seen]:
    """What a poll finds to be over, as the event of its end, for the policy whose incident waits. What has begun is
    left to its probes, and a poll that knows no ends is not asked."""
    if not hasattr(poll, "over"):
        return
    found = [one for one in _waiting(store, runtime) if one.policy in policies]
    for finding, event in poll.over(ask, found) if found else ():
        since = epoch(parse(event["time"]))
        if since >= epoch(began(finding)):
            yield Seen(Rule(finding.policy), event, since)


def _waiting(store: Store, runtime: Runtime[Tables]) -> Iterator[Finding]:
    """The findings of the incidents that may still end by themselves."""
    ids = [one for shard in keys.OPEN_INDEX for one in store.due(shard, EVER)]
    for begin in range(0, len(ids), AT_ONCE):
        for key, item in store.read([keys.incident(one) for one in ids[begin : begin + AT_ONCE]]).items():
            try:
                incident = Incident.of(item)
            except (KeyError, ValueError) as exc:  # another version wrote it, and this cannot read it
                runtime.log.warning("not looked at", extra={"incident": key.pk, "reason": str(exc)})
                continue
            if incident.state in UNBEGUN:
                yield incident.finding
