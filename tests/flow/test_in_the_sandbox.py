"""The whole suite in the sandbox: the same templates and bundles as on AWS, real alarms, real invocations."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli import demo, incidents, send
from cli.account import Account
from cli.estate import Estate, Traffic
from tests import estate as events
from tests.flow.deployed import about, edsr, ended, until

pytestmark = pytest.mark.sandbox

BROKEN = "def handle(event, context):\n    raise RuntimeError('broken')\n"


@pytest.fixture(scope="module")
def heard(account: Account) -> str:
    """A queue that hears every announcement, since its policy lets the rule in; gives its URL."""
    sqs, bus = account.client("sqs"), account.client("events")
    url = str(sqs.create_queue(QueueName="heard")["QueueUrl"])
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    rule = bus.put_rule(Name="everything", EventBusName="edsr", EventPattern='{"source": ["edsr"]}')["RuleArn"]
    let_in = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    let_in |= {"Resource": arn, "Condition": {"ArnLike": {"aws:SourceArn": rule}}}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Statement": [let_in]})})
    bus.put_targets(Rule="everything", EventBusName="edsr", Targets=[{"Id": "heard", "Arn": arn}])
    return url


@pytest.fixture(scope="module")
def shown(account: Account, heard: str) -> demo.Shown:
    """The demo, seen to its end."""
    del heard
    return demo.run(account, lambda _what, _why: None)


def test_a_real_alarm_rolls_a_real_release_back(account: Account, shown: demo.Shown) -> None:
    assert shown.told.incident.state == "RESOLVED"
    assert shown.version == "1"
    assert [record.kind for record in shown.told.records] == ["DECISION", "PLAN", "INTENT", "OUTCOME", "CLOSE"]
    assert account.client("lambda").get_alias(FunctionName="checkout", Name="live")["Description"] == "last-good=1"


def test_one_correlation_id_goes_from_the_first_record_to_the_last(shown: demo.Shown) -> None:
    ids = {record.body["correlation_id"] for record in shown.told.records}
    assert ids == {shown.told.incident.finding.correlation_id}


def test_every_record_is_exported_and_the_chain_is_intact(shown: demo.Shown) -> None:
    assert shown.checked.intact
    assert shown.checked.exported == shown.checked.records == 5


def test_what_is_recorded_is_announced_with_the_same_correlation_id(
    account: Account, shown: demo.Shown, heard: str
) -> None:
    said: list[dict[str, Any]] = []

    def all_of_it() -> bool:
        messages = account.client("sqs").receive_message(QueueUrl=heard, MaxNumberOfMessages=10).get("Messages", [])
        said.extend(json.loads(message["Body"]) for message in messages)
        return len(said) >= 4

    until(all_of_it)
    ours = {event["detail-type"]: event["detail"] for event in said}
    assert set(ours) == {"Decision Made", "Plan Drawn", "Step Done", "Incident Closed"}
    assert {detail["correlation_id"] for detail in ours.values()} == {shown.told.incident.finding.correlation_id}
    assert ours["Incident Closed"]["data"]["state"] == "RESOLVED"
    assert ours["Decision Made"]["data"]["finding"]["id"] == shown.told.incident.finding.id


def test_the_same_event_ten_times_at_once_changes_the_alias_once(account: Account) -> None:
    estate = Estate(account.client, "basket")
    estate.make()
    estate.release()
    event = about("basket", send.as_of_now(events.event("cloudwatch/canary-alarm")))
    with Traffic(account.client("lambda"), "basket"):
        assert send.send(account, event, times=10) == ["lambda-canary-rollback"]
        until(lambda: estate.version() == "1")
        ended(account, "basket")
    # The estate's own alarm may fire as well while version 2 is live: that is another episode, and it must not act.
    ours = [one for one in incidents.every(account) if one.finding.subject.service == "basket"]
    acted = [one for one in ours if any(record.kind == "INTENT" for record in incidents.one(account, one.id).records)]
    assert len(acted) == 1
    steps = account.store.partition("state", f"INC#{acted[0].id}")
    assert [(item["st"], item["attempt"]) for item in steps if item["sk"].startswith("STEP#")] == [("DONE", 1)]
    lock = account.scan(
        "edsr-state", FilterExpression="begins_with(pk, :lock)", ExpressionAttributeValues={":lock": {"S": "LCK#"}}
    )
    fences = {item["pk"]["S"].rsplit(":function:")[1]: item["fence"]["N"] for item in lock}
    assert fences["basket:live"] == "1"


def test_a_probe_that_never_turns_better_holds_escalates_and_fails_the_execution(account: Account) -> None:
    estate = Estate(account.client, "orders", (BROKEN, BROKEN))
    estate.make()
    estate.release()
    with Traffic(account.client("lambda"), "orders"):
        told = ended(account, "orders")
    assert told.incident.state == "ESCALATED"
    assert told.records[-1].body["reason"] == "not better: canary-orders-errors is ALARM"
    assert estate.version() == "1", "what was done is held"
    machines = account.client("stepfunctions").list_state_machines()["stateMachines"]
    arn = machines[0]["stateMachineArn"].replace(":stateMachine:", ":execution:") + f":{told.incident.id}"
    execution = until(
        lambda: (
            (said := account.client("stepfunctions").describe_execution(executionArn=arn))["status"] != "RUNNING"
            and said
        )
    )
    assert (execution["status"], execution["error"]) == ("FAILED", "Escalated")


def test_an_event_that_lacks_what_is_needed_is_quarantined_with_the_reason(account: Account) -> None:
    send.send(account, events.event("cloudwatch/canary-alarm-without-timestamp"))
    sqs = account.client("sqs")
    queue = sqs.get_queue_url(QueueName="edsr-quarantine")["QueueUrl"]
    (message,) = until(lambda: sqs.receive_message(QueueUrl=queue).get("Messages"))
    assert json.loads(message["Body"])["reason"] == "the event lacks detail.state.timestamp"


def test_an_old_alarm_is_only_written_down(account: Account) -> None:
    send.send(account, about("ledger", events.event("cloudwatch/canary-alarm")))
    (new,) = until(lambda: [one for one in incidents.every(account) if one.finding.subject.service == "ledger"])
    assert new.state == "OBSERVED"


def test_a_tampered_record_is_named_and_the_exit_code_says_so(account: Account, shown: demo.Shown, home: Path) -> None:
    whole = edsr(home, "audit", "verify")
    assert whole.returncode == 0, whole.stdout + whole.stderr
    table, key = account.client("dynamodb"), {"pk": {"S": f"INC#{shown.told.incident.id}"}, "seq": {"N": "3"}}
    genuine = table.get_item(TableName="edsr-audit", Key=key)["Item"]
    table.put_item(TableName="edsr-audit", Item=genuine | {"actor": {"S": "nobody"}})
    broken = edsr(home, "audit", "verify")
    table.put_item(TableName="edsr-audit", Item=genuine)
    assert broken.returncode == 1
    assert f"{shown.told.incident.id} record 3" in broken.stdout
