"""The real machine ends temporary measures: undone when the trouble is over, renewed while it is not."""

from datetime import timedelta
from typing import Any

from edsr.model import State
from tests import estate
from tests.flow.conftest import Suite
from tests.things import ALIAS

VERIFY = {"probe": "alarm-is-ok", "within": "PT2S", "every": "PT1S", "with": {"alarm.$": "evidence.alarm"}}


def holding(suite: Suite, **lasting: Any) -> str:
    """An incident whose measure is in place."""
    step = {"action": "move-alias", "target": ALIAS, "with": {"to": "1"}, "lasts": "PT1S", **lasting}
    suite.play({"steps": [step]}, policy={"verify": VERIFY})
    incident = suite.alarm()["incident"]
    suite.decide()
    suite.wait_for("1")
    estate.set_alarm("canary-checkout-errors", "OK")
    assert suite.finish(incident) == "SUCCEEDED"
    suite.wait_until(incident, State.HOLDING)
    return incident


def ended(suite: Suite, incident: str, run: int) -> str:
    """The sweep starts the run that ends or renews it; gives how that run ended."""
    assert suite.sweep(timedelta(seconds=10))["adopted"] == 1
    return suite.finish(f"{incident}-x{run}")


def test_a_measure_whose_trouble_is_over_is_undone(suite: Suite) -> None:
    incident = holding(suite)
    assert ended(suite, incident, 1) == "SUCCEEDED"
    assert suite.incident(incident).state is State.RESOLVED
    assert estate.version_of("checkout") == "2"
    assert [record.kind.value for record in suite.records(incident)][-3:] == ["INTENT", "OUTCOME", "CLOSE"]


def test_a_measure_whose_trouble_goes_on_is_renewed_and_then_a_person_is_told(suite: Suite) -> None:
    incident = holding(suite, renew=1)
    estate.set_alarm("canary-checkout-errors", "ALARM")
    assert ended(suite, incident, 1) == "SUCCEEDED"
    assert (suite.incident(incident).state, suite.incident(incident).holds) == (State.HOLDING, 2)
    assert ended(suite, incident, 2) == "FAILED"
    assert suite.incident(incident).state is State.ESCALATED
    assert estate.version_of("checkout") == "1"
    assert "renewals" in suite.records(incident)[-1].body["reason"]
