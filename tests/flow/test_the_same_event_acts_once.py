"""However often an event arrives, and however many incidents want one alias, one hand moves it once."""

from threading import Barrier, Thread

from edsr.model import Kind, State
from edsr.ports import utc_now
from edsr.times import iso
from tests import estate
from tests.flow.conftest import Suite


def test_the_same_event_ten_times_at_once_is_one_incident_and_one_change(suite: Suite) -> None:
    estate.set_alarm("canary-checkout-errors", "OK")
    at = iso(utc_now())
    incidents = {suite.alarm(at=at)["incident"] for _ in range(10)}
    messages = suite.messages(suite.findings)
    barrier = Barrier(len(messages))

    def take(n: int) -> None:
        barrier.wait()
        suite.decide([messages[n]])

    threads = [Thread(target=take, args=(n,)) for n in range(len(messages))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (incident,) = incidents
    assert suite.finish(incident) == "SUCCEEDED"
    assert suite.executions() == [incident]
    kinds = [record.kind for record in suite.records(incident)]
    assert kinds.count(Kind.INTENT) == kinds.count(Kind.OUTCOME) == kinds.count(Kind.DECISION) == 1
    assert estate.version_of("checkout") == "1"


def test_the_next_alarm_of_the_alias_waits_for_the_cooldown(suite: Suite) -> None:
    estate.set_alarm("canary-checkout-errors", "OK")
    first = suite.alarm()["incident"]
    suite.decide()
    assert suite.finish(first) == "SUCCEEDED"
    second = suite.alarm(at="2026-11-22T00:00:00Z")["incident"]
    suite.decide()
    third = suite.alarm()["incident"]
    suite.decide()
    assert len({first, second, third}) == 3
    assert {suite.incident(name).state for name in (second, third)} == {State.SUPPRESSED}
    reasons = [row["reason"] for row in suite.records(third)[0].body["decision"]["rows"] if not row["allowed"]]
    assert [reason.split(" s of ")[1] for reason in reasons] == ["the cooldown left"]
    assert suite.executions() == [first]


def test_a_policy_that_observes_writes_down_and_starts_nothing(suite: Suite) -> None:
    suite.rewrite(mode="observe")
    incident = suite.alarm()["incident"]
    suite.decide()
    assert suite.incident(incident).state is State.OBSERVED
    assert [record.kind for record in suite.records(incident)] == [Kind.DECISION]
    assert suite.executions() == []


def test_a_subject_that_nobody_knows_escalates_and_starts_nothing(suite: Suite) -> None:
    (suite.folder / "services" / "checkout.json").unlink()
    incident = suite.alarm()["incident"]
    suite.decide()
    assert suite.incident(incident).state is State.ESCALATED
    assert suite.executions() == []
