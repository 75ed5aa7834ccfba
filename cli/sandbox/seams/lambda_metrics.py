"""The engine counts only direct invocations, by function, and no alarm looks; AWS counts all, by function and alias."""

import time
from typing import Any

from ministack.services import cloudwatch, lambda_svc


def dimensions(config: dict[str, Any]) -> list[dict[str, str]]:
    """The series one invocation belongs to, as AWS publishes them."""
    name, qualifier = config["FunctionName"], config["FunctionArn"].split(":")[7:]
    series = [{"FunctionName": name}, {"FunctionName": name, "Resource": ":".join([name, *qualifier])}]
    if qualifier and qualifier[0] != config.get("Version"):
        series.append({**series[1], "ExecutedVersion": config["Version"]})
    return series


def publish(config: dict[str, Any], failed: bool, seconds: float) -> None:
    values = {"Invocations": (1.0, "Count"), "Errors": (float(failed), "Count"), "Throttles": (0.0, "Count")}
    values["Duration"] = (seconds * 1000, "Milliseconds")
    for series in dimensions(config):
        for metric, (value, unit) in values.items():
            cloudwatch.record_metric("AWS/Lambda", metric, value, unit, series)


def evaluate(function: str) -> None:
    for alarm in list(cloudwatch._alarms.values()):
        named = {dimension["Value"] for dimension in alarm.get("Dimensions") or []}
        if alarm.get("Namespace") == "AWS/Lambda" and function in named:
            cloudwatch._evaluate_alarm(alarm)


def install() -> None:
    dispatch, emit = lambda_svc._execute_function_dispatch, lambda_svc._emit_lambda_metrics

    def execute_function_dispatch(func: Any, config: dict[str, Any], *rest: Any) -> dict[str, Any]:
        started = time.monotonic()
        result: dict[str, Any] = dispatch(func, config, *rest)
        publish(config, bool(result.get("error")), time.monotonic() - started)
        evaluate(config["FunctionName"])
        return result

    def emit_lambda_metrics(function_name: str, duration_ms: float, error: bool, throttle: bool) -> None:
        if throttle:  # all else is counted above
            emit(function_name, duration_ms, error, throttle)

    lambda_svc._execute_function_dispatch = execute_function_dispatch
    lambda_svc._emit_lambda_metrics = emit_lambda_metrics
