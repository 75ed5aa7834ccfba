"""enrich-alert: what there was around an alarm is in the audit before it is marked, and in the page when it stands."""

from datetime import timedelta
from typing import Any

import pytest

import act.actuators.enrich_alert
from act.actuators.enrich_alert import apply
from edsr.aws.readers import cloudwatch_alarm
from edsr.errors import Gone
from edsr.policy import Library
from tests import estate
from tests.aws.conftest import Workshop, a_result, admitted
from tests.aws.hands import enrich_alert
from tests.aws.stand_ins import Trailed
from tests.estate import ACCOUNT, REGION
from tests.things import AT, a_playbook

ALARM = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:people-checkout-errors"
RELEASED = {
    "EventName": "UpdateAlias20150331",
    "Username": "ana",
    "EventTime": AT,
    "CloudTrailEvent": '{"requestParameters": {"functionName": "checkout", "name": "live"}}',
}
ELSEWHERE = RELEASED | {"CloudTrailEvent": '{"requestParameters": {"functionName": "basket"}}'}


@pytest.fixture
def alarm(aws: None) -> str:  # noqa: ARG001 - moto has to answer first
    estate.make_tables()
    return enrich_alert().target


def seen(*events: dict[str, Any]) -> list[str]:
    """What is told of the alarm."""
    with Trailed(*events).answering():
        evidence = cloudwatch_alarm.observe(lambda service, **_: estate.client(service), ALARM).evidence or {}
    context: list[str] = evidence["context"]
    return context


def test_it_tells_who_changed_what_the_alarm_watches_and_nothing_else(alarm: str) -> None:
    assert alarm == ALARM
    assert seen(RELEASED, ELSEWHERE)[1:] == ["2026-03-02T03:05:00.000Z UpdateAlias20150331 by ana"]
    assert seen(ELSEWHERE)[1].startswith("nothing that it watches was changed in 1:00:00 before")
    assert len(seen(*[RELEASED] * 20)) == 6


def test_it_looks_from_an_hour_before_the_alarm_changed(alarm: str) -> None:
    trail = Trailed()
    with trail.answering():
        cloudwatch_alarm.observe(lambda service, **_: estate.client(service), alarm)
    (asked,) = trail.asked
    assert asked["EndTime"] - asked["StartTime"] == timedelta(minutes=75)
    assert asked["LookupAttributes"] == [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}]


def test_it_tells_which_others_stand(alarm: str) -> None:
    assert seen()[0] == "in ALARM beside it: none"
    limit = {"EvaluationPeriods": 1, "Threshold": 0, "ComparisonOperator": "GreaterThanThreshold"}
    for n in range(7):
        about = {"Namespace": "Shop", "MetricName": "Errors", "Statistic": "Sum", "Period": 60}
        estate.client("cloudwatch").put_metric_alarm(AlarmName=f"a{n}", **about, **limit)
        estate.client("cloudwatch").set_alarm_state(AlarmName=f"a{n}", StateValue="ALARM", StateReason="so")
    assert alarm
    assert seen()[0] == "in ALARM beside it: a0, a1, a2, a3, a4 and 2 more"


def test_an_alarm_that_was_deleted_is_gone(alarm: str) -> None:
    estate.client("cloudwatch").delete_alarms(AlarmNames=[alarm.split(":")[-1]])
    with pytest.raises(Gone):
        seen()


def test_what_it_saw_is_in_the_intent_and_in_the_page(alarm: str, library: Library) -> None:
    steps = [{"action": "enrich-alert", "target": alarm, "with": {"case": "case-1"}}]
    playbook = a_playbook(parameters={}, stages=[{"steps": steps}])
    with Trailed(RELEASED).answering():
        shop: Workshop = admitted(library, estate.Clock(AT), playbook=playbook)
        shop.target, shop.handler = alarm, act.actuators.enrich_alert.handler
        assert shop.act()["status"] == "DONE"
    shop.end("ESCALATED", [a_result(judged="worse")])
    intent, last = shop.records()[-3], shop.records()[-1]
    assert intent.body["before"]["evidence"]["context"][1].endswith("UpdateAlias20150331 by ana")
    assert last.body["context"] == "in ALARM beside it: none; 2026-03-02T03:05:00.000Z UpdateAlias20150331 by ana"


def test_to_undo_takes_the_mark_away(alarm: str) -> None:
    cloudwatch = estate.client("cloudwatch")
    for case in ("case-1", None):
        apply(lambda service, **_: estate.client(service), alarm, {"case": case}, "", "")
        marks = [tag["Value"] for tag in cloudwatch.list_tags_for_resource(ResourceARN=alarm)["Tags"]]
        assert marks == ([case] if case else [])
