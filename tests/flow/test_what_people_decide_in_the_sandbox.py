"""People in the sandbox: who is asked, who stops it, and what ends by itself, with the roles as they are deployed."""

import json
from typing import Any

import pytest

from cli import incidents
from cli.account import Account
from cli.estate import Estate
from cli.incidents import Told
from cli.route import ask, local
from edsr.model import Kind, State
from edsr.ports import utc_now
from edsr.protocol.controls import Engaged, engage
from tests.flow.deployed import ended, until

pytestmark = pytest.mark.sandbox


def released(account: Account, service: str, policy: str) -> Estate:
    """A bad release of a service that nobody calls: its alarm, which only a policy of this name takes, goes off when
    a test says so."""
    estate = Estate(account.client, service)
    estate.alarm_name = f"{policy}-{service}-errors"
    estate.make()
    estate.release()
    names = {"FunctionName": service, "Resource": f"{service}:live"}
    account.client("cloudwatch").put_metric_alarm(
        AlarmName=estate.alarm_name,
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Dimensions=[{"Name": name, "Value": value} for name, value in names.items()],
        Statistic="Sum",
        Period=1,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",
    )
    judge(account, estate, "OK")
    return estate


def judge(account: Account, estate: Estate, state: str) -> None:
    account.client("cloudwatch").set_alarm_state(AlarmName=estate.alarm_name, StateValue=state, StateReason="a test")


def standing(account: Account, service: str, state: State) -> Told:
    """A service's incident, once it is in a state."""

    def there() -> Told | None:
        ours = [one for one in incidents.every(account) if one.finding.subject.service == service]
        return incidents.one(account, ours[0].id) if ours and ours[0].state is state else None

    told: Told = until(there)
    return told


def invoked(account: Account, function: str, said: dict[str, Any]) -> Any:
    """What a deployed function answers."""
    answer = account.client("lambda").invoke(FunctionName=function, Payload=json.dumps(said).encode())
    told = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, told
    return told


def answered(account: Account, asked: Told, answer: str) -> Any:
    """A person's answer about the plan that stands."""
    said = {"inc": asked.incident.id, "digest": asked.incident.plan_digest, "answer": answer}
    return ask(account, "/answers", said, "ann")


def test_a_plan_waits_until_a_person_agrees_and_is_carried_out(account: Account) -> None:
    estate = released(account, "wares", "asked")
    judge(account, estate, "ALARM")
    asked = standing(account, "wares", State.ASKED)
    assert estate.version() == "2"
    assert answered(account, asked, "approve")["state"] == "APPROVED"
    until(lambda: estate.version() == "1")
    judge(account, estate, "OK")
    told = ended(account, "wares")
    assert (told.incident.state, estate.version()) == (State.RESOLVED, "1")
    assert [record.kind for record in told.records].count(Kind.APPROVAL) == 2


def test_a_no_ends_it_and_nothing_is_done(account: Account) -> None:
    estate = released(account, "reviews", "asked")
    judge(account, estate, "ALARM")
    asked = standing(account, "reviews", State.ASKED)
    assert answered(account, asked, "reject")["state"] == "REJECTED"
    told = ended(account, "reviews")
    assert (told.incident.state, estate.version()) == (State.ABORTED, "2")
    assert f"rejected by {local('ann')}" in told.records[-1].body["reason"]


def test_after_a_stop_in_the_middle_of_a_plan_its_second_step_is_not_taken(account: Account) -> None:
    index = released(account, "search-index", "both")
    estate = released(account, "search", "both")
    judge(account, estate, "ALARM")
    until(lambda: estate.version() == "1")
    engage(account.store, "service:search", Engaged("ann", "the index is being rebuilt"), utc_now)
    judge(account, estate, "OK")
    told = ended(account, "search")
    assert told.incident.state is State.ABORTED
    assert (estate.version(), index.version()) == ("1", "2")
    assert [record.body["step"] for record in told.records if record.kind is Kind.INTENT] == [1]
    assert "the kill switch is engaged (service:search)" in told.records[-1].body["reason"]


def test_a_temporary_measure_is_ended_by_the_sweep(account: Account) -> None:
    """By the clock's or by this test's, whichever comes first."""
    estate = released(account, "offers", "lasting")
    judge(account, estate, "ALARM")
    until(lambda: estate.version() == "1")
    judge(account, estate, "OK")
    held = standing(account, "offers", State.HOLDING).incident
    until(lambda: invoked(account, "edsr-sweep", {}) and incidents.one(account, held.id).ended)
    told = ended(account, "offers")
    assert (told.incident.state, estate.version()) == (State.RESOLVED, "2")
    assert [record.kind for record in told.records][-3:] == [Kind.INTENT, Kind.OUTCOME, Kind.CLOSE]
    machines = account.client("stepfunctions").list_state_machines()["stateMachines"]
    runs = account.client("stepfunctions").list_executions(stateMachineArn=machines[0]["stateMachineArn"])["executions"]
    assert {held.id, held.run_to_end} <= {run["name"] for run in runs}
