"""A bad release is rolled back, once, and every word of it is written down."""

from tests import estate
from tests.flow.conftest import Suite


def test_an_alarm_rolls_the_alias_back_and_the_incident_is_resolved(suite: Suite) -> None:
    incident = suite.alarm()["incident"]
    suite.decide()
    suite.wait_for("1")
    estate.set_alarm("canary-checkout-errors", "OK")
    assert suite.finish(incident) == "SUCCEEDED"
    assert suite.incident(incident).state == "RESOLVED"
    records = suite.records(incident)
    assert [record.kind for record in records] == ["DECISION", "PLAN", "INTENT", "OUTCOME", "CLOSE"]
    assert {record.body["correlation_id"] for record in records} == {incident}
