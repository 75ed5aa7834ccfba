"""Ends are ordered by their producer's clock: whatever comes first, and however often, the same is known."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detect.intake import Ignored
from edsr import pattern
from edsr.model import Finding
from edsr.pattern.events import View
from edsr.protocol.recovering import MOST, Recovered, note, recovered
from edsr.recovery import Recovery, began
from edsr.times import epoch, iso
from infra.catalogue import discover
from infra.parts.recoveries import matched
from tests import estate
from tests.things import ALARM, AT, a_finding, a_policy, a_subject

FOUND = a_finding()


def over(seconds: int = 10, condition: str = ALARM, **same: str) -> Recovery:
    said = {"policy": FOUND.policy, "source": "cloudwatch", "subject": a_subject(), "detected_at": AT}
    at = FOUND.observed_at + timedelta(seconds=seconds)
    return Recovery.model_validate({**said, "condition": condition, "same": same, "observed_at": at})


def known(*ends: Recovery) -> Recovered:
    stands = Recovered()
    for one in ends:
        for write in note(one, stands, AT):
            stands = recovered(write.item)
    return stands


@given(st.permutations([-20, -5, 5, 10, 15] * 2))
def test_the_latest_end_is_known_in_whatever_order_and_however_often_they_come(order: list[int]) -> None:
    assert known(*map(over, order)).of(FOUND) == epoch(FOUND.observed_at) + 15


def test_an_end_that_is_known_or_older_is_not_written_again() -> None:
    stands = known(over(10))
    assert note(over(10), stands, AT) == []
    assert note(over(5), stands, AT) == []
    (write,) = note(over(11), stands, AT)
    assert (write.condition, write.values) == ("#ver = :ver", {":ver": 1})


def test_what_tells_things_apart_is_held_apart() -> None:
    stands = known(over(10, alarm="another"), over(10, condition="another"))
    assert stands.of(FOUND) is None
    assert known(over(10, alarm=ALARM)).of(FOUND) is not None


def test_no_more_are_remembered_than_fit() -> None:
    stands = known(*(over(n, condition=f"c{n}") for n in range(MOST + 3)))
    assert [one["condition"] for one in stands.over] == [f"c{n}" for n in range(3, MOST + 3)]


def test_what_the_sweep_saw_began_when_its_episode_says() -> None:
    assert began(a_finding(origin="sweep", observed_at=AT, episode=iso(AT - timedelta(hours=1)))) == AT - timedelta(
        hours=1
    )
    assert began(a_finding(origin="sweep", observed_at=AT, episode="d-1")) == AT
    assert began(a_finding(observed_at=AT, episode=iso(AT + timedelta(hours=1)))) == AT, "no later than it was seen"


ENDS = [
    ("cloudwatch/canary-alarm", "cloudwatch/canary-alarm-ok"),
    ("cloudwatch/queue-backlog-alarm", "cloudwatch/queue-backlog-alarm-ok"),
    ("custom/problem", "custom/well-again"),
    ("delivery/ecs-deployment-failed", "delivery/ecs-deployment-completed"),
    ("health/outage", "health/outage-over"),
    ("security/control-fails", "security/control-passes"),
    ("security/control-fails", "security/control-fails-archived"),
    ("security/group-stops-complying", "security/group-complies-again"),
]


def told(name: str) -> Finding | Ignored:
    """What its source's detector makes of an event."""
    source, said = name.split("/")[0], estate.event(name)
    found: Finding | Ignored = import_module(f"detect.detectors.{source}").detect(said, a_policy(), AT)
    return found


@pytest.mark.parametrize(("begins", "ends"), ENDS)
def test_each_source_tells_of_the_end_of_what_it_told(begins: str, ends: str) -> None:
    found, said = told(begins), told(ends)
    assert isinstance(found, Finding)
    assert isinstance(said, Ignored)
    assert said.over is not None
    later = said.over.model_copy(update={"observed_at": found.observed_at + timedelta(seconds=1)})
    assert later.ends(found)
    assert not said.over.model_copy(update={"observed_at": found.observed_at}).ends(found)


@pytest.mark.parametrize(("begins", "ends"), ENDS)
def test_the_rule_of_what_begins_takes_what_ends(begins: str, ends: str) -> None:
    source, first, last = begins.split("/")[0], estate.event(begins), estate.event(ends)
    recovers = discover().detectors[source].recovers[first["detail-type"]]
    asked: dict[str, Any] = {"detail-type": [first["detail-type"]]}
    for path in recovers:
        values = [leaf.value for leaf in View(first).leaves(path)]
        for name in reversed(path.split(".")[1:]):
            values = {name: values}  # type: ignore[assignment] # a pattern, from its leaf outwards
        asked["detail"] = merged(asked.get("detail", {}), values) if values else asked.get("detail", {})
    policy = a_policy(detect={"source": source, "severity": "low", "pattern": asked})
    compiled = pattern.compile(matched(discover().detectors[source], policy))
    assert compiled.matches(first)
    assert compiled.matches(last)
    assert not pattern.compile(asked).matches(last)


def merged(one: Any, other: Any) -> Any:
    if not isinstance(one, dict) or not isinstance(other, dict):
        return other
    return one | {name: merged(one.get(name, {}), said) for name, said in other.items()}
