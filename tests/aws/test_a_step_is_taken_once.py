"""One step, once: whatever crashes between any two calls, whoever else is at work, and whatever is retried."""

from typing import Any

import pytest

import act.actuators.shift_alias as shift
from act.hands import Hands
from act.step import actuator
from edsr.aws.readers import lambda_alias
from edsr.errors import Denied, Gone, Refused, Rejected, Transient, Unknown
from tests.aws.conftest import Workshop
from tests.aws.services import Crash, crash, refusal
from tests.things import ALIAS

TAKEN = ["DECISION", "PLAN", "INTENT", "OUTCOME"]


def test_a_step_is_intended_done_and_written_down(workshop: Workshop) -> None:
    said = workshop.act()
    assert (said["status"], said["target"]) == ("DONE", ALIAS)
    assert workshop.aliases.version == "1"
    assert workshop.kinds() == TAKEN
    outcome = workshop.records()[-1].body
    assert outcome["before"]["version"] == "2"
    assert outcome["after"]["version"] == "1"
    assert outcome["undo"] == {"version": "2", "weights": {}}
    assert workshop.step()["st"] == "DONE"


def test_the_change_is_conditional_on_the_revision_that_was_looked_at(workshop: Workshop) -> None:
    workshop.act()
    (sent,) = workshop.aliases.updates
    assert sent["RevisionId"] == "r1"
    assert sent["RoutingConfig"] == {"AdditionalVersionWeights": {}}


def test_only_the_change_itself_is_made_with_a_mutating_client(workshop: Workshop) -> None:
    workshop.act()
    assert [asked for asked in workshop.asked if asked[1]] == [("lambda", True)]


def test_a_retry_after_the_final_outcome_gives_the_same_answer_and_does_nothing(workshop: Workshop) -> None:
    first = workshop.act()
    workshop.clock.tick(seconds=5)
    assert workshop.act() == {**first, "stands": None}, "where the chain stands is for its end to look up"
    assert len(workshop.aliases.updates) == 1
    assert workshop.kinds() == TAKEN


def test_a_crash_after_the_intent_and_before_the_call_is_made_good_by_the_retry(workshop: Workshop) -> None:
    workshop.aliases.before = crash
    with pytest.raises(Crash):
        workshop.act()
    workshop.aliases.before = lambda: None
    assert workshop.act()["status"] == "DONE"
    assert workshop.kinds() == ["DECISION", "PLAN", "INTENT", "INTENT", "OUTCOME"]
    assert [sent["RevisionId"] for sent in workshop.aliases.updates] == ["r1", "r1"]
    assert (workshop.step()["attempt"], workshop.step()["fence"]) == (2, 2)


def test_a_crash_after_the_call_is_recovered_without_a_second_call(workshop: Workshop) -> None:
    workshop.aliases.after = crash
    with pytest.raises(Crash):
        workshop.act()
    assert workshop.step()["st"] == "INTENT"
    assert workshop.act()["status"] == "RECOVERED"
    assert len(workshop.aliases.updates) == 1
    assert workshop.kinds() == TAKEN
    assert workshop.records()[-1].body["undo"] == {"version": "2", "weights": {}}


def test_a_call_that_lands_while_its_retry_is_under_way_is_recovered_and_not_doubled(workshop: Workshop) -> None:
    workshop.aliases.before = crash
    with pytest.raises(Crash):
        workshop.act()
    workshop.aliases.before = lambda: workshop.aliases.changed_by_somebody("1")
    assert workshop.act()["status"] == "RECOVERED"
    assert (workshop.aliases.revision, workshop.step()["st"]) == (2, "RECOVERED")


def test_what_somebody_else_changed_after_the_intent_is_unknown_and_held(workshop: Workshop) -> None:
    workshop.aliases.before = crash
    with pytest.raises(Crash):
        workshop.act()
    workshop.aliases.changed_by_somebody()
    with pytest.raises(Unknown, match="nobody can say whether step 1 took effect"):
        workshop.act()
    assert workshop.step()["st"] == "UNKNOWN"
    assert workshop.aliases.version == "9"


def test_a_failure_that_was_written_down_fails_again_when_its_answer_was_lost(workshop: Workshop) -> None:
    workshop.aliases.before = lambda: _raise(refusal("AccessDeniedException", 403))
    for _ in range(2):
        with pytest.raises(Denied):
            workshop.act()
    assert len(workshop.aliases.updates) == 1


def _raise(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    ("code", "status", "error", "written"),
    [
        ("AccessDeniedException", 403, Denied, "DENIED"),
        ("ResourceNotFoundException", 404, Gone, "GONE"),
        ("InvalidParameterValueException", 400, Rejected, "REFUSED"),
        ("SomethingNew", 418, Rejected, "REFUSED"),
    ],
)
def test_what_aws_refuses_is_written_down_before_it_is_raised(
    workshop: Workshop, code: str, status: int, error: type[Exception], written: str
) -> None:
    workshop.aliases.before = lambda: _raise(refusal(code, status))
    with pytest.raises(error):
        workshop.act()
    assert workshop.step()["st"] == written
    assert workshop.kinds() == TAKEN


@pytest.mark.parametrize("code", ["TooManyRequestsException", "ResourceConflictException", "ServiceException"])
def test_what_may_pass_leaves_the_intent_open_for_the_retry(workshop: Workshop, code: str) -> None:
    workshop.aliases.before = lambda: _raise(refusal(code, 429))
    with pytest.raises(Transient):
        workshop.act()
    assert workshop.step()["st"] == "INTENT"
    workshop.aliases.before = lambda: None
    assert workshop.act()["status"] == "DONE"


def test_an_alias_that_moved_between_look_and_call_is_refused_and_left(workshop: Workshop) -> None:
    workshop.aliases.before = workshop.aliases.changed_by_somebody
    with pytest.raises(Refused, match="was changed by somebody else after it was looked at"):
        workshop.act()
    assert (workshop.step()["st"], workshop.aliases.version) == ("REFUSED", "9")


def test_an_alias_that_vanished_after_the_intent_gets_its_outcome(workshop: Workshop) -> None:
    workshop.aliases.before = crash
    with pytest.raises(Crash):
        workshop.act()
    workshop.aliases.vanished = True
    with pytest.raises(Gone):
        workshop.act()
    assert workshop.step()["st"] == "GONE"


def test_an_alias_that_is_as_wanted_already_is_left_alone(workshop: Workshop) -> None:
    workshop.aliases.version = "1"
    assert workshop.act()["status"] == "NOOP"
    assert workshop.aliases.updates == []
    assert workshop.kinds() == ["DECISION", "PLAN"]


def test_drift_since_the_plan_is_refused(workshop: Workshop) -> None:
    workshop.aliases.changed_by_somebody("7")
    with pytest.raises(Refused, match="has changed since the plan was drawn"):
        workshop.act()
    assert workshop.step() == {}


def test_a_refusal_says_what_differs_and_not_all_there_is(workshop: Workshop) -> None:
    """An execution carries 256 KB, and an item 400: a page is no place for every rule of a group."""
    workshop.aliases.changed_by_somebody("7")
    workshop.aliases.description = "x" * 80_000
    with pytest.raises(Refused, match="version was 2 and is 7") as refused:
        workshop.act()
    assert len(str(refused.value)) < 1000


@pytest.mark.parametrize("left", [0.0, 7.9])
def test_with_little_time_left_nothing_is_begun(workshop: Workshop, left: float) -> None:
    workshop.remaining = lambda: left
    with pytest.raises(Transient, match="less than 8 s"):
        workshop.act()
    assert (workshop.step(), workshop.aliases.updates) == ({}, [])
    assert workshop.kinds() == ["DECISION", "PLAN"]


def test_when_writing_the_intent_took_the_time_the_call_is_not_sent(workshop: Workshop) -> None:
    times = iter([30.0, 5.0])
    workshop.remaining = lambda: next(times)
    with pytest.raises(Transient, match="less than 8 s"):
        workshop.act()
    assert (workshop.step()["st"], workshop.aliases.updates) == ("INTENT", [])
    workshop.remaining = lambda: 30.0
    assert workshop.act()["status"] == "DONE"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"inc": "i-0"}, "has no committed plan"),
        ({"target": f"{ALIAS}2"}, "step 1 of .* is shift-alias on .*, not what shift-alias was told"),
        ({"brief": {"policy": "another"}}, "not what shift-alias was told"),
        ({"brief": {"slots": "policy:another"}}, "not what shift-alias was told"),
        ({"brief": {"service": "another"}}, "not what shift-alias was told"),
    ],
)
def test_what_is_not_in_a_committed_plan_of_that_incident_is_not_done(
    workshop: Workshop, changes: dict[str, Any], why: str
) -> None:
    brief = workshop.incident.brief.model_dump(mode="json") | changes.get("brief", {})
    with pytest.raises(Refused, match=why):
        workshop.act(**changes | {"brief": brief})
    assert workshop.aliases.updates == []


def test_what_its_action_is_not_planned_for_is_not_done(workshop: Workshop) -> None:
    hands = Hands(lambda_alias.observe, shift.goal, shift.guard, shift.apply)
    workshop.handler = actuator(shift.ACTION.model_copy(update={"id": "another-action"}), hands)
    with pytest.raises(Refused, match=r"is shift-alias on .*, not what another-action was told"):
        workshop.act()


def test_the_verdicts_of_the_steps_before_ride_in_the_intent(workshop: Workshop) -> None:
    verdict = {"step": 0, "status": "NOOP", "judged": "better", "observed": "OK", "at": "t", "worse": [0]}
    workshop.act(verdicts=[[], [verdict]])
    said = {"step": 0, "status": "NOOP", "judged": "better", "observed": "OK", "at": "t"}
    assert workshop.records()[2].body["verdicts"] == [said]
