"""Alarms that are in ALARM, each as the event of its last change of state."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from edsr.declare import Permission, Poll
from edsr.model import Finding
from edsr.times import iso
from sweep.ask import Ask, Event, event

POLL = Poll(
    id="alarms",
    source="cloudwatch",
    title="every metric and composite alarm that is in ALARM",
    detail_types=("CloudWatch Alarm State Change",),
    minutes=1,
    calls=120,
    level=True,
    permissions=(
        Permission(
            actions=("cloudwatch:DescribeAlarms",),
            on="*",
            reason="Composite alarms are shown only to who may describe every alarm; it changes nothing",
        ),
    ),
)

KINDS = ["MetricAlarm", "CompositeAlarm"]
AT_ONCE = 100
"""Alarms that CloudWatch describes in one call."""


def standing(ask: Ask) -> Iterator[Event]:
    """The alarms, as the bus told of them when they went into ALARM. One that is suppressed stands again when it is not
    suppressed any more: its detector would ignore it now, and it would not be shown twice."""
    for page in ask.pages("cloudwatch", "describe_alarms", StateValue="ALARM", AlarmTypes=KINDS, MaxRecords=AT_ONCE):
        for alarm in [*page.get("MetricAlarms", ()), *page.get("CompositeAlarms", ())]:
            if not alarm.get("ActionsSuppressedBy"):
                yield _event(alarm)


def over(ask: Ask, findings: list[Finding]) -> Iterator[tuple[Finding, Event]]:
    """Of the alarms that incidents tell of, those that are OK by now. One that is gone, or has no data, is not well."""
    waiting = defaultdict(list)
    for found in findings:
        if found.condition == found.evidence.get("alarm"):  # a contributor of a query has no state that can be asked
            waiting[str(found.evidence.get("alarm_arn"))].append(found)
    names = sorted({arn.split(":", 6)[-1] for arn in waiting})
    for begin in range(0, len(names), AT_ONCE):
        some = names[begin : begin + AT_ONCE]
        for page in ask.pages(
            "cloudwatch", "describe_alarms", AlarmNames=some, StateValue="OK", AlarmTypes=KINDS, MaxRecords=AT_ONCE
        ):
            for alarm in [*page.get("MetricAlarms", ()), *page.get("CompositeAlarms", ())]:
                yield from ((found, _event(alarm)) for found in waiting[alarm["AlarmArn"]])


def _event(alarm: dict[str, Any]) -> Event:
    """The change's own time is the episode: StateTransitionedTimestamp. StateUpdatedTimestamp moves, too, when only the
    evaluation changes, and stands in where there is no other."""
    since: datetime = alarm.get("StateTransitionedTimestamp") or alarm["StateUpdatedTimestamp"]
    state = {"value": alarm["StateValue"], "reason": alarm.get("StateReason", ""), "timestamp": _moment(since)}
    if alarm.get("StateReasonData"):
        state["reasonData"] = alarm["StateReasonData"]
    detail = {"alarmName": alarm["AlarmName"], "state": state, "configuration": _configuration(alarm)}
    return event("aws.cloudwatch", POLL.detail_types[0], alarm["AlarmArn"], since, detail)


def _moment(at: datetime) -> str:
    """`2019-10-02T17:04:40.985+0000`, as CloudWatch writes it in its events."""
    return iso(at).replace("Z", "+0000")


def _configuration(alarm: dict[str, Any]) -> dict[str, Any]:
    described = {"description": alarm["AlarmDescription"]} if alarm.get("AlarmDescription") else {}
    if "AlarmRule" in alarm:
        suppressor = alarm.get("ActionsSuppressor")
        return {
            **described,
            "alarmRule": alarm["AlarmRule"],
            **({"actionsSuppressor": suppressor} if suppressor else {}),
        }
    queries = [_query(query) for query in alarm.get("Metrics") or ()]
    return {**described, "metrics": queries or [{"id": "m1", "metricStat": _stat(alarm, alarm), "returnData": True}]}


def _query(query: dict[str, Any]) -> dict[str, Any]:
    """A metric or an expression of an alarm that is computed from several."""
    said: dict[str, Any] = {"id": query["Id"], "returnData": query.get("ReturnData", True)}
    if "MetricStat" in query:
        return {**said, "metricStat": _stat(query["MetricStat"]["Metric"], query["MetricStat"])}
    known = {"expression": query.get("Expression"), "label": query.get("Label")}
    return {**said, **{name: value for name, value in known.items() if value is not None}}


def _stat(metric: dict[str, Any], how: dict[str, Any]) -> dict[str, Any]:
    """A simple alarm says all of it itself; a query says what is measured apart from how."""
    dimensions = {dimension["Name"]: dimension["Value"] for dimension in metric.get("Dimensions") or ()}
    stat = how.get("Stat") or how.get("Statistic") or how.get("ExtendedStatistic")
    measured = {"namespace": metric.get("Namespace"), "name": metric.get("MetricName"), "dimensions": dimensions}
    return {"metric": measured, "period": how.get("Period"), "stat": stat}
