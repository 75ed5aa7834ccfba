"""How much one plan may touch: so many targets, so much of a fleet, and nothing that it did not find (G7)."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsr.errors import Refused
from edsr.model import Plan
from edsr.policy.library import Fleet
from edsr.protocol.incident import Incident
from plan.draw import World, draw
from tests.policies import library, read, write
from tests.things import a_finding, a_playbook, a_policy, an_incident
from tests.unit.test_a_plan_leaves_nothing_open import a_world, an_action

EACH = {"action": "shift-alias", "target.$": "evidence.targets", "with": {}}


def touching(targets: Any, *, stages: int = 1, **radius: int) -> Incident:
    """An incident whose playbook acts on what its evidence names."""
    return an_incident(
        finding=a_finding(evidence={"alarm": "a", "targets": targets}),
        playbook=a_playbook(parameters={}, stages=[{"steps": [EACH]}] * stages),
        policy=a_policy(safeguards={"blast-radius": {name.replace("_", "-"): n for name, n in radius.items()}}),
    )


def named(count: int) -> list[str]:
    return [f"t{n:02}" for n in range(count)]


def touched(drawn: Plan) -> set[str]:
    return {step.target for stage in drawn.stages for step in stage.steps}


def test_more_targets_than_allowed_are_refused_and_the_rows_say_how_many() -> None:
    with pytest.raises(Refused, match="refused: touches 3 of at most 2"):
        draw(touching(named(3), max_targets=2), a_world())
    count, share = draw(touching(named(3)), a_world()).rows
    assert count == ("blast-radius", True, 3, 5, "touches 3 of at most 5")
    assert share == (
        "blast-radius-percent", True, 3, 10, "touches 3 of 100 lambda:alias of checkout: at most 10, which is 10 %",
    )  # fmt: skip


def test_one_target_in_two_stages_is_one_target() -> None:
    count, share = draw(touching(["a"], stages=2), a_world()).rows
    assert (count.observed, share.observed) == (1, 1)


@pytest.mark.parametrize(
    ("count", "fleet", "percent", "allowed"),
    [
        (2, 20, 10, True),
        (3, 20, 10, False),
        (2, 29, 10, True),
        (3, 29, 10, False),
        (1, 1, 10, True),
        (1, 2, 1, True),
        (2, 2, 99, False),
        (2, 2, 100, True),
    ],
)
def test_a_share_of_a_fleet_is_rounded_down_and_one_target_is_always_allowed(
    count: int, fleet: int, percent: int, allowed: bool
) -> None:
    incident, world = touching(named(count), max_percent=percent), a_world(fleet=fleet)
    if allowed:
        assert len(touched(draw(incident, world))) == count
    else:
        with pytest.raises(Refused, match=rf"refused: touches {count} of {fleet} lambda:alias of checkout: at most"):
            draw(incident, world)


@pytest.mark.parametrize("fleet", [None, 0])
def test_a_fleet_that_nobody_knows_is_refused(fleet: int | None) -> None:
    with pytest.raises(Refused, match="no service of the catalogue says how many lambda:alias it has besides a"):
        draw(touching(["a"]), a_world(fleet=fleet))


def test_what_the_catalogue_names_as_another_kind_has_no_fleet_however_many_of_the_kind_its_service_has(
    tmp_path: Path,
) -> None:
    known, instance = library(tmp_path / "policies"), "arn:aws:ec2:us-east-1:123456789012:instance/i-0"
    file = tmp_path / "policies" / "services" / "checkout.json"
    said = read(file)
    said["resources"] += [
        {"kind": "ec2:instance", "arn": f"{instance}1"},
        {"kind": "ec2:nonproduction-instance", "arn": f"{instance}2"},
    ]
    write(file, said)
    assert known.fleet("ec2:nonproduction-instance", f"{instance}2") == Fleet("checkout", 1)
    assert known.fleet("ec2:nonproduction-instance", f"{instance}1") is None


def test_every_reason_to_refuse_is_given_at_once() -> None:
    with pytest.raises(Refused, match=r"touches 6 of at most 5; refused: touches 6 of 20"):
        draw(touching(named(6)), a_world(fleet=20))


def test_two_services_with_fleets_of_one_size_are_counted_apart() -> None:
    world = a_world(fleet=20, service=lambda arn: "even" if int(arn[-1]) % 2 == 0 else "odd")
    rows = draw(touching([f"target-{number}" for number in range(4)]), world).rows
    assert [(row.observed, row.allowed) for row in rows] == [(4, True), (2, True), (2, True)]


def test_each_kind_of_target_has_a_share_of_its_own() -> None:
    kinds = (an_action(), an_action(id="reboot", resource="ec2:instance"))
    both = [EACH, {"action": "reboot", "target": ["i-1", "i-2"], "with": {}}]
    incident = touching(named(2))
    said = an_incident(
        finding=incident.finding, policy=incident.policy, playbook=a_playbook(parameters={}, stages=[{"steps": both}])
    )
    rows = draw(said, a_world(*kinds, fleet=20)).rows
    assert [row.observed for row in rows] == [4, 2, 2]


ARNS = st.sampled_from(named(12))


@given(
    found=st.one_of(st.lists(ARNS, max_size=15), ARNS, st.none(), st.just("")),
    most=st.integers(1, 8),
    percent=st.integers(1, 100),
    fleet=st.one_of(st.none(), st.integers(0, 60)),
    stages=st.integers(1, 3),
)
def test_a_plan_is_refused_or_touches_only_what_was_found_and_no_more_than_both_caps(
    found: Any, most: int, percent: int, fleet: int | None, stages: int
) -> None:
    known = set(found if isinstance(found, list) else [found]) - {None, ""}
    world: World = a_world(fleet=fleet)
    incident = touching(found, stages=stages, max_targets=most, max_percent=percent)
    cap = min(most, max(1, (fleet or 0) * percent // 100))
    try:
        drawn = draw(incident, world)
    except Refused:
        assert not known or not fleet or len(known) > cap, "a plan within its caps was refused"
    else:
        assert touched(drawn) == known
        assert 0 < len(known) <= cap
        assert fleet
