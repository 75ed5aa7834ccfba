"""sequence: one event after another, about the same thing, by the events' own time and in whatever order they come.

Every event is noted in a bucket as wide as the window, and whoever notes one reads the neighbours after its own write:
of two that come at once, at least one sees both. The last event of a sequence is noted with its finding, so that one
that was to come before and arrives later completes it. It may be completed again and again: it has one id.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from edsr.model import Finding
from edsr.policy.techniques import By, Sequence
from edsr.ports import Item
from edsr.protocol import keys
from edsr.technique.notes import Entry, Notes, kept_until, milliseconds, moment, named
from edsr.technique.retold import Told, retold
from edsr.times import duration_text, iso

MOST, MOST_LAST = 32, 16
"""Events of a step that are noted in one bucket; a last one is noted with its finding, which may be 10 KB."""

TITLE = 128


class _Seen(NamedTuple):
    """An event as it was noted: which step it is, its identity, when it was, and what."""

    step: int
    identity: str
    at: int
    note: Mapping[str, Any]


def sequence(found: Finding, said: Sequence, step: int, notes: Notes, now: datetime) -> Told:
    """Note an event as a step, counted from 0; findings for the last events whose sequence is whole.

    Raises Transient.
    """
    about = _about(found, said.by)
    if not about:
        return Told(why=f"its {said.by} is not known, so nothing follows from it")
    width, at = int(said.within.total_seconds() * 1000), milliseconds(found.observed_at)
    buckets = [keys.sequenced(found.policy, said.by, about, at // width + near) for near in (-1, 0, 1)]
    me = named("", "|".join([found.subject.arn, found.condition, found.episode]))
    last = len(said.after)
    entry = Entry(
        f"{step}-{me}",
        {"at": at, **({"finding": found.model_dump_json()} if step == last else {"what": found.title[:TITLE]})},
        f"n{step}",
        MOST_LAST if step == last else MOST,
        kept_until(found.observed_at + said.within, now),
    )
    own = notes.enter(buckets[1], entry)
    read = notes.read([buckets[0], buckets[2]])
    seen = [one for item in (own, *read.values()) for one in _seen(item)]
    near = [one for one in seen if one.step == last and 0 <= one.at - at <= width]
    ends = [one for one in near if one.identity == me] if step == last else near
    chains = [(end, chain) for end in ends if (chain := _chain(end, seen, width))]
    told = tuple(_told(end, chain, said) for end, chain in chains)
    return Told(told) if told else Told(why=_why(entry, own, step, last))


def _about(found: Finding, by: By) -> str:
    principal = found.evidence.get("by", "")
    said = {"subject": found.subject.arn, "service": found.subject.service, "principal": principal}[by]
    return said if isinstance(said, str) else ""


def _seen(item: Item) -> Iterable[_Seen]:
    for name, note in item.items():
        step, dash, identity = name.partition("-")
        if dash:
            yield _Seen(int(step), identity, note["at"], note)


def _chain(end: _Seen, seen: list[_Seen], width: int) -> list[_Seen]:
    """The latest events that lead to a last one, first things first; empty when a step is missing. One event is one
    step, and of several at one time that comes last which could not also be an earlier one."""
    also = {(one.step, one.identity) for one in seen}
    chain = [end]
    for step in reversed(range(end.step)):
        used = {one.identity for one in chain}
        fitting = [
            one
            for one in seen
            if one.step == step and one.identity not in used and end.at - width <= one.at <= chain[0].at
        ]
        if not fitting:
            return []
        chain.insert(0, max(fitting, key=lambda one: (one.at, (one.step - 1, one.identity) not in also, one.identity)))
    return chain


def _told(end: _Seen, chain: list[_Seen], said: Sequence) -> Finding:
    found = Finding.model_validate_json(end.note["finding"])
    before = [f"{iso(moment(one.at))} {one.note['what']}" for one in chain[:-1]]
    title = f"{found.title}, {duration_text(said.within)} at most after {chain[0].note['what']}"
    return retold(found, {"after": before}, title=title)


def _why(entry: Entry, own: Item, step: int, last: int) -> str:
    if entry.name not in own:
        return f"{entry.most} events of step {step + 1} are noted in its window, and no more are"
    return "what has to come before it is not all there" if step == last else f"noted as step {step + 1} of {last + 1}"
