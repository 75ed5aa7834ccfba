"""Ends are ordered by their producer's clock: whatever comes first, and however often, the same is known."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detect.detectors import delivery
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
    ("data/execution-failed", "data/execution-succeeded-again"),
    ("data/job-failed", "data/job-succeeded"),
    ("data/quality-failed", "data/quality-passed"),
    ("data/ruleset-failed", "data/ruleset-passed"),
    ("delivery/build-failed", "delivery/build-succeeded"),
    ("delivery/codedeploy-failed", "delivery/codedeploy-succeeded"),
    ("delivery/ecs-deployment-failed", "delivery/ecs-deployment-completed"),
    ("delivery/ecs-service-impaired", "delivery/ecs-service-steady"),
    ("delivery/pipeline-failed", "delivery/pipeline-succeeded"),
    ("delivery/stack-drifted", "delivery/stack-in-sync"),
    ("delivery/stack-rolls-back", "delivery/stack-updated"),
    ("health/outage", "health/outage-over"),
    ("health/quota-reached", "health/quota-ample"),
    ("security/bucket-is-public", "security/bucket-is-private-again"),
    ("security/bucket-is-public", "security/bucket-is-public-archived"),
    ("security/control-fails", "security/control-passes"),
    ("security/control-fails", "security/control-fails-archived"),
    ("security/control-fails-v2", "security/control-passes-v2"),
    ("security/control-fails-v2", "security/control-resolved-v2"),
    ("security/group-stops-complying", "security/group-complies-again"),
    ("security/instance-is-vulnerable", "security/instance-is-patched"),
    ("security/instance-is-vulnerable", "security/instance-is-vulnerable-suppressed"),
    ("security/instance-mines", "security/instance-mines-archived"),
    ("traces/insight-begins", "traces/insight-closes"),
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


@pytest.mark.parametrize(("word", "ends"), [("FAULT", True), ("TIMED_OUT", True), ("STOPPED", False)])
def test_one_end_is_that_of_every_way_to_fail(word: str, ends: bool) -> None:
    failed = estate.event("delivery/build-failed")
    failed["detail"]["build-status"] = word
    found = delivery.detect(failed, a_policy(), AT)
    assert isinstance(found, Finding) is ends
    if isinstance(found, Finding):
        over = ended("delivery/build-succeeded")
        assert over.ends(found)
        assert known(over).of(found) == epoch(over.observed_at)


def test_a_stage_that_succeeds_is_the_end_of_that_stage_alone() -> None:
    for name, part in (("delivery/pipeline-action-failed", "action"), ("delivery/pipeline-failed", None)):
        event = estate.event(name)
        found = delivery.detect(event, a_policy(), AT)
        assert isinstance(found, Finding)
        event["detail"]["state"] = "SUCCEEDED"
        event["time"] = iso(AT + timedelta(minutes=5))
        said = delivery.detect(event, a_policy(), AT)
        assert isinstance(said, Ignored)
        assert said.over is not None
        assert said.over.ends(found)
        if part:
            other = found.model_copy(update={"condition": f"{found.condition}-else"})
            assert not said.over.ends(other)


def test_an_execution_that_succeeds_ends_only_what_it_failed_at_itself() -> None:
    over = ended("data/execution-succeeded-again", observed_at=AT + timedelta(days=1))
    found = told("data/execution-failed")
    assert isinstance(found, Finding)
    assert over.ends(found)
    another = found.model_copy(update={"evidence": {**found.evidence, "execution": "another"}})
    assert not over.ends(another)
    plain = told("data/execution-succeeded")
    assert isinstance(plain, Ignored)
    assert plain.over is None, "what another execution does well says nothing of the one that failed"


def ended(name: str, **changes: Any) -> Recovery:
    """The end that an event tells of; a second later than what began with such an event."""
    said = told(name)
    assert isinstance(said, Ignored)
    assert said.over is not None
    return said.over.model_copy(update={"observed_at": said.over.observed_at + timedelta(seconds=1), **changes})


def merged(one: Any, other: Any) -> Any:
    if not isinstance(one, dict) or not isinstance(other, dict):
        return other
    return one | {name: merged(one.get(name, {}), said) for name, said in other.items()}
