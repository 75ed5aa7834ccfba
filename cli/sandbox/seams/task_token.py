"""The engine judges an answer to a task that waits by `*`, for its token names no machine; AWS by the machine's ARN."""

import copy
from contextvars import ContextVar
from typing import Any

from ministack import app
from ministack.core import iam_actions
from ministack.services import stepfunctions

MACHINE: ContextVar[str] = ContextVar("edsr_machine", default="")
TOKENS: dict[str, str] = {}
"""The machine of every token there ever was: AWS knows also whose one was that is spent."""
KEPT = "edsr_tokens"


def machine_of(body: bytes) -> str:
    """The machine that gave out the token of a request; empty where there is none."""
    return TOKENS.get(iam_actions._safe_json_field(body, "taskToken"), "")


def keep() -> None:
    """An engine that is restarted knows its tokens still."""
    get_state, load = stepfunctions.get_state, stepfunctions.load_persisted_state

    def load_with_tokens(data: dict[str, Any]) -> None:
        TOKENS.update(data.pop(KEPT, {}))
        load(data)

    stepfunctions.get_state = lambda: {**get_state(), KEPT: copy.deepcopy(TOKENS)}
    stepfunctions.load_persisted_state = load_with_tokens


def install() -> None:
    if not app.AUTH:
        return
    run, wait, resource_of = (
        stepfunctions._run_execution,
        stepfunctions._invoke_with_callback,
        iam_actions.extract_resource_arn,
    )

    def run_execution(arn: str) -> None:
        MACHINE.set((stepfunctions._executions.get(arn) or {}).get("stateMachineArn", ""))
        run(arn)

    def invoke_with_callback(resource: str, input_data: Any, token: str, state: Any) -> Any:
        TOKENS[token] = MACHINE.get()
        return wait(resource, input_data, token, state)

    def extract_resource_arn(service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any) -> str:
        named = machine_of(body) if service == "states" else ""
        return named or str(resource_of(service, method, path, headers, body, *rest))

    stepfunctions._run_execution, stepfunctions._invoke_with_callback = run_execution, invoke_with_callback
    iam_actions.extract_resource_arn = extract_resource_arn
    keep()
