"""The circuit breaker of a policy on a service: what does no good there is stopped, and tried again with care."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from edsr.errors import Refused
from edsr.policy.safeguards import Breaker
from edsr.ports import Item, Write
from edsr.protocol import keys
from edsr.protocol.brief import Brief
from edsr.times import epoch

LONGEST = timedelta(hours=4)
SUCCESSES = 2
"""So many in a row close a half-open breaker."""

COMMON_CAUSE = timedelta(hours=1)
"""Two policies that regress within it are stopped by the same cause, and so is everything else."""


class Count(StrEnum):
    """What an incident's end says about its policy."""

    SUCCESS = "success"
    FAILURE = "failure"
    REGRESSION = "regression"
    NEUTRAL = "neutral"


def pass_breaker(brief: Brief, item: Item | None, at: datetime) -> Write:
    """The write that passes a breaker; Refused when it is open, or somebody else tries.

    Once its time is over, the first incident to come takes the half-open breaker for itself.
    """
    key = keys.breaker(brief.policy, brief.service)
    state = (item or {}).get("state", "closed")
    owner = (item or {}).get("probe_owner")
    if item is None or state == "closed" or owner == brief.id:
        return Write(
            "BRK",
            "Check",
            key,
            "attribute_not_exists(#pk) OR #state = :closed OR (#state = :half AND #probe_owner = :inc)",
            values={":closed": "closed", ":half": "half", ":inc": brief.id},
        )
    if reason := holds(brief.policy, brief.service, item, brief.id, at):
        raise Refused(reason)
    return Write(
        "BRK",
        "Update",
        key,
        "#state = :state AND #gen = :gen AND attribute_not_exists(#probe_owner)",
        "SET #state = :half, #gen = :next, #probe_owner = :inc, #successes = :successes",
        values={
            ":state": state,
            ":gen": item["gen"],
            ":half": "half",
            ":next": item["gen"] + 1,
            ":inc": brief.id,
            ":successes": item["successes"] if state == "half" else 0,
        },
    )


def holds(policy: str, service: str, item: Mapping[str, Any] | None, incident: str, at: datetime) -> str:
    """Why the breaker as it stands holds an incident back; nothing when it lets it pass."""
    stands = item or {}
    state, owner = stands.get("state", "closed"), stands.get("probe_owner")
    if state == "closed" or owner == incident:
        return ""
    which = f"the breaker of {policy} on {service}"
    if state == "open" and stands["reopen_at"] >= epoch(at):
        return f"{which} is open: it did no good there; one may try in {stands['reopen_at'] - epoch(at)} s"
    return f"{which} is half open, and {owner} is trying" if owner else ""


def count(brief: Brief, said: Breaker, item: Item | None, what: Count, at: datetime) -> Write | None:
    """What an incident's end does to the breaker; None when nothing changes.

    Trips that happen at once are one: an open breaker is not opened again.
    """
    stands = {"state": "closed", "gen": 0, "fails": 0, "successes": 0, "cooldown": 0, **(item or {})}
    changed = _counted(brief, said, stands, what)
    if changed is None:
        return None
    made = {name: stands[name] for name in ("state", "fails", "successes", "cooldown")} | changed
    if made["state"] == "open":
        made["reopen_at"] = epoch(at) + made["cooldown"]
    return Write(
        "BRK",
        "Put",
        keys.breaker(brief.policy, brief.service),
        "#gen = :gen" if item else "attribute_not_exists(#pk)",
        item={**made, "gen": stands["gen"] + 1},
        values={":gen": stands["gen"]} if item else None,
    )


def _counted(brief: Brief, said: Breaker, stands: Mapping[str, Any], what: Count) -> dict[str, Any] | None:
    owned = stands["state"] == "half" and stands.get("probe_owner") == brief.id
    if what in (Count.FAILURE, Count.REGRESSION):
        return _failed(said, stands, what, owned=owned)
    if owned:
        successes = stands["successes"] + (what is Count.SUCCESS)
        closed = {"state": "closed", "fails": 0, "successes": 0, "cooldown": 0}
        return closed if successes >= SUCCESSES else {"successes": successes}
    if what is Count.SUCCESS and stands["state"] == "closed" and stands["fails"]:
        return {"fails": 0}
    return None


def _failed(said: Breaker, stands: Mapping[str, Any], what: Count, *, owned: bool) -> dict[str, Any] | None:
    if stands["state"] == "open":
        return None
    fails = stands["fails"] + 1
    if stands["state"] == "closed" and what is Count.FAILURE and fails < said.failures:
        return {"fails": fails}
    first, before = int(said.cooldown.total_seconds()), stands["cooldown"]
    longest = max(first, int(LONGEST.total_seconds()))
    cooldown = min(2 * before, longest) if owned and before else before or first
    return {"state": "open", "fails": fails, "successes": 0, "cooldown": cooldown}


class Regressed(NamedTuple):
    """Who made it worse within the hour: the policies, and the services where this one did."""

    write: Write
    policies: list[str]
    services: list[str]


def regressed(brief: Brief, item: Item | None, at: datetime) -> Regressed:
    """Remember that a policy made it worse on a service; gives also all that did so within the hour."""
    since = epoch(at - COMMON_CAUSE)
    seen = _lately((item or {}).get("seen", {}), since) | {brief.policy: epoch(at)}
    places = _lately((item or {}).get("places", {}), since) | {f"{brief.policy}#{brief.service}": epoch(at)}
    ver = (item or {}).get("ver", 0)
    write = Write(
        "BRK all",
        "Put",
        keys.REGRESSIONS,
        "#ver = :ver" if item else "attribute_not_exists(#pk)",
        item={"seen": seen, "places": places, "ver": ver + 1},
        values={":ver": ver} if item else None,
    )
    own = f"{brief.policy}#"
    return Regressed(write, sorted(seen), sorted(name.removeprefix(own) for name in places if name.startswith(own)))


def _lately(said: Mapping[str, int], since: int) -> dict[str, int]:
    return {name: when for name, when in said.items() if when > since}
