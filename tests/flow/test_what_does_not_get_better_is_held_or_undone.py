"""What happens when it does not get better: what was done is held or undone, somebody looks, and all of it is said."""

from typing import Any

from edsr.model import Kind, State
from tests import estate
from tests.flow.conftest import Suite

VERIFY = {"probe": "alarm-is-ok", "within": "PT1S", "every": "PT1S", "with": {"alarm.$": "evidence.alarm"}}
REVERT = ["revert", "page"]


def a_step(action: str = "shift-alias", function: str = "checkout", to: str = "1") -> dict[str, Any]:
    target = f"arn:aws:lambda:{estate.REGION}:{estate.ACCOUNT}:function:{function}:live"
    return {"action": action, "target": target, "with": {"to": to}}


def a_basket() -> None:
    good, bad = estate.make_function("basket", "def handle(e, c): ...", "def handle(e, c): raise OSError")
    estate.make_alias("basket", bad, f"last-good={good}")


def ran(suite: Suite, ends: str) -> str:
    incident = suite.alarm()["incident"]
    suite.decide()
    assert suite.finish(incident) == ends
    return incident


def closing(suite: Suite, incident: str) -> dict[str, Any]:
    (*_, last) = suite.records(incident)
    assert last.kind is Kind.CLOSE
    return last.body


def test_what_stays_bad_after_a_rollback_is_held_and_escalated(suite: Suite) -> None:
    suite.rewrite(verify=VERIFY)
    incident = ran(suite, "FAILED")
    assert suite.incident(incident).state is State.ESCALATED
    assert estate.version_of("checkout") == "1"
    said = closing(suite, incident)
    assert [(verdict["step"], verdict["judged"]) for verdict in said["verdicts"]] == [(1, "worse")]
    assert said["reason"].startswith("not better: ")


def test_what_cannot_be_measured_is_held_and_escalated(suite: Suite) -> None:
    suite.rewrite(verify=VERIFY)
    estate.set_alarm("canary-checkout-errors", "INSUFFICIENT_DATA")
    incident = ran(suite, "FAILED")
    assert suite.incident(incident).state is State.ESCALATED
    assert estate.version_of("checkout") == "1"
    assert closing(suite, incident)["verdicts"][0]["judged"] == "unknown"


def told(suite: Suite, incident: str, kind: Kind) -> set[tuple[int, str, str]]:
    """The verdicts that records of a kind carry."""
    bodies = [record.body for record in suite.records(incident) if record.kind is kind]
    return {(each["step"], each["direction"], each["judged"]) for body in bodies for each in body["verdicts"]}


def test_what_got_worse_is_undone_last_first_where_it_may_be(suite: Suite) -> None:
    a_basket()
    steps = [a_step("move-alias"), a_step("move-alias", "basket")]
    suite.play({"steps": steps, "max-parallel": 2}, policy={"verify": VERIFY, "on-failure": REVERT})
    incident = ran(suite, "FAILED")
    assert suite.incident(incident).state is State.REVERTED
    assert (estate.version_of("checkout"), estate.version_of("basket")) == ("2", "2")
    undone = [record.body["step"] for record in suite.records(incident) if record.body.get("direction") == "revert"]
    assert undone == [2, 2, 1, 1]
    assert told(suite, incident, Kind.INTENT) == {(1, "apply", "worse"), (2, "apply", "worse")}
    assert {(n, direction) for n, direction, _ in told(suite, incident, Kind.CLOSE)} == {(1, "revert"), (2, "revert")}


def test_what_restores_an_earlier_state_is_never_undone(suite: Suite) -> None:
    suite.play({"steps": [a_step("shift-alias")]}, policy={"verify": VERIFY, "on-failure": REVERT})
    incident = ran(suite, "FAILED")
    assert suite.incident(incident).state is State.ESCALATED
    assert estate.version_of("checkout") == "1"


def test_an_action_without_its_permission_escalates_and_says_so(suite: Suite) -> None:
    suite.play({"steps": [a_step("deny-alias")]})
    incident = ran(suite, "FAILED")
    assert suite.incident(incident).state is State.ESCALATED
    assert estate.version_of("checkout") == "2"
    outcome = suite.records(incident)[-2]
    assert (outcome.kind, outcome.body["status"]) == (Kind.OUTCOME, "DENIED")
    assert closing(suite, incident)["reason"].endswith("Denied: updating the alias: AccessDenied")


def test_a_plan_that_cannot_be_drawn_is_aborted_with_the_reason(suite: Suite) -> None:
    estate.client("lambda").update_alias(FunctionName="checkout", Name="live", Description="nobody wrote it down")
    incident = ran(suite, "SUCCEEDED")
    assert suite.incident(incident).state is State.ABORTED
    assert estate.version_of("checkout") == "2"
    assert closing(suite, incident)["reason"].startswith("Refused: 'pre.last_good' finds nothing")


def test_an_alias_that_vanished_before_the_plan_is_for_a_person(suite: Suite) -> None:
    estate.client("lambda").delete_alias(FunctionName="checkout", Name="live")
    incident = ran(suite, "FAILED")
    assert suite.incident(incident).state is State.ESCALATED
    assert closing(suite, incident)["reason"].startswith("Gone: reading alias live of checkout")
