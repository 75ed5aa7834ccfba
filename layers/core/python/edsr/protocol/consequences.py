"""What an incident's end does to more than itself: its policy's breaker, latches, and the switch for all."""

from collections.abc import Iterable
from datetime import datetime

from edsr.ports import Item, Key, Store, Write
from edsr.protocol import keys
from edsr.protocol.breaker import COMMON_CAUSE, Count, count, regressed
from edsr.protocol.brief import Brief
from edsr.protocol.case import Case
from edsr.protocol.control_chain import append, heads
from edsr.protocol.controls import ALL, SWITCHES, Engaged, engaged, engaging
from edsr.times import epoch

BRAKE = "edsr"
"""Who engages the kill switch when policies do harm."""


def consequences(store: Store, case: Case, what: Count, denied: Iterable[str], at: datetime) -> list[Write]:
    """The writes that go with an incident's end, of what stands there now."""
    brief, policy = case.incident.brief, case.incident.policy
    breaker = keys.breaker(brief.policy, brief.service)
    wanted = [breaker, keys.REGRESSIONS, *SWITCHES, *heads(at)] if what is Count.REGRESSION else [breaker]
    found = store.read(wanted)
    counted = count(brief, policy.safeguards.breaker, found.get(breaker), what, at)
    writes = [counted] if counted else []
    writes += [_latch(brief, action, at) for action in sorted(denied)]
    return writes + (_regression(brief, found, at) if what is Count.REGRESSION else [])


def common(policies: Iterable[str]) -> str:
    """Why everything is stopped when several policies do harm at a time."""
    return f"{' and '.join(policies)} made it worse within {COMMON_CAUSE}"


def _latch(brief: Brief, action: str, at: datetime) -> Write:
    """What was denied is not tried again in this account before a person has seen to it."""
    return Write(
        f"DENY {action}",
        "Update",
        keys.latch(action, brief.account),
        "",
        "SET #state = :open, #incident = :inc, #at = :now",
        values={":open": "open", ":inc": brief.id, ":now": epoch(at)},
    )


def _regression(brief: Brief, found: dict[Key, Item], at: datetime) -> list[Write]:
    """Remember it; two policies that do harm within the hour stop everything, and undoing goes on."""
    remembered, policies, _ = regressed(brief, found.get(keys.REGRESSIONS), at)
    if len(policies) < 2 or ALL in engaged(found):
        return [remembered]
    reason = common(policies)
    said = Engaged(BRAKE, reason, undo=True)
    change = engaging(found, ALL, said, at)
    told = {"title": f"everything is stopped: {reason}", "subject": ALL, "policy": brief.policy}
    body = {**change.body, **told, "runbook": brief.runbook, "incident": brief.id}
    return [remembered, *change.writes, *append(found, body, actor=BRAKE, at=at)]
