"""Stops, locks and deadlines hold a step; an undo leaves alone what is not as the step left it."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from edsr.errors import Refused, Transient
from edsr.protocol import keys
from edsr.protocol.stepping import SETTLES
from edsr.times import epoch
from tests.aws.conftest import Workshop, admitted
from tests.aws.services import Crash, crash
from tests.things import ALIAS, AT, a_playbook, a_policy, a_subject

TO = {"to": "1"}
TAKEN = ["DECISION", "PLAN", "INTENT", "OUTCOME"]


@pytest.mark.parametrize(
    "scope", ["all", "service:checkout", "policy:lambda-canary-rollback", "account:123456789012", "region:us-east-1"]
)
def test_an_engaged_kill_switch_refuses_and_says_which_scope(workshop: Workshop, scope: str) -> None:
    workshop.engage(scope)
    with pytest.raises(Refused, match=rf"the kill switch is engaged \({scope}\)"):
        workshop.act()
    assert (workshop.step(), workshop.aliases.updates) == ({}, [])


@pytest.mark.parametrize("scope", ["service:unknown", "account:999999999999", "region:eu-west-1"])
def test_a_stop_where_the_target_is_refuses_though_the_finding_is_about_something_else(
    workshop: Workshop, scope: str
) -> None:
    """What a playbook acts on may be another service's than what was found: a budget's, a service that calls it."""
    elsewhere = ALIAS.replace("checkout", "theirs").replace("us-east-1", "eu-west-1").replace("123456789012", "9" * 12)
    acted = SimpleNamespace(get_alias=lambda **said: workshop.aliases.get_alias(**said) | {"AliasArn": elsewhere})
    playbook = a_playbook(
        parameters={}, stages=[{"steps": [{"action": "shift-alias", "target": elsewhere, "with": TO}]}]
    )
    found: dict[str, Any] = {"condition": "another", "subject": a_subject(arn=ALIAS.replace("checkout", "basket"))}
    roomy = a_policy(safeguards={"concurrency": {"max": 20}})
    shop = admitted(workshop.library, workshop.clock, roomy, playbook, others={"lambda": acted}, **found)
    shop.target = elsewhere
    shop.engage(scope)
    with pytest.raises(Refused, match=rf"the kill switch is engaged \({scope}\)"):
        shop.act()


def test_a_kill_switch_that_is_missing_refuses(workshop: Workshop) -> None:
    key = keys.switch_of(workshop.incident_id)
    key_of = {"pk": {"S": key.pk}, "sk": {"S": str(key.sk)}}
    workshop.clients("dynamodb").delete_item(TableName="edsr-state", Key=key_of)
    with pytest.raises(Refused, match=r"the kill switch is engaged \(its item is missing\)"):
        workshop.act()
    assert workshop.aliases.updates == []


def test_a_kill_switch_between_intent_and_retry_refuses_the_retry_and_closes_the_intent(workshop: Workshop) -> None:
    workshop.aliases.before = crash
    with pytest.raises(Crash):
        workshop.act()
    workshop.engage()
    for _ in range(2):
        with pytest.raises(Transient, match=r"an earlier attempt at .* settles in"):
            workshop.act()
    assert workshop.step()["st"] == "INTENT", "its call may still be on its way"
    with pytest.raises(Refused, match="kill switch"):
        workshop.act()
    assert workshop.clock.now == AT + SETTLES
    assert workshop.step()["st"] == "REFUSED"
    assert workshop.kinds() == TAKEN
    assert len(workshop.aliases.updates) == 1


def test_a_target_that_another_incident_holds_is_waited_for(workshop: Workshop) -> None:
    workshop.put(keys.lock(ALIAS), owner="i-2", lease_until=epoch(AT + timedelta(seconds=60)), fence=3)
    with pytest.raises(Transient, match=f"{ALIAS} is held by i-2"):
        workshop.act()
    workshop.clock.tick(seconds=64)
    with pytest.raises(Transient):
        workshop.act()
    workshop.clock.tick(seconds=2)
    assert workshop.act()["status"] == "DONE"
    assert workshop.step()["fence"] == 4


def test_after_the_deadline_nothing_is_begun(workshop: Workshop) -> None:
    workshop.clock.tick(hours=2)
    with pytest.raises(Refused, match="past its deadline"):
        workshop.act()


def test_a_step_is_undone_to_where_it_was(workshop: Workshop) -> None:
    workshop.act()
    assert workshop.act(direction="revert")["status"] == "DONE"
    assert workshop.aliases.version == "2"
    assert workshop.kinds() == [*TAKEN, "INTENT", "OUTCOME"]


def test_an_undo_leaves_alone_what_somebody_changed_since(workshop: Workshop) -> None:
    workshop.act()
    workshop.aliases.changed_by_somebody("7")
    with pytest.raises(Refused, match="has changed since step 1 was done"):
        workshop.act(direction="revert")
    assert workshop.aliases.version == "7"


@pytest.mark.parametrize("undo", [True, False])
def test_under_a_kill_switch_an_undo_is_made_only_when_it_lets_undo(workshop: Workshop, undo: bool) -> None:
    workshop.act()
    workshop.engage(undo=undo)
    if undo:
        assert workshop.act(direction="revert")["status"] == "DONE"
    else:
        with pytest.raises(Refused, match="kill switch"):
            workshop.act(direction="revert")


def test_an_undo_may_be_ten_minutes_late_and_no_later(workshop: Workshop) -> None:
    workshop.act()
    workshop.clock.tick(hours=2, minutes=9)
    assert workshop.act(direction="revert")["status"] == "DONE"


def test_an_undo_too_late_is_refused(workshop: Workshop) -> None:
    workshop.act()
    workshop.clock.tick(hours=2, minutes=10)
    with pytest.raises(Refused, match="past its deadline"):
        workshop.act(direction="revert")
