"""The engine's alarms look at every series of a metric's name; on AWS only at the one with the alarm's dimensions."""

import threading
from types import FunctionType
from typing import Any

from ministack.services import cloudwatch


def install() -> None:
    evaluate = cloudwatch._evaluate_alarm
    one_at_a_time = threading.RLock()  # two invocations ending at once would both report the same change

    def evaluate_alarm(alarm: dict[str, Any]) -> None:
        """Run the engine's own evaluation with a view of the metrics that holds this alarm's series alone."""
        dimensions = {dimension["Name"]: dimension["Value"] for dimension in alarm.get("Dimensions") or []}
        key = (alarm.get("Namespace"), alarm.get("MetricName"), cloudwatch._dims_key(dimensions))
        series = {key: list(cloudwatch._metrics.get(key) or ())}
        with one_at_a_time:
            FunctionType(evaluate.__code__, {**vars(cloudwatch), "_metrics": series})(alarm)

    cloudwatch._evaluate_alarm = evaluate_alarm
