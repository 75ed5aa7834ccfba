"""The engine stores an alias' version weights and always runs its first version; AWS spreads invocations by weight."""

import random
from contextvars import ContextVar
from typing import Any

from ministack.services import lambda_svc

EXECUTED: ContextVar[dict[str, str] | None] = ContextVar("edsr_executed_version", default=None)


def drawn(weights: dict[str, float], first: str) -> str:
    rest = 1 - sum(weights.values())
    return random.choices([*weights, first], [*weights.values(), rest])[0]  # noqa: S311 - traffic, not a secret  # nosec B311


def version_of(config: dict[str, Any]) -> str | None:
    """The version to run when the invocation came through a weighted alias, else nothing."""
    function = lambda_svc._functions.get(config["FunctionName"]) or {}
    alias = function.get("aliases", {}).get(":".join(config["FunctionArn"].split(":")[7:])) or {}
    weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights")
    return drawn(weights, alias["FunctionVersion"]) if weights else None


def install() -> None:
    dispatch, invoke = lambda_svc._execute_function_dispatch, lambda_svc._invoke

    def execute_function_dispatch(func: Any, config: dict[str, Any], *rest: Any) -> Any:
        version = version_of(config)
        if version is None:
            return dispatch(func, config, *rest)
        record = lambda_svc._functions[config["FunctionName"]]["versions"][version]
        config = {**record["config"], "FunctionArn": config["FunctionArn"]}
        executed = EXECUTED.get()
        if executed is not None:
            executed["version"] = version
        return dispatch({**record, "config": config}, config, *rest)

    async def invoke_by_weight(*args: Any, **named: Any) -> Any:
        executed: dict[str, str] = {}
        EXECUTED.set(executed)  # the invocation runs in a thread with a copy of this context: same dictionary
        status, headers, body = await invoke(*args, **named)
        if "version" in executed:
            headers = {**headers, "X-Amz-Executed-Version": executed["version"]}
        return status, headers, body

    lambda_svc._execute_function_dispatch = execute_function_dispatch
    lambda_svc._invoke = invoke_by_weight
