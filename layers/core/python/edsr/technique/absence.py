"""absence: what is expected again and again about a subject, and did not come within its time.

One item holds when a subject was heard of last, by the producer's clock; an event that is not newer changes nothing, so
copies, late ones and disorder do not either. From the first one on the next is expected. The item stands in the index
of what is to be looked at, under the time at which it is overdue; the sweep finds it there. What stays silent is one
episode, named by the first time that was missed.
"""

from datetime import datetime, timedelta
from typing import Any

from edsr.model import Finding, Subject, finding
from edsr.policy import Policy
from edsr.policy.techniques import Absence
from edsr.ports import Item
from edsr.protocol import keys
from edsr.recovery import Recovery
from edsr.technique.notes import Notes, milliseconds, moment
from edsr.technique.retold import Told
from edsr.times import duration_text, epoch, iso

EARLY = timedelta(minutes=15)
"""How far ahead of ours a clock is believed: what is heard of tomorrow would hide that nothing comes today."""

KEPT = timedelta(days=400)
"""So long after the next was expected a subject is remembered."""

INSTANT = timedelta(milliseconds=1)


def heard(found: Finding, policy: Policy, said: Absence, notes: Notes, now: datetime) -> Told:
    """Note that what is expected came; with what is over by it, when it had been missed. Raises Transient."""
    if found.observed_at > now + EARLY:
        return Told(why=f"ignored: it is of {iso(found.observed_at)}, which is yet to come")
    before = notes.newest(keys.absent(policy.id, found.subject.arn), awaited(found.subject, policy, found.observed_at))
    due = iso(found.observed_at + said.every)
    if before is None:
        return Told(why="what was heard of it is as new")
    if "told" not in before:
        return Told(why=f"it came; the next is expected by {due}")
    missed = moment(before["at"]) + said.every
    over = Recovery(
        policy=policy.id,
        source=found.source,
        subject=found.subject,
        condition=found.condition,
        observed_at=max(found.observed_at, missed + INSTANT),
        detected_at=now,
    )
    return Told(why=f"it came again; the next is expected by {due}", over=over)


def awaited(subject: Subject, policy: Policy, at: datetime, *, heard_of: bool = True) -> Item:
    """The item of a subject that was heard of at a time, or is expected from then on."""
    said = absence_of(policy)
    return {
        "at": milliseconds(at),
        "subject": subject.model_dump(exclude_none=True),
        "heard": heard_of,
        "open": keys.absences(policy.id),
        "next_check_at": epoch(overdue_at(said, at)),
        "ttl": epoch(overdue_at(said, at) + KEPT),
    }


def absence_of(policy: Policy) -> Absence:
    """How the policy says that it waits; ValueError for one that does not."""
    if policy.detect.absence is None:
        raise ValueError(f"policy {policy.id} waits for nothing")
    return policy.detect.absence


def overdue_at(said: Absence, last: datetime) -> datetime:
    """When what was heard of last is overdue."""
    return last + said.every + (said.grace or timedelta())


def condition(said: Absence) -> str:
    """What is wrong, in the same words each time."""
    return f"expected every {duration_text(said.every)}"


def overdue(policy: Policy, item: Item, now: datetime) -> Finding | None:
    """The finding about what did not come in time; None while it still may. It was just seen to be missing, so it is as
    fresh as the look."""
    said, last = absence_of(policy), moment(item["at"])
    if now < overdue_at(said, last):
        return None
    subject = Subject.model_validate(item["subject"])
    seen = f"last seen {iso(last)}" if item["heard"] else f"never seen since {iso(last)}"
    evidence: dict[str, Any] = {"expected": iso(last + said.every), "every": duration_text(said.every)}
    return finding(
        policy=policy.id,
        source=policy.detect.source,
        subject=subject.model_dump(),
        condition=condition(said),
        episode=iso(last + said.every),
        observed_at=now,
        detected_at=now,
        severity=policy.detect.severity,
        title=f"{subject.arn.split(':', 5)[-1]}: {condition(said)}, {seen}"[:512],
        evidence={**evidence, "last": iso(last) if item["heard"] else "never"},
    )
