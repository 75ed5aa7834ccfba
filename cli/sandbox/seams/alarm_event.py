"""The engine tells EventBridge nothing when an alarm changes state, and says to the second when; AWS puts an event on
the default bus, with the alarm's own time."""

import json
import time
from datetime import UTC, datetime
from typing import Any

from ministack.services import cloudwatch, eventbridge

States = dict[str, dict[str, str]]  # alarm name -> the state last told


def moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "+0000")


def reason_data(alarm: dict[str, Any], now: float) -> str:
    data = {"version": "1.0", "queryDate": moment(now), "statistic": alarm.get("Statistic"), "period": alarm["Period"]}
    return json.dumps({**data, "threshold": alarm["Threshold"]}, separators=(",", ":"))


def configuration(alarm: dict[str, Any]) -> dict[str, Any]:
    if "AlarmRule" in alarm:
        return {"description": alarm.get("AlarmDescription", ""), "alarmRule": alarm["AlarmRule"]}
    metric = {
        "namespace": alarm["Namespace"],
        "name": alarm["MetricName"],
        "dimensions": {dimension["Name"]: dimension["Value"] for dimension in alarm.get("Dimensions") or []},
    }
    stat = {"metric": metric, "period": alarm["Period"], "stat": alarm.get("ExtendedStatistic") or alarm["Statistic"]}
    return {
        "description": alarm.get("AlarmDescription", ""),
        "metrics": [{"id": "m1", "metricStat": stat, "returnData": True}],
    }


def tell(alarm: dict[str, Any], old: str, told: States) -> None:
    """Put the event; `told` is what this alarm's last event said, so that the next one names it as the previous."""
    name, now = alarm["AlarmName"], round(time.time(), 3)
    alarm["StateTransitionedTimestamp"] = now  # to the millisecond what its event says
    state = {"value": alarm["StateValue"], "reason": alarm["StateReason"], "timestamp": moment(now)}
    if "Period" in alarm:
        state["reasonData"] = reason_data(alarm, now)
    created = alarm.get("AlarmConfigurationUpdatedTimestamp", now)
    unchecked = {"value": old, "reason": "Unchecked: Initial alarm creation", "timestamp": moment(created)}
    previous = told.get(name, unchecked)
    told[name] = state
    detail = {"alarmName": name, "state": state, "previousState": previous, "configuration": configuration(alarm)}
    entry = {
        "Source": "aws.cloudwatch",
        "DetailType": "CloudWatch Alarm State Change",
        "Detail": json.dumps(detail),
        "Resources": [alarm["AlarmArn"]],
    }
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


def install() -> None:
    record = cloudwatch._record_history
    told: States = {}

    def record_history(name: str, old: str, new: str, *rest: Any, **named: Any) -> None:
        record(name, old, new, *rest, **named)
        if old != new:
            tell(cloudwatch._alarms.get(name) or cloudwatch._composite_alarms[name], old, told)

    cloudwatch._record_history = record_history
