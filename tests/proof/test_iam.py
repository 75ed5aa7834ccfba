"""Least privilege, proven: nothing that a function did is denied, and nothing that it may do was never done."""

import pytest

from tests.proof.ambient import AMBIENT
from tests.proof.calls import Call
from tests.proof.needs import NEEDS
from tests.proof.shown import ACTORS, Shown

pytestmark = pytest.mark.iam


@pytest.mark.parametrize("actor", ACTORS)
def test_of_every_call_it_is_known_what_it_needs(shown: dict[str, Shown], actor: str) -> None:
    assert shown[actor].unmapped == set()


def test_nothing_is_known_of_a_call_that_nobody_makes(calls: list[Call]) -> None:
    assert set(NEEDS) - {(call.service, call.operation) for call in calls} == set()


@pytest.mark.parametrize("actor", ACTORS)
def test_every_function_was_seen_at_work(shown: dict[str, Shown], actor: str) -> None:
    assert shown[actor].used


@pytest.mark.parametrize("actor", ACTORS)
def test_nothing_that_a_function_did_is_denied(shown: dict[str, Shown], actor: str) -> None:
    assert shown[actor].denied == set()


@pytest.mark.parametrize("actor", ACTORS)
def test_nothing_that_a_function_may_do_was_never_done(shown: dict[str, Shown], actor: str) -> None:
    assert shown[actor].unused == set()


@pytest.mark.parametrize("actor", ACTORS)
def test_without_any_one_of_its_grants_something_would_be_denied(shown: dict[str, Shown], actor: str) -> None:
    alone = {grant for grants in shown[actor].by.values() if len(grants) == 1 for grant in grants}
    assert alone == shown[actor].used


def test_every_reason_for_a_grant_nobody_uses_is_still_about_one(shown: dict[str, Shown]) -> None:
    assert {reason for proof in shown.values() for reason in proof.ambient.values()} == set(AMBIENT)
