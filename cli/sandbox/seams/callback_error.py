"""The engine ignores it when the function of a waitForTaskToken task raises, and waits; AWS fails the task at once."""

from types import FunctionType
from typing import Any

from ministack.services import stepfunctions


class Raised(Exception):
    """Carries the function's error past the place where the engine would swallow it."""

    def __init__(self, error: Any) -> None:
        self.error = error


def call_lambda(function: Any, event: Any) -> Any:
    try:
        return stepfunctions._call_lambda(function, event)
    except stepfunctions._ExecutionError as error:
        raise Raised(error) from error


def install() -> None:
    invoke = stepfunctions._invoke_with_callback

    def invoke_with_callback(resource: str, input_data: Any, token: str, state: Any) -> Any:
        loud = FunctionType(invoke.__code__, {**vars(stepfunctions), "_call_lambda": call_lambda})
        try:
            return loud(resource, input_data, token, state)
        except Raised as raised:
            stepfunctions._task_tokens.pop(token, None)
            raise raised.error from raised

    stepfunctions._invoke_with_callback = invoke_with_callback
