"""The engine's alarms keep their state for ever when data stops; AWS then does what TreatMissingData says."""

import threading
import time
from typing import Any

from ministack.services import cloudwatch

BECOMES = {"missing": "INSUFFICIENT_DATA", "notBreaching": "OK", "breaching": "ALARM"}


def has_data(alarm: dict[str, Any]) -> bool:
    dimensions = {dimension["Name"]: dimension["Value"] for dimension in alarm.get("Dimensions") or []}
    key = (alarm.get("Namespace"), alarm.get("MetricName"), cloudwatch._dims_key(dimensions))
    since = time.time() - alarm["Period"] * alarm["EvaluationPeriods"]
    points = list(cloudwatch._metrics.get(key) or ())  # others add to it meanwhile
    return any(point["Timestamp"] >= since for point in points)


def settle(alarm: dict[str, Any]) -> None:
    state = BECOMES.get(alarm.get("TreatMissingData") or "missing")
    if state in (None, alarm["StateValue"]) or has_data(alarm):
        return
    reason = f"No datapoints were received for {alarm['EvaluationPeriods']} periods: treated as {state}"
    change = {"AlarmName": alarm["AlarmName"], "StateValue": state, "StateReason": reason}
    cloudwatch._set_alarm_state({}, change, False, is_json=True)


def watch() -> None:
    while True:
        time.sleep(1)
        for alarm in list(cloudwatch._alarms.values()):
            if alarm.get("MetricName") and time.time() - alarm["StateUpdatedTimestamp"] > alarm["Period"]:
                settle(alarm)


def install() -> None:
    threading.Thread(target=watch, daemon=True, name="edsr-alarm-missing-data").start()
