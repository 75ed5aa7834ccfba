"""The engine refuses a name that is running; AWS gives the running execution back when the input is the same too."""

from typing import Any

from ministack.core.responses import get_account_id, get_region, json_response
from ministack.services import stepfunctions


def running(data: dict[str, Any]) -> dict[str, Any] | None:
    machine = str(data.get("stateMachineArn")).split(":")[6]
    arn = f"arn:aws:states:{get_region()}:{get_account_id()}:execution:{machine}:{data.get('name')}"
    execution: dict[str, Any] = stepfunctions._executions.get(arn) or {}
    same = execution.get("status") == "RUNNING" and execution["input"] == data.get("input", "{}")
    return execution if same else None


def install() -> None:
    start = stepfunctions._start_execution

    def start_execution(data: dict[str, Any]) -> Any:
        execution = running(data)
        if execution is None:
            return start(data)
        return json_response({"executionArn": execution["executionArn"], "startDate": execution["startDate"]})

    stepfunctions._start_execution = start_execution
