"""The engine spends an event's retries on being throttled, then parks it; AWS puts it back and tries for six hours.

Lambda's developer guide, of asynchronous invocation: a throttled event returns to the queue, and the wait before it is
tried again grows from a second to five minutes. A burst must not park what no function has seen.
"""

import time
from contextvars import ContextVar
from typing import Any

from ministack.services import lambda_svc

KEPT_SECONDS = 21600.0
WAITS = lambda_svc._LAMBDA_ASYNC_RETRY_BASE_SECONDS, lambda_svc._LAMBDA_ASYNC_RETRY_MAX_SECONDS
"""The first wait and the longest; the engine's own, which its settings shorten for tests."""

QUEUED: ContextVar[float] = ContextVar("edsr-queued-until", default=0.0)
"""Until when the event that is being handled is kept; nothing for what is invoked otherwise."""


def install() -> None:
    invoke, execute = lambda_svc.invoke_async_with_retry, lambda_svc._execute_function

    def invoke_async_with_retry(func: dict[str, Any], event: dict[str, Any]) -> None:
        said = QUEUED.set(time.monotonic() + KEPT_SECONDS)  # the engine's thread begins with a copy of it
        try:
            invoke(func, event)
        finally:
            QUEUED.reset(said)

    def execute_function(func: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = execute(func, event)
        wait, longest = WAITS
        while result.get("throttle") and time.monotonic() + wait < QUEUED.get():
            time.sleep(wait)
            wait = min(2 * wait, longest)
            result = execute(func, event)
        return result

    lambda_svc.invoke_async_with_retry = invoke_async_with_retry
    lambda_svc._execute_function = execute_function
