"""A step may leave it to a selector what it acts on: none and too many are refused, its word on each is at hand."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsr.entries import SelectorEntry
from edsr.errors import Refused
from edsr.policy import Library
from edsr.protocol.incident import Incident
from plan.draw import World, draw
from plan.selectors import shares_of_warmth
from tests import estate
from tests.policies import SHIPPED
from tests.things import a_playbook, a_policy, an_incident
from tests.unit.test_a_plan_leaves_nothing_open import a_world

STEP = {
    "action": "shift-alias",
    "select": {"selector": "some", "with": {"service.$": "subject.service", "most": 3}},
    "with": {"to.$": "selected.version"},
    "verify": {"probe": "alarm-is-ok", "with": {"alarm.$": "join('-', ['canary', selected.version])"}},
}


def selecting(found: Mapping[str, dict[str, Any]]) -> tuple[Incident, World, list[dict[str, Any]]]:
    """An incident whose step acts on what is found, and what the selector was asked."""
    asked: list[dict[str, Any]] = []

    def select(selector: str, args: dict[str, Any]) -> Mapping[str, dict[str, Any]]:
        asked.append({"selector": selector, **args})
        return found

    world = a_world()
    some = SelectorEntry(id="some", title="Some", arguments={})
    there = world.catalogue.model_copy(update={"selectors": {"some": some}})
    played = a_playbook(parameters={}, stages=[{"steps": [STEP]}])
    policy = a_policy(safeguards={"blast-radius": {"max-targets": 2}})
    return an_incident(playbook=played, policy=policy), world._replace(catalogue=there, select=select), asked


def test_each_target_has_its_own_arguments() -> None:
    incident, world, asked = selecting({"b": {"version": "2"}, "a": {"version": "1"}})
    (stage,) = draw(incident, world).stages
    assert [(step.target, step.args, step.verify.args) for step in stage.steps] == [
        ("a", {"to": "1"}, {"alarm": "canary-1"}),
        ("b", {"to": "2"}, {"alarm": "canary-2"}),
    ]
    assert asked == [{"selector": "some", "service": "checkout", "most": 3}]


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ({}, "some finds no target; an empty set is never taken to mean everything"),
        ({name: {"version": "1"} for name in "abc"}, "some finds 3 targets, at most 2"),
        ({"a": {}}, "'selected.version' finds nothing"),
    ],
)
def test_none_too_many_and_what_is_not_known_are_refused(found: dict[str, dict[str, Any]], reason: str) -> None:
    incident, world, _ = selecting(found)
    with pytest.raises(Refused, match=reason):
        draw(incident, world)


def test_a_selector_that_does_not_exist_is_refused() -> None:
    incident, _, _ = selecting({})
    with pytest.raises(Refused, match="there is no selector some"):
        draw(incident, a_world())


def test_where_there_is_no_account_nothing_is_selected() -> None:
    incident, world, _ = selecting({})
    with pytest.raises(Refused, match="some has no account to look at"):
        draw(incident, World(*world[:5]))


@given(st.sets(st.integers(0, 99), min_size=1, max_size=30), st.integers(1, 500), st.integers(1, 50))
def test_shares_of_warmth_are_equal_and_within_the_budget(names: set[int], budget: int, most: int) -> None:
    args = {"aliases": [f"alias-{name}" for name in names], "budget": budget, "most": most}
    if budget < len(names):
        with pytest.raises(Refused, match="fewer than one for each"):
            shares_of_warmth.select(estate.client, Library.at(SHIPPED), args)
        return
    shares = [said["ready"] for said in shares_of_warmth.select(estate.client, Library.at(SHIPPED), args).values()]
    assert len(shares) == len(names)
    assert sum(shares) <= budget
    assert set(shares) == {min(most, budget // len(names))}
