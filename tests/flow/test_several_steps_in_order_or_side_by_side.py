"""Playbooks of several steps: stages in order, the steps of a stage side by side, and a stop is a stop."""

from edsr.model import Kind, State
from tests import estate
from tests.flow.conftest import Suite
from tests.flow.test_what_does_not_get_better_is_held_or_undone import a_basket, a_step, closing, ran


def test_two_stages_run_in_order_and_the_first_verdict_rides_in_the_second_intent(suite: Suite) -> None:
    a_basket()
    estate.set_alarm("canary-checkout-errors", "OK")
    suite.play({"steps": [a_step()]}, {"steps": [a_step(function="basket")]})
    incident = ran(suite, "SUCCEEDED")
    assert suite.incident(incident).state is State.RESOLVED
    assert (estate.version_of("checkout"), estate.version_of("basket")) == ("1", "1")
    records = suite.records(incident)
    done = [(record.kind.value, record.body["step"]) for record in records if "step" in record.body]
    assert done == [("INTENT", 1), ("OUTCOME", 1), ("INTENT", 2), ("OUTCOME", 2)]
    intents = [record.body["verdicts"] for record in records if record.kind is Kind.INTENT]
    assert [[(said["step"], said["judged"]) for said in verdicts] for verdicts in intents] == [[], [(1, "better")]]
    assert {record.body["correlation_id"] for record in records} == {incident}


def test_the_steps_of_one_stage_run_side_by_side_in_one_chain(suite: Suite) -> None:
    a_basket()
    estate.set_alarm("canary-checkout-errors", "OK")
    suite.play({"steps": [a_step(), a_step(function="basket")], "max-parallel": 2})
    incident = ran(suite, "SUCCEEDED")
    assert (estate.version_of("checkout"), estate.version_of("basket")) == ("1", "1")
    kinds = [record.kind for record in suite.records(incident)]
    assert (kinds.count(Kind.INTENT), kinds.count(Kind.OUTCOME), kinds[-1]) == (2, 2, Kind.CLOSE)


def test_a_kill_switch_between_two_stages_stops_the_second_and_the_first_is_accounted_for(suite: Suite) -> None:
    a_basket()
    suite.play({"steps": [a_step()]}, {"steps": [a_step(function="basket")]})
    incident = suite.alarm()["incident"]
    suite.decide()
    suite.wait_for("1")
    suite.engage()
    estate.set_alarm("canary-checkout-errors", "OK")
    assert suite.finish(incident) == "SUCCEEDED"
    assert suite.incident(incident).state is State.ABORTED
    assert (estate.version_of("checkout"), estate.version_of("basket")) == ("1", "2")
    said = closing(suite, incident)
    assert [(verdict["step"], verdict["status"], verdict["judged"]) for verdict in said["verdicts"]] == [
        (1, "DONE", "better"),
        (2, "REFUSED", "unknown"),
    ]
    assert "the kill switch is engaged (all)" in said["reason"]


def test_an_alias_that_vanished_under_way_counts_as_done_and_the_probe_judges(suite: Suite) -> None:
    a_basket()
    suite.play({"steps": [a_step()]}, {"steps": [a_step(function="basket")]})
    incident = suite.alarm()["incident"]
    suite.decide()
    suite.wait_for("1")
    estate.client("lambda").delete_alias(FunctionName="basket", Name="live")
    estate.set_alarm("canary-checkout-errors", "OK")
    assert suite.finish(incident) == "SUCCEEDED"
    assert suite.incident(incident).state is State.RESOLVED
    said = closing(suite, incident)["verdicts"][-1]
    assert (said["step"], said["status"], said["judged"]) == (2, "GONE", "better")


def test_a_failure_that_the_stage_tolerates_does_not_stop_the_rest(suite: Suite) -> None:
    a_basket()
    estate.set_alarm("canary-checkout-errors", "OK")
    suite.play({"steps": [a_step("deny-alias"), a_step(function="basket")], "tolerate": 1})
    incident = ran(suite, "SUCCEEDED")
    assert suite.incident(incident).state is State.RESOLVED
    assert (estate.version_of("checkout"), estate.version_of("basket")) == ("2", "1")
    assert "Denied" in closing(suite, incident)["verdicts"][0]["observed"]
